"""What a reader yields, made ours: cleaned names, Markdown, rendered HTML, the site's subjects."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping

from widget_server.errors import FieldInvalid, OriginNotAllowed
from widget_server.identity import MAX_TITLE, identify, normalise, subject_key
from widget_server.markup import MAX_NAME, clean_line, clean_text, is_blank, render
from widget_server.transfer.html_text import markdown_of
from widget_server.transfer.html_tree import MAX_LENGTH
from widget_server.transfer.records import ImportedComment, ImportedPage, Item, Skipped
from widget_server.transfer.spool import Entry, Spool, SpooledPage
from widget_server.vocabulary import Site, Status, Subject

DROPPED = {Status.DELETED: "deleted", Status.REJECTED: "spam"}
OTHER_SCHEME = {"http": "https", "https": "http"}


class Receiver:
    """Takes a file's items one by one and puts them into the spool."""

    def __init__(self, site: Site, spool: Spool, moves: Mapping[str, str]) -> None:
        self.site = site
        self.spool = spool
        self._moves = moves
        self._key = secrets.token_bytes(16)
        self.read = 0
        """Comments that the file held."""
        self.skipped: Counter[str] = Counter()
        """Those that the reader itself passed over, by reason."""

    def take(self, item: Item) -> None:
        """Keep one item."""
        match item:
            case ImportedPage():
                self.spool.add_page(self._placed(item))
            case ImportedComment():
                self.read += 1
                self.spool.add_entry(self._entry(item))
            case Skipped(reason=reason):
                self.read += 1
                self.skipped[reason] += 1

    def _entry(self, comment: ImportedComment) -> Entry:
        reason = DROPPED.get(comment.status)
        text, reason = ("", reason) if reason else _text(comment)
        name, shortened = _name(comment.name)
        return Entry(
            source_id=comment.source_id,
            page=comment.page,
            above=comment.parent_source_id,
            created=comment.created_ms,
            name=name,
            author=self._author(comment),
            status=comment.status,
            text=text,
            html=render(text) if text else "",
            notes=(*comment.notes, "name_shortened") if shortened else comment.notes,
            reason=reason,
        )

    def _author(self, comment: ImportedComment) -> str:
        """A name for whoever wrote it that says nothing outside of this run: its key is kept nowhere."""
        if comment.author_id:
            known = f"id\x1f{comment.author_id}"
        elif comment.email:
            known = f"mail\x1f{comment.email.strip().lower()}\x1f{comment.name}"
        else:
            known = f"one\x1f{self.read}"
        return hashlib.blake2b(known.encode("utf-8", "replace"), key=self._key, digest_size=16).hexdigest()

    def _placed(self, page: ImportedPage) -> SpooledPage:
        found = normalise(page.url) if page.url else None
        if page.deleted or found is None:
            reason = "page_deleted" if page.deleted else "page_without_address"
            return SpooledPage(page.source_id, None, reason)
        address = self._moves.get(found.origin, found.origin) + found.url.removeprefix(found.origin)
        scheme, _, rest = address.partition("://")
        notes = [] if page.public else ["page_not_public"]
        subject = self._subject(address, page.title)
        if subject is None:
            subject = self._subject(f"{OTHER_SCHEME[scheme]}://{rest}", page.title)
            notes.append("scheme_changed")
        if subject is None:
            return SpooledPage(page.source_id, None, "origin_not_allowed", origin=found.origin)
        return SpooledPage(
            page.source_id,
            subject.key,
            url=subject.url,
            title=subject.title,
            alias=self._alias(page.key, subject.key),
            held=not page.public,
            notes=tuple(notes),
        )

    def _subject(self, address: str, title: str) -> Subject | None:
        try:
            return identify(self.site, None, address, title[:MAX_TITLE])
        except (OriginNotAllowed, FieldInvalid):
            return None

    def _alias(self, key: str | None, subject: str) -> str | None:
        """The old system's own name for the page, where it is another than its address."""
        page = normalise(key) if key and "://" in key else None
        alias = subject_key(page.key if page else key, self.site) if key else None
        return alias if alias != subject else None


def _text(comment: ImportedComment) -> tuple[str, str | None]:
    """The text as it will be stored, or why it cannot be."""
    if len(comment.text) > MAX_LENGTH:
        return "", "text_too_long"
    try:
        text = clean_text(markdown_of(comment.text, comment.format), MAX_LENGTH)
    except FieldInvalid:
        return "", "text_too_long"
    return ("", "empty_text") if is_blank(text) else (text, None)


def _name(name: str) -> tuple[str, bool]:
    """The name on one line, and whether it had to be cut."""
    try:
        line = clean_line(name[: 20 * MAX_NAME], field="name", most=20 * MAX_NAME)
    except FieldInvalid:
        return "", False
    if len(line) <= MAX_NAME:
        return line, False
    return line[: MAX_NAME - 1].rstrip() + "…", True
