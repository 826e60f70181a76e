"""The check contract and the review: each check gives an opinion, the strictest verdict stands, all reasons are kept.

A check imports `widget_server.vocabulary`, `widget_server.errors` and this module, and nothing else of the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from widget_server.vocabulary import OnCheckFailure, PersonKind, Review, Site, Subject, Verdict

STRICTNESS = (Verdict.PUBLISH, Verdict.HOLD, Verdict.REJECT)

REASON = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")

MOST_REASONS = 8
"""Reasons of one opinion."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A text under review, new or put in place of another, with all that a check may know of it."""

    site: Site
    subject: Subject
    widget: str
    """With which it was written, for instance `comments`."""
    text: str
    """As it was typed, Markdown, without what nobody could read."""
    name: str
    """Under which it is written; empty: none."""
    person: PersonKind
    is_edit: bool
    has_published: bool
    """Whether a text of this person was let through before, and still stands on the site."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the site chose of the check's settings, and the defaults of all else."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A check's part of the verdict; None: no objection.

    Each reason is a short word for programs: up to 60 of a-z, 0-9, `_`, `.` and `-`, and there are at most 8.
    """

    verdict: Verdict | None = None
    reasons: tuple[str, ...] = ()


class Check(Protocol):
    """One question asked of every text that somebody writes or edits, but for moderators' own.

    It may take its time, up to `plugin_seconds`, and may ask another service: it runs on threads of its own, beside
    the other checks, before anything is written. A check that may be set has `settings: Mapping[str, Setting]` besides,
    and perhaps `check_settings(values)`, which raises `FieldInvalid` for values that do not go together.
    """

    name: str
    version: str
    title: str

    def opinion(self, submission: Submission) -> Opinion:
        """What this check thinks of a text.

        Where it raises, takes too long or gives back anything else, the site's setting `on_check_failure` says
        whether the text is held or passes.
        """
        ...


class OwnCheck(Protocol):
    """A check that comes with the server: it is asked within the transaction, so it is quick and pure."""

    name: str

    def opinion(self, submission: Submission) -> Opinion:
        """What this check thinks of a text."""
        ...


def review(submission: Submission, checks: Iterable[OwnCheck], given: Sequence[Opinion] = ()) -> Review:
    """The verdict over a text: the strictest of all, with the reasons of every check."""
    opinions = [*(check.opinion(submission) for check in checks), *given]
    verdicts = [opinion.verdict for opinion in opinions if opinion.verdict is not None]
    strictest = max(verdicts, key=STRICTNESS.index, default=Verdict.PUBLISH)
    return Review(strictest, tuple(reason for opinion in opinions for reason in opinion.reasons))


def sound_opinion(opinion: object) -> Opinion:
    """The opinion, if it is one: raises `TypeError` or `ValueError` for anything else."""
    if not isinstance(opinion, Opinion):
        message = f"{type(opinion).__name__} is no opinion."
        raise TypeError(message)
    verdict: object = opinion.verdict
    reasons: object = opinion.reasons
    if not isinstance(verdict, Verdict | None):
        message = f"{type(verdict).__name__} is no verdict."
        raise TypeError(message)
    if not isinstance(reasons, tuple) or not all(isinstance(each, str) for each in reasons):
        message = "The reasons of an opinion are a tuple of texts."
        raise TypeError(message)
    if len(reasons) > MOST_REASONS or not all(REASON.fullmatch(each) for each in reasons):
        message = f"An opinion has at most {MOST_REASONS} reasons, each of a-z, 0-9, `_`, `.` and `-`."
        raise ValueError(message)
    return opinion


def named(check: str, opinion: Opinion) -> Opinion:
    """The opinion as the record keeps it: each reason says whose it is, and a verdict has one."""
    objects = opinion.verdict in {Verdict.HOLD, Verdict.REJECT}
    reasons = opinion.reasons or ((str(opinion.verdict),) if objects else ())
    return Opinion(opinion.verdict, tuple(f"{check}:{reason}" for reason in reasons))


def failed(check: str, wish: OnCheckFailure) -> Opinion:
    """What stands in place of an opinion that a check failed to give."""
    verdict = Verdict.HOLD if wish is OnCheckFailure.HOLD else None
    return Opinion(verdict, (f"check_failed:{check}",))
