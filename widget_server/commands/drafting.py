"""Drafts: the files of a new widget, filled in with its name."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined

from widget_server.errors import Conflict, FieldInvalid

NAME = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
LONGEST = 30
TAKEN = frozenset({"core", "page", "session", "thread", "widget"})
"""Words that mean something else where a widget's name stands."""

WIDGET: Mapping[str, str] = {
    "__init__.py": "init.py",
    "widget.py": "widget.py",
    "fragment.html": "fragment.html",
    "style.css": "style.css",
    "strings/en.json": "en.json",
}
"""A widget's own files, below its package, and the drafts that they are made of."""

AROUND: Mapping[str, str] = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "readme.md",
    "tests/conftest.py": "conftest.py",
    "tests/test_contract.py": "test_contract.py",
    "tests/test_http.py": "test_http.py",
    "tests/test_browser.py": "test_browser.py",
}
"""What a distribution has besides."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A widget that is to be written: its name, its package, and what it has besides the least."""

    name: str
    package: str
    script: bool = False
    table: bool = False

    @property
    def word(self) -> str:
        """The name where hyphens cannot stand: of actions and tables."""
        return self.name.replace("-", "_")

    @property
    def class_name(self) -> str:
        """The name of its class."""
        return "".join(part.capitalize() for part in self.name.split("-"))


def checked_name(name: str, installed: Collection[str] = ()) -> str:
    """The name, if a widget can have it; `FieldInvalid` says why not, and what would be right."""
    if not NAME.fullmatch(name) or "--" in name or len(name) > LONGEST:
        message = (
            f"{name!r} cannot be a widget's name: 1 to {LONGEST} of a-z, 0-9 and hyphens, a letter first,"
            " no hyphen at the end and no two together; for instance `wave` or `photo-contest`."
        )
        raise FieldInvalid(message, field="name")
    if name in TAKEN or keyword.iskeyword(name):
        message = f"{name!r} means something else already; choose another name, for instance `{name}s`."
        raise FieldInvalid(message, field="name")
    if name in installed:
        message = f"There is a widget {name!r} already (`transom plugins` lists them); choose another name."
        raise FieldInvalid(message, field="name")
    return name


def distribution(draft: Draft) -> dict[str, str]:
    """The texts of a distribution of its own, by their paths."""
    below = {f"{draft.package}/{path}": text for path, text in widget_files(draft).items()}
    return _filled(AROUND, draft) | below | {f"{draft.package}/py.typed": ""}


def widget_files(draft: Draft, *, unused: str = "") -> dict[str, str]:
    """The texts of the widget alone, by their paths below its package.

    `unused` is put behind each `def` whose parameters are the contract's, needed or not.
    """
    wanted = dict(WIDGET)
    if draft.script:
        wanted["script.js"] = "script.js"
    if draft.table:
        wanted[f"migrations/0001_{draft.word}.sql"] = "table.sql"
    return _filled(wanted, draft, unused=unused)


def filled(source: str, draft: Draft, *, unused: str = "") -> str:
    """A draft's text with the names in their places: `<< name >>`, `<% if table %>`."""
    environment = Environment(  # noqa: S701 - what is made is code that its author reads, and no page
        loader=DictLoader({"draft": source}),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("draft").render(
        {
            "name": draft.name,
            "word": draft.word,
            "title": draft.name.replace("-", " ").capitalize(),
            "class": draft.class_name,
            "package": draft.package,
            "distribution": f"transom-{draft.name}",
            "script": draft.script,
            "table": draft.table,
            "unused": unused,
        }
    )


def written(folder: Path, texts: Mapping[str, str]) -> None:
    """Write them all, below a folder; `Conflict` where one of them is there already, and then none."""
    there = sorted(path for path in texts if (folder / path).exists())
    if there:
        message = f"{folder / there[0]} is there already; nothing was written."
        raise Conflict(message)
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _filled(wanted: Mapping[str, str], draft: Draft, *, unused: str = "") -> dict[str, str]:
    folder = files("widget_server.commands") / "drafts"
    return {
        path: filled((folder / f"{source}.txt").read_text(encoding="utf-8"), draft, unused=unused)
        for path, source in wanted.items()
    }
