"""May it be seen: an ordered list of checks, each with a partial opinion."""
