"""The notifier contract: all that the server asks of what tells people, or other programs, that something happened.

A notifier imports `widget_server.vocabulary`, `widget_server.errors` and this module, and nothing else of the server.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from widget_server.vocabulary import Interaction, Site, Status, Subject


@dataclass(frozen=True, slots=True)
class Notice:
    """One interaction that a notifier is told of, with what stands there when it is told.

    Its id, `interaction.id`, is the same however often it is told.
    """

    site: Site
    subject: Subject
    interaction: Interaction
    name: str = ""
    """Under which the text at hand was written; empty where there is none."""
    text: str = ""
    """The text at hand as it was typed, Markdown; empty where there is none, or it was taken back."""
    status: Status | None = None
    """Where that text stands now; None where there is none."""
    attempt: int = 1
    """How often this notifier was told of it, this time included."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the site chose of the notifier's settings, and the defaults of all else."""


class Notifier(Protocol):
    """Something that tells: by mail, by a message to a room, by a call to another program.

    It runs on threads of its own, up to `notifier_seconds` for one notice, and may ask other services. One that may be
    set has `settings: Settings` besides.
    """

    name: str
    version: str
    title: str

    @property
    def kinds(self) -> Collection[str]:
        """The kinds of interactions that it wants to hear of, for instance `comment`; empty: all."""
        ...

    def notify(self, notice: Notice) -> None:
        """Tell of it; where this raises or takes too long, it is called again later, for about two days.

        Notices come in the order of time, but for those that are told again. One may come twice, where the server
        ended between the telling and its remembering that.
        """
        ...
