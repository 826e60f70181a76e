"""The review: each check gives an opinion; the first decisive verdict stands, and all reasons are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from widget_server.vocabulary import Review, Site, Subject, Verdict


@dataclass(frozen=True, slots=True)
class Facts:
    """What a check may know of a person besides the text."""

    has_published: bool
    """A comment of this person stands on the site."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A text under review: new, or put in place of another."""

    site: Site
    subject: Subject
    text: str
    name: str
    is_edit: bool
    facts: Facts


@dataclass(frozen=True, slots=True)
class Opinion:
    """A check's part of the verdict; None: no opinion."""

    verdict: Verdict | None = None
    reasons: tuple[str, ...] = ()


class Check(Protocol):
    """One question asked of every text."""

    name: str

    def opinion(self, submission: Submission) -> Opinion:
        """What this check thinks of a text."""
        ...


def review(submission: Submission, checks: Sequence[Check]) -> Review:
    """The verdict over a text, with the reasons of every check."""
    opinions = [check.opinion(submission) for check in checks]
    decisive = next((opinion.verdict for opinion in opinions if opinion.verdict is not None), Verdict.PUBLISH)
    return Review(decisive, tuple(reason for opinion in opinions for reason in opinion.reasons))
