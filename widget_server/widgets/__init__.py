"""What can be done: one folder a widget, each pure, each found through the entry point `transom.widgets`."""
