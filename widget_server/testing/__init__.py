"""For those who write drivers and plug-ins: the contracts, as tests to inherit from. Needs pytest."""

from __future__ import annotations

from widget_server.testing.checks import CheckContract
from widget_server.testing.database import CONTRACT, DatabaseContract
from widget_server.testing.notifiers import NotifierContract
from widget_server.testing.widgets import WidgetContract

__all__ = ["CONTRACT", "CheckContract", "DatabaseContract", "NotifierContract", "WidgetContract"]
