"""The question of a poll: its options, its versions, and what may be done with it. No statement is asked here."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from widget_server.errors import Conflict, FieldInvalid, NotFound, WindowClosed
from widget_server.vocabulary import Row, Statement, sql

LONGEST_QUESTION = 300
LONGEST_OPTION = 200
MOST_OPTIONS = 20
MOST_EVER = 200
"""Options over all versions of a question."""

SINGLE, SEVERAL = "single", "several"
BEFORE, AFTER = "before", "after"
"""When the result is shown: to everybody, or to those who have voted, and to all in the end."""

CHANGED = "The poll was changed meanwhile. Please load the page again, look at it, and vote then."

UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Option:
    """What one can choose; `gone`: not any more."""

    id: str
    text: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One version of what is asked."""

    version: int
    text: str
    options: tuple[Option, ...]
    kind: str = SINGLE
    closes: int | None = None
    results: str = BEFORE
    withdrawn: bool = False

    @property
    def offered(self) -> Sequence[Option]:
        """The options that can be chosen."""
        return [option for option in self.options if not option.gone]

    def is_open(self, now: int) -> bool:
        """Whether one can vote."""
        return not self.withdrawn and (self.closes is None or now < self.closes)


def asked(fields: Mapping[str, Any], before: Question | None, now: int) -> Question:
    """The question of a form, as the version after the one before; an option with a known text keeps its id.

    Raises `FieldInvalid` for texts with nothing to read or twice the same, and for a time that is over.
    """
    texts = [_line(text) for text in fields["options"]]
    question, closes = _line(fields["question"]), fields.get("closes")
    is_over = before is not None and not before.is_open(now)
    if not question or not all(texts) or len(set(texts)) < len(texts):
        message = "A poll has a question, and options that differ and can be read."
        raise FieldInvalid(message, field="options" if question else "question")
    if closes is not None and closes <= now and not is_over:  # what is over may stay so
        message = "The time at which a poll closes lies ahead."
        raise FieldInvalid(message, field="closes")
    return Question(
        version=before.version + 1 if before else 1,
        text=question,
        options=_options(texts, before.options if before else ()),
        kind=SEVERAL if fields.get("several") else SINGLE,
        closes=closes,
        results=fields.get("results") or BEFORE,
    )


def changed(action: str, fields: Mapping[str, Any], before: Question | None, now: int) -> Question:
    """The version that an action of a moderator makes; raises what says why there is none."""
    if action == "ask" and (before is None or before.withdrawn):
        return asked(fields, before, now)
    if before is None:
        message = "Nothing was asked here yet."
        raise NotFound(message)
    following = replace(before, version=before.version + 1)
    match action:
        case "ask":
            message = "There is a poll on this subject already; change that one, or name another subject."
            raise Conflict(message)
        case "change":
            return replace(asked(fields, before, now), withdrawn=before.withdrawn)
        case "reword":
            return replace(following, options=_reworded(before, fields["option"], _line(fields["text"])))
        case "close" if before.is_open(now):
            return replace(following, closes=now)
        case "reopen" if not before.is_open(now):
            closes = fields.get("closes")
            if closes is None or closes > now:
                return replace(following, closes=closes, withdrawn=False)
            message = "The time at which a poll closes lies ahead."
            raise FieldInvalid(message, field="closes")
        case "withdraw" if not before.withdrawn:
            return replace(following, withdrawn=True)
        case _:
            message = "It is so already; look again."
            raise Conflict(message)


def chosen(
    newest: Question | None, seen: Question | None, choice: Sequence[str], now: int
) -> tuple[str, ...]:
    """The ids of the options that somebody votes for who has `seen` a version.

    Raises `NotFound` where nothing is asked, `WindowClosed` after the end, `Conflict` where what was seen is not what
    is asked now, and `FieldInvalid`.
    """
    if newest is None or newest.withdrawn:
        message = "There is no poll here."
        raise NotFound(message)
    if not newest.is_open(now):
        message = "This poll is closed."
        raise WindowClosed(message)
    wanted = tuple(dict.fromkeys(choice))
    texts = {option.id: option.text for option in newest.offered}
    was = {option.id: option.text for option in seen.offered} if seen else texts
    if any(each not in was for each in wanted):
        message = "There is no such option in this poll."
        raise FieldInvalid(message)
    if (seen and seen.text != newest.text) or any(texts.get(each) != was[each] for each in wanted):
        raise Conflict(CHANGED)
    if newest.kind == SINGLE and len(wanted) > 1:
        message = "Choose one of the options."
        raise FieldInvalid(message)
    return wanted


def stored(question: Question) -> Statement:
    """Write a version down; whose it is and when, the server knows better."""
    options = [{"id": each.id, "text": each.text, "gone": each.gone} for each in question.options]
    return sql(
        "insert into poll_questions (site, subject, version, question, options, kind, closes, results, withdrawn,"
        " person, at) values (:site, :subject, :version, :question, :options, :kind, :closes, :results, :withdrawn,"
        " :person, :at)",
        site="",
        subject="",
        version=question.version,
        question=question.text,
        options=json.dumps(options, ensure_ascii=False),
        kind=question.kind,
        closes=question.closes,
        results=question.results,
        withdrawn=int(question.withdrawn),
        person="",
        at=0,
    )


def from_row(row: Row | Mapping[str, Any]) -> Question:
    """A version as it was written down."""
    return Question(
        version=row["version"],
        text=row["question"],
        options=tuple(Option(**each) for each in json.loads(row["options"])),
        kind=row["kind"],
        closes=row["closes"],
        results=row["results"],
        withdrawn=bool(row["withdrawn"]),
    )


def _line(text: str) -> str:
    """A text on one line, without what nobody can see."""
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(each for each in words if unicodedata.category(each) not in UNSEEN)


def _options(texts: Iterable[str], before: Sequence[Option]) -> tuple[Option, ...]:
    """The options in the order of their texts, and behind them those that are gone."""
    known = {option.text: option.id for option in before}
    last = max((int(option.id) for option in before), default=0)
    kept: list[Option] = []
    for text in texts:
        if text not in known:
            last += 1
        kept.append(Option(known.get(text, str(last)), text))
    ids = {option.id for option in kept}
    gone = [replace(option, gone=True) for option in before if option.id not in ids]
    if last > MOST_EVER:
        message = f"This question had {MOST_EVER} options already; ask a new one on another subject."
        raise Conflict(message)
    return (*kept, *gone)


def _reworded(before: Question, option: str, text: str) -> tuple[Option, ...]:
    """The options with one of them under another text; its votes stay with it."""
    if not any(each.id == option for each in before.offered):
        message = "There is no such option in this poll."
        raise FieldInvalid(message, field="option")
    if not text or any(each.text == text for each in before.options):
        message = "An option has a text that no other one has."
        raise FieldInvalid(message, field="text")
    return tuple(replace(each, text=text) if each.id == option else each for each in before.options)
