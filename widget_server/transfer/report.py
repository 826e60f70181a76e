"""What an import did, in numbers that add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

ALREADY = "already_imported"

REASONS = {
    ALREADY: "was imported before",
    "deleted": "was deleted, and nothing answers it",
    "duplicate": "stands in the file twice",
    "empty_text": "has no text",
    "no_page": "belongs to no page of the file",
    "not_a_comment": "is not a reader's comment (a note of a shop, for example)",
    "origin_not_allowed": "is on a page that is not of this site (has it moved? --origin OLD=NEW)",
    "page_deleted": "is on a page that was deleted",
    "page_without_address": "is on a page whose address is missing or malformed",
    "pingback": "is a pingback",
    "spam": "was marked as spam",
    "text_too_long": "is longer than any comment may be",
    "time_unreadable": "has no time that can be read",
    "trackback": "is a trackback",
}
"""Why a comment was not brought in; other people's readers may have reasons of their own."""

NOTES = {
    "flag_unclear": "held, since the file does not say clearly whether it was published",
    "name_shortened": "the name was longer than names may be",
    "page_not_public": "held, since the page is a draft, private or has a password",
    "parent_loop": "put at the top of the thread, since the replies go in a circle",
    "parent_missing": "put at the top of the thread, since what it answers is not there",
    "scheme_changed": "the page's address was taken from http to https, or back",
    "time_in_future": "dated now, since it was dated in the future",
    "time_without_zone": "dated in the blog's local time, since the file has no other",
    "tombstone": "kept without text and name, since replies stand below it",
}
"""What was done to comments that were brought in."""


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of comments; `read` is always `inserted` plus all that is `skipped`, by reason.

    `pages` counts the pages that got comments, `notes` comments that were brought in with a change,
    `origins` the skipped comments by the origin of their page, where that is not one of the site's.
    """

    format: str
    site: str
    dry_run: bool
    read: int
    inserted: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    pages: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)
    origins: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.read != self.inserted + sum(self.skipped.values()):
            message = f"the import's numbers do not add up: {self}"
            raise AssertionError(message)

    @property
    def failed(self) -> bool:
        """Whether nothing was brought in, and nothing had been before."""
        return not self.inserted and not self.skipped.get(ALREADY)

    def explanation(self) -> str:
        """Why nothing was brought in, in a sentence or two that help."""
        if not self.read:
            return "The file holds no comments."
        if self.origins:
            seen = ", ".join(sorted(self.origins, key=self.origins.__getitem__, reverse=True)[:3])
            return (
                f"The comments are on pages of {seen}, which the site {self.site!r} does not allow."
                " If these pages moved, say so with --origin OLD=NEW; else add the origin to the site."
            )
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(self.skipped.items()))
        return f"None of the {self.read} comments could be imported ({reasons})."

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)
