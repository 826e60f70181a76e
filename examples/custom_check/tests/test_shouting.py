"""The check keeps to the contract of every check, and holds what is shouted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from widget_server.moderation.pipeline import Opinion, Submission
from widget_server.testing import CheckContract
from widget_server.vocabulary import PersonKind, Site, SiteSettings, Subject, Verdict

from transom_shouting import Shouting

HELD = Opinion(Verdict.HOLD, ("capitals",))
SUBMISSION = Submission(
    site=Site("blog", "Blog", (), SiteSettings(), 0),
    subject=Subject("blog", "post"),
    widget="comments",
    text="",
    name="",
    person=PersonKind.GUEST,
    is_edit=False,
    has_published=False,
    settings={"share": 80, "letters": 12},
)


class TestShouting(CheckContract):
    """All of the contract's tests."""

    @pytest.fixture
    def check(self) -> Shouting:
        """The check under test."""
        return Shouting()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("THIS IS AN OUTRAGE!!!", HELD),
        ("ДАЙТЕ ЖАЛОБНУЮ КНИГУ", HELD),
        ("This is an outrage!", Opinion()),
        ("NATO AND OK", Opinion()),
        ("これは大変だ、とても大変だ", Opinion()),
        ("See `MAX_CONNECTIONS_PER_HOST` and HTTPS://EXAMPLE.COM/README there.", Opinion()),
        ("", Opinion()),
    ],
)
def test_what_is_shouted_is_held(text: str, expected: Opinion) -> None:
    assert Shouting().opinion(replace(SUBMISSION, text=text)) == expected


def test_the_site_says_from_when_on() -> None:
    text = replace(SUBMISSION, text="Half OF this SHOUTS a LITTLE")

    assert Shouting().opinion(text) == Opinion()
    assert Shouting().opinion(replace(text, settings={"share": 50, "letters": 1})) == HELD
