"""Our widgets come in by the public door, and keep to the contract that everybody's keep to."""

from __future__ import annotations

import pytest

from tests.pins import Pins
from tests.wave import Wave
from tests.word import Word
from widget_server.moderation.pipeline import Check
from widget_server.testing import CheckContract, WidgetContract
from widget_server.widgets.base import Widget
from widget_server.widgets.claps import Claps
from widget_server.widgets.comments import Comments
from widget_server.widgets.count import Count
from widget_server.widgets.like import Like
from widget_server.widgets.passages import Passages
from widget_server.widgets.poll import Poll
from widget_server.widgets.rating import Rating
from widget_server.widgets.reactions import Reactions
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


class TestReactions(WidgetContract):
    """A choice of emoji."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Reactions()


class TestClaps(WidgetContract):
    """An amount up to a cap."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Claps()


class TestComments(WidgetContract):
    """A thread."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Comments()


class TestPins(WidgetContract):
    """A widget with a table of its own."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Pins()


class TestWave(WidgetContract):
    """A widget with settings of every kind."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Wave()


class TestWord(CheckContract):
    """A check with a setting."""

    @pytest.fixture
    def check(self) -> Check:
        return Word()


class TestPoll(WidgetContract):
    """A question."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Poll()


class TestRating(WidgetContract):
    """Stars, and what people say besides."""

    @pytest.fixture
    def widget(self) -> Widget:
        return Rating()


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
