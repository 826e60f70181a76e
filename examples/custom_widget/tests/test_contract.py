"""The widget keeps to the contract that every widget keeps to."""

from __future__ import annotations

from widget_server.testing import WidgetContract


class TestAtlas(WidgetContract):
    """All of the contract's tests, with the widget of conftest.py."""
