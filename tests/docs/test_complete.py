"""The documentation is complete, and names nothing that is not there."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tools.docs import dead_links, kept_pages, links, refreshed
from tools.paths import ROOT
from tools.reference import parts
from widget_server import vocabulary
from widget_server.app import opened
from widget_server.cli import main
from widget_server.errors import TransomError
from widget_server.settings import TABLE, load
from widget_server.vocabulary import Mine, Mode, Person, Site, SiteSettings, Subject, ThreadPage
from widget_server.web.endpoints import ENDPOINTS
from widget_server.widgets.base import Look, Widget
from widget_server.widgets.comments import Comments

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = {page.relative_to(ROOT).as_posix(): page for page in kept_pages()}
STYLES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (
        *sorted((ROOT / "widget_server" / "widgets").rglob("*.css")),
        ROOT / "widget_server" / "web" / "static" / "transom.css",
    )
)
TEMPLATES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "widget_server" / "widgets").rglob("*.html"))
)
BROWSER = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "js_embed" / "src").glob("*.ts"))
)

PROPERTIES = set(re.findall(r"var\((--transom-[a-z-]+)", STYLES))
PART_NAMES = {name for found in re.findall(r' part="([a-z -]+)"', TEMPLATES) for name in found.split()}
EVENTS = {f"transom-{name}" for name in re.findall(r'#tell\("([a-z-]+)"', BROWSER)}


def reference(name: str) -> str:
    """A page of the reference."""
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [path.name for path in sorted(REFERENCE.glob("*.md"))])
def test_the_reference_is_what_the_code_says(name: str) -> None:
    assert refreshed(REFERENCE / name, parts(), keep=True), "run `make docs` and commit what it writes"


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    assert dead_links(PAGES[name]) == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        below = {(page.parent / link.partition("#")[0]).resolve() for link in links(page) if ":" not in link}
        waiting += [each for each in below if each.suffix == ".md" and each.is_file() and each not in reached]

    assert [name for name, page in PAGES.items() if name.startswith("docs/") and page not in reached] == []


def test_every_setting_is_documented() -> None:
    page = reference("settings.md")
    names = [f"`{setting.name}`" for setting in TABLE]
    names += [f"`TRANSOM_{setting.name.upper()}`" for setting in TABLE]
    names += [f"`{each.name}`" for each in dataclasses.fields(SiteSettings)]
    names += [f"`{mode}`" for mode in Mode]

    assert [name for name in names if name not in page] == []


def test_every_command_and_option_is_documented() -> None:
    page = reference("commands.md")
    missing = []
    for path, command in commands(main, "transom"):
        section = page.partition(f"\n## {path}\n")[2].partition("\n## ")[0]
        options = [opt for each in command.params if isinstance(each, click.Option) for opt in each.opts]
        missing += [f"{path} {option}" for option in options if option not in section]
        missing += [] if section else [path]

    assert missing == []


def test_every_endpoint_and_field_is_documented() -> None:
    page = reference("http.md")
    missing = []
    for each in ENDPOINTS:
        section = page.partition(f"\n### {each.method} {each.path}\n")[2].partition("\n###")[0]
        missing += [f"{each.method} {each.path} {name}" for name in each.fields if f"`{name}`" not in section]
        missing += [] if section else [each.path]

    assert missing == []


async def test_every_address_of_a_server_is_documented(tmp_path: Path) -> None:
    page = reference("http.md")
    async with opened(load({}, overrides={"data": tmp_path / "data"})) as server:
        app: Any = server.app
        while not isinstance(app, Starlette):
            app = app._app
        paths = {route.path for route in app.routes if isinstance(route, Route)}
    public = {
        re.sub(r"^/t/[0-9a-f]+/", "/t/<hash>/", path) for path in paths if not path.startswith("/admin")
    }

    assert public
    assert [path for path in sorted(public) if path not in page] == []


def test_every_error_code_is_documented() -> None:
    page = reference("errors.md")

    assert [each.code for each in errors(TransomError) if f"`{each.code}`" not in page] == []


def test_every_word_of_the_widget_contract_is_documented() -> None:
    page = reference("widgets.md")
    names = [*Widget.__annotations__, "def accept", "def load", "def summary"]
    names += [each.__name__ for each in vocabulary.Intent.__args__]

    assert [name for name in names if name not in page] == []


def test_every_name_in_a_summary_of_comments_is_documented() -> None:
    page = reference("http.md")
    site = Site("blog", "Blog", (), SiteSettings(), 0)
    comment = vocabulary.Comment(
        "id", "/p", "comments", None, "id", 0, "charlie", "Charlie", "Hi", "<p>Hi</p>", "1",
        vocabulary.Status.PUBLISHED, 0, None, 0, 1,
    )  # fmt: skip
    mine = Mine(Person("blog", "charlie"))
    shown = Comments().summary(ThreadPage((comment,), 1), mine, Look(site, Subject("blog", "/p"), 0))
    names = {*shown, *shown["comments"][0], *(shown["comments"][0]["more"] or {})}

    assert [name for name in sorted(names) if not re.search(rf"[\"`]{name}[\"`]", page)] == []


def test_every_attribute_event_part_and_property_of_the_elements_is_documented() -> None:
    page = reference("elements.md")
    observed = re.search(r"observedAttributes = \[([^]]+)\]", BROWSER)
    assert observed
    attributes = set(re.findall(r'"([a-z-]+)"', observed[1]))
    attributes |= set(re.findall(r'(?:this|element)\.getAttribute\("([a-z-]+)"', BROWSER))
    assert attributes
    assert PROPERTIES
    assert PART_NAMES
    assert EVENTS
    names = {*attributes, *PROPERTIES, *PART_NAMES, *EVENTS}

    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_only_properties_parts_and_events_that_are_there(name: str) -> None:
    text = PAGES[name].read_text(encoding="utf-8")
    properties = set(re.findall(r"(--transom-[a-z-]*[a-z])", text))
    named_parts = set(re.findall(r"::part\(([a-z-]+)\)", text))

    assert (properties - PROPERTIES, named_parts - PART_NAMES) == (set(), set())


def test_every_tool_and_target_is_named() -> None:
    named = (ROOT / "tools" / "README.md").read_text(encoding="utf-8")
    tools = [path.stem for path in sorted((ROOT / "tools").glob("[!_]*.py")) if path.stem != "paths"]
    made = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = ("test", "check", "fix", "demo", "docs", "js", "setup")

    assert [tool for tool in tools if f"`{tool}`" not in named] == []
    assert [target for target in targets if f"make {target}" not in made] == []


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, by what one types."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{path} {name}")


def errors(kind: type[TransomError]) -> Iterator[type[TransomError]]:
    """A class of errors and all below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from errors(below)
