"""The contract of an import reader, ours or anybody's: it yields pages, comments, and what it skipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol

from widget_server.vocabulary import Status

TextFormat = Literal["markdown", "html", "html_lines", "text"]
"""How a text is written; `html_lines` is HTML in which line breaks count, as WordPress keeps it."""


@dataclass(frozen=True, slots=True)
class ImportedPage:
    """A page that comments of the file belong to; `source_id` is the file's own name for it.

    `key` is an explicit identifier that the old system knew the page by.
    `public` is false for drafts, private and password-protected pages: their comments are held.
    `deleted` pages take their comments with them.
    """

    source_id: str
    url: str
    title: str = ""
    key: str | None = None
    public: bool = True
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ImportedComment:
    """One comment as the file tells it.

    `page` and `parent_source_id` are source ids of the same file. `author_id` tells one author from another
    where the old system had accounts. `email` serves for the same within one run, and is never stored.
    `created_ms` is UTC. `notes` are reasons that the report counts beside the comment.
    """

    source_id: str
    page: str
    created_ms: int
    text: str
    format: TextFormat
    parent_source_id: str | None = None
    name: str = ""
    author_id: str | None = None
    email: str | None = None
    url: str | None = None
    status: Status = Status.PUBLISHED
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that was read and is not imported; `reason` is a stable snake_case word."""

    source_id: str
    reason: str


Item = ImportedPage | ImportedComment | Skipped


class Reader(Protocol):
    """Reads one format; found through the entry point group `transom.importers`."""

    name: str
    """The FORMAT of `transom import FORMAT FILE`."""
    title: str
    """What people call the format."""

    def read(self, file: BinaryIO) -> Iterator[Item]:
        """Yield what the file holds, in the file's order, in bounded memory.

        Raises `errors.ImportRefused` where the file as a whole cannot be trusted. Fetches nothing.
        """
        ...


class Progress(Protocol):
    """Told how far an import is; called on other threads."""

    def __call__(self, step: str, done: int, total: int | None = None) -> None:
        """`step` is `read` (done: bytes of the file) or `store` (done: comments)."""
        ...
