"""The poll widget: a question with options, single or multiple choice, until it closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from widget_server.errors import Conflict
from widget_server.vocabulary import (
    Choose,
    Clear,
    Intent,
    Mine,
    Reading,
    ReadTally,
    Record,
    Role,
    Row,
    Site,
    Statement,
    Tally,
    Transaction,
    sql,
)
from widget_server.widgets.base import (
    Action,
    Entry,
    Field,
    Flag,
    Lines,
    Look,
    Moment,
    OneOf,
    Setting,
    Settings,
    Summary,
    Text,
    Whole,
    settings_of,
)
from widget_server.widgets.poll.question import (
    AFTER,
    BEFORE,
    CHANGED,
    LONGEST_OPTION,
    LONGEST_QUESTION,
    MOST_OPTIONS,
    Question,
    asked,
    changed,
    chosen,
    from_row,
    stored,
)
from widget_server.widgets.poll.showing import VOTED, entry, nothing, panel, shown

ASKING: Mapping[str, Field] = {
    "several": Flag(required=False),
    "closes": Moment(required=False),
    "results": OneOf((BEFORE, AFTER), required=False),
}

QUESTION: Mapping[str, Field] = {
    "question": Text(most=LONGEST_QUESTION),
    "options": Lines(least=2, most=MOST_OPTIONS, each=LONGEST_OPTION),
    **ASKING,
}

VOTE: Mapping[str, Field] = {
    "choice": Lines(least=1, most=MOST_OPTIONS, each=10),
    "version": Whole(0, 2**31, required=False),
    "question": Text(most=LONGEST_QUESTION, required=False),
    "options": Lines(least=2, most=MOST_OPTIONS, each=LONGEST_OPTION, required=False),
    **ASKING,
}


class Poll:
    """One question on a subject; whoever votes again changes the vote."""

    name = "poll"
    version = "1"
    title = "Poll"
    package = "widget_server.widgets.poll"
    actions: Mapping[str, Action] = {
        "vote": Action("Vote, or change one's vote; the first vote may bring the question along", VOTE),
        "unvote": Action("Take one's vote back"),
        "ask": Action("Ask a question", QUESTION, Role.MODERATOR),
        "change": Action("Change the question or its options", QUESTION, Role.MODERATOR),
        "reword": Action(
            "Put an option in other words, and keep its votes",
            {"option": Text(most=10), "text": Text(most=LONGEST_OPTION)},
            Role.MODERATOR,
        ),
        "close": Action("Close the poll now", role=Role.MODERATOR),
        "reopen": Action("Open the poll again", {"closes": Moment(required=False)}, Role.MODERATOR),
        "withdraw": Action("Take the poll off its pages", role=Role.MODERATOR),
    }
    settings: ClassVar[Settings] = {
        "from_snippet": Setting(
            "A page may bring its question along",
            Flag(),
            default=False,
            hint="The first vote then asks what the page says. Whoever votes first could say something else.",
        )
    }
    columns: Sequence[str] = ("Question", "People", "Votes", "State")
    begins = "ask"
    hints: Mapping[str, str] = {
        "subject": "What the element on the page names, for instance poll:lunch.",
        "question": f"At most {LONGEST_QUESTION} characters.",
        "options": f"2 to {MOST_OPTIONS}, one on a line. Votes stay with an option whose text stays.",
        "several": "People may choose more than one.",
        "closes": "In UTC; empty: it stays open.",
        "results": "before: everybody sees the result at once; after: who has voted, and all in the end.",
        "option": "The number before its text.",
        "text": "The same thing in other words: its votes stay.",
    }

    def prepare(
        self,
        action: str,  # noqa: ARG002 - the contract's shape
        fields: Mapping[str, Any],
        look: Look,
    ) -> Transaction[Mapping[str, Any]]:
        """`{"newest": the version at hand or None, "seen": the one that the vote names or None, "now": its time}`."""
        named = fields.get("version")
        rows = yield sql(
            "select q.version, q.question, q.options, q.kind, q.closes, q.results, q.withdrawn from poll_questions q"
            " where q.site = :site and q.subject = :subject and (q.version = :seen or q.version ="
            " (select max(n.version) from poll_questions n where n.site = :site and n.subject = :subject))"
            " order by q.version",
            site=look.site.id,
            subject=look.subject.key,
            seen=named or 0,
        )
        versions = [from_row(row) for row in rows]
        seen = next((each for each in versions if each.version == named), None)
        return {"newest": versions[-1] if versions else None, "seen": seen, "now": look.now}

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:
        """A choice of options, or a line of the record for what a moderator does."""
        newest, now = fields.get("newest"), fields.get("now", 0)
        match action:
            case "vote":
                if "version" in fields and newest and fields.get("seen") is None and not _brought(fields):
                    raise Conflict(CHANGED)
                seen = fields.get("seen") or _brought(fields)
                choice = chosen(_newest(fields, site), seen, fields["choice"], now)
                return Choose(action, (*choice, VOTED))
            case "unvote":
                chosen(newest, None, (), now)
                return Clear(action)
            case _:
                return Record(action, {"version": changed(action, fields, newest, now).version})

    def apply(self, action: str, fields: Mapping[str, Any], site: Site) -> Sequence[Statement]:
        """The version that an action makes."""
        newest, now = fields.get("newest"), fields.get("now", 0)
        match action:
            case "vote":
                brought = None if newest else _newest(fields, site)
                return [stored(brought)] if brought else []
            case "unvote":
                return []
            case _:
                return [stored(changed(action, fields, newest, now))]

    def load(self, look: Look) -> Reading[tuple[Question | None, Tally]]:
        """The newest version, and how many chose what."""
        rows = yield sql(
            "select version, question, options, kind, closes, results, withdrawn from poll_questions"
            " where site = :site and subject = :subject order by version desc limit 1",
            site=look.site.id,
            subject=look.subject.key,
        )
        tally: Tally = yield ReadTally()
        return (from_row(rows[0]) if rows else None), tally

    def summary(self, loaded: tuple[Question | None, Tally], mine: Mine, look: Look) -> Summary:
        """What is asked, and the result as far as one may see it.

        `{"question", "options", "version", "kind", "results", "closes", "open", "shown", "people", "voted",
        "from_snippet", "fresh_until"}`. An option: `{"id", "text", "count", "share", "mine"}`; `share` is in percent of
        `people`, which is the number of all who voted. While `shown` is false, `people` and all `count` and `share` are
        null. `closes` is in milliseconds since the epoch, or null. Where nothing is asked, `question` is empty.
        """
        question, tally = loaded
        if question is None or question.withdrawn:
            return nothing(question, may_bring=settings_of(self, look.site)["from_snippet"])
        return shown(question, tally, mine, look.now)

    def export_person(self) -> Mapping[str, Statement]:
        """The questions that somebody asked."""
        return {
            "questions": sql(
                "select subject, version, question, options, at from poll_questions"
                " where site = :site and person = :person order by at, subject, version",
                site="",
                person="",
            )
        }

    def erase_person(self) -> Sequence[Statement]:
        """A question stays, since others have answered it; whose it was is forgotten."""
        return [
            sql(
                "update poll_questions set person = :pseudonym where site = :site and person = :person",
                site="",
                person="",
                pseudonym="",
            )
        ]

    def panel(self) -> Statement:
        """The site's polls, the last changed first."""
        return panel()

    def entry(self, row: Row, tally: Tally, look: Look) -> Entry:
        """One poll: its question, how many voted, for what, and where it stands."""
        return entry(from_row(row), row["subject"], tally, look.now)


def _brought(fields: Mapping[str, Any]) -> Question | None:
    """The question that a page says it asks, whether it may or not; None where another one was seen."""
    brings = fields.get("version") == 0 and "question" in fields and "options" in fields
    return asked(fields, None, 0) if brings else None


def _newest(fields: Mapping[str, Any], site: Site) -> Question | None:
    """The version at hand; where there is none, the one that the page brings, if its site lets it."""
    newest: Question | None = fields.get("newest")
    return newest or (_brought(fields) if settings_of(Poll(), site)["from_snippet"] else None)
