"""What the admin calls things: statuses, reasons, doings; and short forms of long texts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from widget_server.vocabulary import Interaction, Mode, OnCheckFailure, Status

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
    "ask": "asked a question",
    "change": "changed the question or its options",
    "reword": "put an option in other words",
    "close": "closed it",
    "reopen": "opened it again",
    "withdraw": "took it off its pages",
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
    "checks": "Checks",
    "notifiers": "Notifiers",
    "on_check_failure": "When a check fails",
    "plugins": "Settings of the plug-ins",
}

UNSET: Mapping[str, str] = {
    "keep_query": "all but tracking keys",
    "widgets": "all that are installed",
    "checks": "all that are installed",
}
"""What it means that a setting has no value."""

FAILURES: Mapping[OnCheckFailure, tuple[str, str]] = {
    OnCheckFailure.HOLD: ("Hold the text", "It waits in the queue, with the check's name as the reason."),
    OnCheckFailure.PASS: ("Let it pass", "The other checks and the site's mode decide alone."),
}

CHOICES: Mapping[str, Mapping[str, str]] = {
    "mode": {str(mode): said for mode, (said, _) in MODES.items()},
    "on_check_failure": {str(wish): said for wish, (said, _) in FAILURES.items()},
}
"""What the words of a setting are called."""

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
    """Why a comment was held, in words where we have them; a plug-in's check says `check:reason`."""
    whose, colon, why = code.partition(":")
    if colon:
        return f"the check {why} failed" if whose == "check_failed" else f"{whose}: {why.replace('_', ' ')}"
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


def shown(value: object, name: str = "") -> str:
    """A setting's value in the log; `name` is the setting's."""
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case None:
            return UNSET.get(name, "the default")
        case list() | tuple():
            return ", ".join(map(str, value)) or "none"
        case _:
            return CHOICES.get(name, {}).get(str(value), str(value))


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
