"""What the admin calls things: statuses, reasons, doings; and short forms of long texts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from widget_server.vocabulary import Interaction, Mode, Status

STATUSES: Mapping[Status, str] = {
    Status.PUBLISHED: "Published",
    Status.HELD: "Held",
    Status.REJECTED: "Rejected",
    Status.REMOVED: "Removed",
    Status.DELETED: "Deleted by its author",
}

MODES: Mapping[Mode, tuple[str, str]] = {
    Mode.OPEN: ("Everyone publishes", "A comment is seen at once."),
    Mode.FIRST_HELD: ("The first comment is held", "Who has a published comment goes on without waiting."),
    Mode.ALL_HELD: ("All comments are held", "Nothing is seen before you approve it."),
    Mode.CLOSED: ("Closed", "Nobody can comment; what is there stays to be read."),
}

REASONS: Mapping[str, str] = {
    "all_held": "the site holds every comment",
    "first_comment": "the first comment of this person",
    "still_held": "an edit of what waits already",
    "decided_before": "in place of a text that a moderator decided against",
}

DECISIONS: Mapping[str, tuple[str, str]] = {
    "approve": ("Approve", "Approved"),
    "hold": ("Hold", "Held"),
    "reject": ("Reject", "Rejected"),
    "remove": ("Remove", "Removed"),
    "undo": ("Undo", "Taken back"),
}

DOINGS: Mapping[str, str] = {
    "comment": "wrote it",
    "edit": "edited it",
    "review": "wrote it, or wrote it anew",
    "delete": "deleted it",
    "approve": "approved it",
    "hold": "held it back",
    "reject": "rejected it",
    "remove": "removed it",
    "undo": "took the last decision back",
    "settings": "changed the settings",
    "exclude": "took choices out of the tally",
    "include": "put choices back into the tally",
}

OFFERED: Mapping[Status, tuple[str, ...]] = {
    Status.HELD: ("approve", "reject"),
    Status.PUBLISHED: ("hold", "remove"),
    Status.REJECTED: ("approve", "hold"),
    Status.REMOVED: ("approve", "hold"),
    Status.DELETED: (),
}
"""What a moderator may decide on a comment that stands so."""

SETTINGS: Mapping[str, str] = {
    "name": "Name",
    "origins": "Origins",
    "mode": "Who publishes",
    "edit_window": "Edit window (seconds)",
    "max_length": "Longest comment (characters)",
    "page_size": "Comments on one page",
    "name_required": "Name required",
    "keep_query": "Query keys that tell pages apart",
    "live": "Open pages hear what others do",
    "drop_index": "index.html is its folder",
    "drop_slash": "A slash at the end does not matter",
    "widgets": "Widgets",
}

SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
LINE_ENDS = re.compile(r"\r\n?")


def reason(code: str) -> str:
    """Why a comment was held, in words where we have them."""
    return REASONS.get(code, code.replace("_", " "))


def device(agent: str) -> str:
    """A browser and its system, as far as it tells."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    return " on ".join(filter(None, (browser, system))) or "An unknown browser"


def doing(interaction: Interaction) -> str:
    """What somebody did, as the log says it."""
    return DOINGS.get(interaction.kind, interaction.kind)


def change(interaction: Interaction) -> str:
    """Before → after of a decision, else nothing."""
    before, after = interaction.data.get("before"), interaction.data.get("after")
    if before not in set(Status) or after not in set(Status):
        return ""
    return f"{STATUSES[Status(before)]} → {STATUSES[Status(after)]}"


def shown(value: object) -> str:
    """A setting's value in the log."""
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case None:
            return "all but tracking keys"
        case list() | tuple():
            return ", ".join(map(str, value)) or "none"
        case str() if value in set(Mode):
            return MODES[Mode(value)][0]
        case _:
            return str(value)


def beginning(text: str, most: int) -> str:
    """The text, or its beginning where it is longer."""
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def kept(text: str) -> str:
    """A text for `<pre>` and `<textarea>`, whose first newline a parser would drop."""
    return f"\n{LINE_ENDS.sub(chr(10), text)}"


def number(value: int) -> str:
    """A number with thin spaces between thousands."""
    return f"{value:,}".replace(",", "\u202f")


FILTERS = {
    "reason": reason,
    "device": device,
    "doing": doing,
    "change": change,
    "shown": shown,
    "beginning": beginning,
    "kept": kept,
    "number": number,
}
