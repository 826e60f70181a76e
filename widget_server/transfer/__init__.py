"""Moving house: readers of other systems' exports, and the one way their comments come in."""

from __future__ import annotations

from widget_server.transfer.importing import import_file, parse_moves, readers
from widget_server.transfer.records import ImportedComment, ImportedPage, Item, Progress, Reader, Skipped
from widget_server.transfer.report import Report

__all__ = [
    "ImportedComment",
    "ImportedPage",
    "Item",
    "Progress",
    "Reader",
    "Report",
    "Skipped",
    "import_file",
    "parse_moves",
    "readers",
]
