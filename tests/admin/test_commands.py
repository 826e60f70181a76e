"""The commands that let moderators in: `transom moderator …`."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from widget_server.app import opened
from widget_server.cli import main
from widget_server.settings import load

LINK = re.compile(r"(http://127\.0\.0\.1:8400)(/admin/sign-in\?site=blog&link=[\w-]{43})\n")


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    """A data folder with the site `blog`."""
    made = run(tmp_path / "data", "site", "create", "blog", "--origin", "https://blog.example")
    assert made.exit_code == 0, made.output
    return tmp_path / "data"


def run(data: Path, *arguments: str) -> Result:
    """One command, as a shell would run it."""
    return CliRunner().invoke(main, [*arguments, "--data", str(data)])


async def status_of(data: Path, text: str) -> int:
    """What the printed link is worth."""
    found = LINK.search(text)
    assert found, text
    async with opened(load({}, overrides={"data": data})) as server:
        transport = httpx.ASGITransport(server.app)
        async with httpx.AsyncClient(transport=transport, base_url=found[1]) as client:
            assert (await client.get(found[2])).status_code in {200, 401}
            fields = dict(httpx.URL(found[2]).params)
            answer = await client.post("/admin/sign-in", data=fields, headers={"origin": found[1]})
            return answer.status_code


def test_the_first_moderator_owns_the_site_and_gets_a_link_that_works_once(data: Path) -> None:
    first = run(data, "moderator", "create", "Alice@Example.com", "--site", "blog")
    second = run(data, "moderator", "create", "bob@example.com", "--site", "blog", "--name", "Bob")

    assert "alice <alice@example.com> is owner" in first.output
    assert "Bob <bob@example.com> is moderator" in second.output
    assert asyncio.run(status_of(data, first.output)) == 303
    assert asyncio.run(status_of(data, first.output)) == 401


def test_moderators_are_listed_and_linked_and_revoked(data: Path) -> None:
    run(data, "moderator", "create", "alice@example.com", "--site", "blog", "--role", "moderator")
    listed = run(data, "moderator", "list", "--site", "blog", "--json")
    link = run(data, "moderator", "link", "alice@example.com", "--site", "blog", "--minutes", "60")
    open_link = run(data, "moderator", "link", "alice@example.com", "--site", "blog")
    assert asyncio.run(status_of(data, link.output)) == 303

    revoked = run(data, "moderator", "revoke", "alice@example.com", "--site", "blog")

    assert [(each["email"], each["role"]) for each in json.loads(listed.output)] == [
        ("alice@example.com", "moderator")
    ]
    assert "1 session ended" in revoked.output
    assert asyncio.run(status_of(data, open_link.output)) == 401
    assert "Nobody yet" in run(data, "moderator", "list", "--site", "blog").output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["create", "not-an-address", "--site", "blog"], "is not an e-mail address"),
        (["create", "a@b.example, c@d.example", "--site", "blog"], "is not an e-mail address"),
        (["create", "a@example.com", "--site", "nowhere"], "There is no site 'nowhere'"),
        (["link", "a@example.com", "--site", "blog"], "is no moderator of 'blog'"),
        (["revoke", "a@example.com", "--site", "blog"], "is no moderator of 'blog'"),
        (["create", "taken@example.com", "--site", "blog"], "already"),
    ],
)
def test_a_mistake_is_explained_without_a_traceback(data: Path, arguments: list[str], complaint: str) -> None:
    run(data, "moderator", "create", "taken@example.com", "--site", "blog")

    result = run(data, "moderator", *arguments)

    assert result.exit_code == 1
    assert complaint in result.output
    assert "Traceback" not in result.output
