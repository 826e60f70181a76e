"""What every notifier keeps to, as tests that a notifier's own test class inherits."""

from __future__ import annotations

import inspect

import pytest

from widget_server.fields import chosen_of, schema_fault
from widget_server.ids import uuid7
from widget_server.notify.base import Notice, Notifier
from widget_server.testing.sources import foreign
from widget_server.testing.widgets import NOW, SITE
from widget_server.vocabulary import Interaction, Status, Subject, Verdict
from widget_server.widgets.base import schema_of, settings_of


class NotifierContract:
    """Inherit from it and override `notifier`; no test may be overridden away."""

    @pytest.fixture
    def notifier(self) -> Notifier:
        """The notifier under test."""
        raise NotImplementedError

    def test_it_says_who_it_is(self, notifier: Notifier) -> None:
        """Its name can stand in an address, and what it hears of is named by words."""
        assert notifier.name.isascii()
        assert notifier.name.replace("-", "").isalnum()
        assert notifier.name == notifier.name.lower()
        assert notifier.title
        assert notifier.version
        assert not isinstance(notifier.kinds, str)
        assert all(notifier.kinds)

    def test_it_uses_the_public_modules_alone(self, notifier: Notifier) -> None:
        """So that nothing else of the server can change under it."""
        module = inspect.getmodule(type(notifier))
        assert module is not None
        assert foreign(module, "widget_server.notify.base") == []

    def test_its_settings_are_sound(self, notifier: Notifier) -> None:
        """Each has a kind and a default that fits, and the defaults go together."""
        schema = schema_of(notifier)
        assert schema_fault(schema) == ""
        assert chosen_of(notifier, {}, {}) == {}

    def test_a_site_that_has_set_nothing_hears_nothing_of_it(self, notifier: Notifier) -> None:
        """Whoever installs a notifier has not said yet where it should tell: it passes over what it is told."""
        for kind in sorted(notifier.kinds) or ["comment", "like"]:
            notifier.notify(a_notice(notifier, kind))


def a_notice(notifier: Notifier, kind: str = "comment", **settings: object) -> Notice:
    """A notice of a comment, with the notifier's default settings but for those that are given."""
    subject = Subject(SITE.id, "blog.example/post", "https://blog.example/post", "A post")
    interaction = Interaction(
        site=SITE.id,
        id=uuid7(NOW),
        at=NOW,
        subject=subject.key,
        widget="comments",
        kind=kind,
        person=uuid7(NOW),
        verdict=Verdict.PUBLISH,
        reasons=(),
        data={},
    )
    return Notice(
        site=SITE,
        subject=subject,
        interaction=interaction,
        name="Charlie",
        text="Hello *there*",
        status=Status.PUBLISHED,
        settings={**settings_of(notifier, SITE), **settings},
    )
