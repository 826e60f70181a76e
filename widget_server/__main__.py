"""`python -m widget_server`: the command, where it is not on the path."""

from __future__ import annotations

from widget_server.cli import main

if __name__ == "__main__":
    main(prog_name="transom")
