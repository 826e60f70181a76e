"""A sample site: a page that was made without Transom, and a conversation to begin with."""
