"""The passages widget: pieces of a page's text, each a subject of its own that can be liked and commented on."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from widget_server.errors import FieldInvalid
from widget_server.vocabulary import (
    Intent,
    Mine,
    Reading,
    ReadMine,
    Record,
    Row,
    Site,
    Statement,
    sql,
)
from widget_server.widgets.base import Action, Flag, Look, Setting, Settings, Summary, Text, settings_of

LONGEST = 600
"""Characters of a passage."""

CONTEXT = 64
"""Characters of what stands before and after it; our browser half sends half of that."""

MOST = 100
"""Passages that are listed of one page: those of which most was said."""

UNSAID = 86_400_000
"""Milliseconds for which a passage is kept of which nothing was said."""

UNSEEN = frozenset({"Cc", "Cs"})

ORPHANS: Settings = {
    "orphans": Setting(
        "Show what was said about passages that are no longer there",
        Flag(),
        default=True,
        hint="With the words that were quoted, once there is a published comment on them.",
    )
}


class Passages:
    """What readers chose of a text, with the number of likes and comments."""

    name = "passages"
    version = "1"
    title = "Passages"
    package = "widget_server.widgets.passages"
    settings = ORPHANS
    actions: Mapping[str, Action] = {
        "mark": Action(
            "Choose a passage, so that it can be liked and commented on",
            {
                "exact": Text(most=LONGEST),
                "prefix": Text(most=CONTEXT, least=0, required=False),
                "suffix": Text(most=CONTEXT, least=0, required=False),
            },
        )
    }

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:  # noqa: ARG002 - the contract's shape
        """A line in the record, which names the passage and does not quote it."""
        return Record(action, {"passage": _passage(_quote(fields))})

    def apply(self, action: str, fields: Mapping[str, Any], site: Site) -> Sequence[Statement]:  # noqa: ARG002 - the same
        """Keep the quote, once whoever chooses it; and forget those of the page of which nothing was said for a day."""
        exact, prefix, suffix = quote = _quote(fields)
        return [
            sql(
                "delete from passages where site = :site and subject = :subject and at < :at - :unsaid"
                " and not exists (select 1 from tallies t where t.site = :site and t.count > 0"
                " and t.subject = passages.subject || '#q=' || passages.passage)",
                site=site.id,
                subject="",
                at=0,
                unsaid=UNSAID,
            ),
            sql(
                "insert into passages (site, subject, passage, exact, prefix, suffix, person, at)"
                " values (:site, :subject, :passage, :exact, :prefix, :suffix, :person, :at)"
                " on conflict (site, subject, passage) do update set person = excluded.person, at = excluded.at",
                site=site.id,
                subject="",
                passage=_passage(quote),
                exact=exact,
                prefix=prefix,
                suffix=suffix,
                person="",
                at=0,
            ),
        ]

    def export_person(self) -> Mapping[str, Statement]:
        """The passages that a person was the last to choose."""
        return {
            "passages": sql(
                "select subject, passage, exact, prefix, suffix, at from passages"
                " where site = :site and person = :person order by at",
                site="",
                person="",
            )
        }

    def erase_person(self) -> Sequence[Statement]:
        """Forget the passages of which nobody said anything; of the others, who chose them."""
        return [
            sql(
                "delete from passages where site = :site and person = :person"
                " and not exists (select 1 from tallies t where t.site = :site and t.count > 0"
                " and t.subject = passages.subject || '#q=' || passages.passage)",
                site="",
                person="",
            ),
            sql(
                "update passages set person = '' where site = :site and person = :person", site="", person=""
            ),
        ]

    def load(self, look: Look) -> Reading[list[Row]]:
        """The passages of which something was said, the most first; for a person, those just chosen too."""
        mine: Mine = yield ReadMine()
        rows: list[Row] = yield sql(
            "select p.subject || '#q=' || p.passage as key, p.exact, p.prefix, p.suffix,"
            " coalesce(l.count, 0) as likes, coalesce(c.count, 0) as comments from passages p"
            " left join tallies l on l.site = p.site and l.subject = p.subject || '#q=' || p.passage"
            " and l.widget = 'like' and l.value = 'like'"
            " left join tallies c on c.site = p.site and c.subject = p.subject || '#q=' || p.passage"
            " and c.widget = 'comments' and c.value = 'published'"
            " where p.site = :site and p.subject = coalesce((select a.subject from aliases a"
            " where a.site = :site and a.alias = :subject), :subject)"
            " and (coalesce(l.count, 0) + coalesce(c.count, 0) > 0 or p.person = :person)"
            " order by coalesce(l.count, 0) + coalesce(c.count, 0) desc, p.at, p.passage limit :most",
            site=look.site.id,
            subject=look.subject.key,
            person=mine.person.id if mine.person else "nobody",
            most=MOST,
        )
        return rows

    def summary(self, loaded: list[Row], mine: Mine, look: Look) -> Summary:  # noqa: ARG002 - the contract's shape
        """`{"passages": [{"key", "exact", "prefix", "suffix", "likes", "comments"}], "orphans": bool}`.

        `key` is the subject under which the passage is liked and commented on; `orphans` says whether those that the
        page does not hold any more are to be shown. A person is told of own ones of which nothing was said, too.
        """
        names = ("key", "exact", "prefix", "suffix", "likes", "comments")
        return {
            "passages": [{name: row[name] for name in names} for row in loaded],
            "orphans": settings_of(self, look.site)["orphans"],
        }


def _quote(fields: Mapping[str, Any]) -> tuple[str, str, str]:
    """The passage, and what stands before and after it: white space as one space each, nothing that leaves no ink."""
    exact = _cleaned(fields["exact"]).strip()
    if not any(unicodedata.category(character)[0] in "LNPS" for character in exact):
        message = "A passage has something to read in it."
        raise FieldInvalid(message, field="exact")
    return exact, _cleaned(fields.get("prefix", "")), _cleaned(fields.get("suffix", ""))


def _cleaned(text: str) -> str:
    spaced = "".join(" " if character.isspace() else character for character in text)
    kept = "".join(character for character in spaced if unicodedata.category(character) not in UNSEEN)
    return _single(kept)


def _single(text: str) -> str:
    """The text with single spaces, at its ends too."""
    words = " ".join(text.split())
    before, after = (" " if text[:1].isspace() else ""), (" " if text[-1:].isspace() else "")
    return f"{before}{words}{after}" if words else before


def _passage(quote: tuple[str, str, str]) -> str:
    """The name of a passage: the same for the same words, whoever chooses them."""
    whole = "\x1f".join(unicodedata.normalize("NFC", part) for part in quote)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
