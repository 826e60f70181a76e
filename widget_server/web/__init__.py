"""Over HTTP: handlers parse, call one thing, and render."""
