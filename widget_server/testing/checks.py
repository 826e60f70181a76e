"""What every check keeps to, as tests that a check's own test class inherits."""

from __future__ import annotations

import inspect

import pytest

from widget_server.errors import FieldInvalid
from widget_server.fields import chosen_of, schema_fault
from widget_server.moderation.pipeline import Check, Submission, sound_opinion
from widget_server.testing.sources import foreign
from widget_server.testing.widgets import SITE
from widget_server.vocabulary import PersonKind, Subject
from widget_server.widgets.base import schema_of, settings_of

ODD = (
    "",
    " ",
    "Hello",
    "x" * 20_000,
    "https://example.com " * 500,
    "\u202e\u0000\ufffd",
    "👩‍👩‍👧‍👦" * 100,
    "[" * 10_000,
    "<script>alert(1)</script>",
    "a\n" * 5_000,
)
"""Texts on which a check may stumble."""


class CheckContract:
    """Inherit from it and override `check`; no test may be overridden away."""

    @pytest.fixture
    def check(self) -> Check:
        """The check under test."""
        raise NotImplementedError

    def test_it_says_who_it_is(self, check: Check) -> None:
        """Its name can stand in a reason and in an address."""
        assert check.name.isascii()
        assert check.name.replace("-", "").isalnum()
        assert check.name == check.name.lower()
        assert check.title
        assert check.version

    def test_it_uses_the_public_modules_alone(self, check: Check) -> None:
        """So that nothing else of the server can change under it."""
        module = inspect.getmodule(type(check))
        assert module is not None
        assert foreign(module, "widget_server.moderation.pipeline") == []

    def test_its_settings_are_sound(self, check: Check) -> None:
        """Each has a kind and a default that fits, and the defaults go together."""
        schema = schema_of(check)
        assert schema_fault(schema) == ""
        assert chosen_of(check, {}, {}) == {}

    @pytest.mark.parametrize("text", ODD, ids=lambda text: repr(text[:20]))
    def test_it_has_an_opinion_of_every_text(self, check: Check, text: str) -> None:
        """New or edited, by somebody known or not, and the same one when it is asked again."""
        for is_edit in (False, True):
            for has_published in (False, True):
                submission = Submission(
                    site=SITE,
                    subject=Subject(SITE.id, "blog.example/post", "https://blog.example/post", "A post"),
                    widget="comments",
                    text=text,
                    name="",
                    person=PersonKind.GUEST,
                    is_edit=is_edit,
                    has_published=has_published,
                    settings=settings_of(check, SITE),
                )
                first, second = (sound_opinion(check.opinion(submission)) for _ in range(2))
                assert first == second

    def test_a_setting_that_it_does_not_have_is_refused(self, check: Check) -> None:
        """With a sentence, and not with an error of its own."""
        with pytest.raises(FieldInvalid):
            chosen_of(check, {}, {"no_such_setting_at_all": "x"})
