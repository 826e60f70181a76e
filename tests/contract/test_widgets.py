"""Our widgets come in by the public door, and keep to the contract that everybody's keep to."""

from __future__ import annotations

import pytest

from widget_server.testing import WidgetContract
from widget_server.widgets.base import Widget
from widget_server.widgets.comments import Comments
from widget_server.widgets.count import Count
from widget_server.widgets.like import Like
from widget_server.widgets.passages import Passages
from widget_server.widgets.share import Share


class TestLike(WidgetContract):
    """A like."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Like()


class TestCount(WidgetContract):
    """A number of comments."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Count()


class TestComments(WidgetContract):
    """A thread."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Comments()


class TestShare(WidgetContract):
    """A share."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Share()


class TestPassages(WidgetContract):
    """Passages of a text."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Passages()
