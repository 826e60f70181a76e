"""A page's own rules do not reach into the widgets, and the widgets change nothing of the page."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import DOCUMENT, EVERYTHING, World
from tests.e2e.reading import act_everywhere, comment, filled, read, settle, thread

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHEETS = {
    "unset": "* { all: unset }",
    "initial": "* { all: initial !important }",
    "letters": "* { letter-spacing: .3em; word-spacing: 1em; text-transform: uppercase; line-height: 3 }",
    "important": (
        "* { color: red !important; font: italic 40px serif !important; text-align: right !important;"
        " background: yellow !important; visibility: visible; cursor: crosshair !important }"
    ),
    "buttons": (
        "button, input, textarea, form, article, header, footer, h2, p, a, details, summary"
        " { margin: 50px; padding: 50px; border: 9px dotted red; border-radius: 0; float: right; width: 10px }"
    ),
    "reset": (
        "*, ::before, ::after { box-sizing: content-box; margin: 0; padding: 0; border: 0; outline: 0;"
        " font-size: 100%; vertical-align: baseline; list-style: none }"
    ),
    "names": (
        ".transom, .comments, .row, .like, .note, .more, #list, #compose, #heading, [part] { display: none !important }"
    ),
    "layout": "body { columns: 1; white-space: pre; text-indent: 9em; hyphens: auto; quotes: none; tab-size: 1 }",
}
INSIDE = """() => [...document.querySelectorAll('transom-comments, transom-like')].flatMap((host) =>
  [...host.shadowRoot.querySelectorAll('.transom, .transom *')].map((it) => {
    const style = getComputedStyle(it);
    return [it.localName, it.getAttribute('part') ?? it.className,
      Object.fromEntries([...style].filter((name) => !name.startsWith('--')).map((name) => [name, style[name]]))];
  }))"""
HOST_ELEMENTS = (
    "<h2>Title</h2><h3>Lower</h3><button>Press</button><input value='x'><textarea>x</textarea>"
    "<select><option>a</select>"
    "<form><label>l</label></form><article class='comment'>c</article><header>h</header><footer class='row'>f</footer>"
    "<blockquote>q</blockquote><pre><code>code</code></pre><ul><li>i</li></ul><time>t</time><small>s</small>"
    "<details open><summary>s</summary>d</details><p class='note empty gone'>p</p><a href='#x' class='more'>a</a>"
    "<output>o</output><data value='1'>d</data><table><tr><td>t</table><svg width='9' height='9'></svg><em>e</em>"
)
OUTSIDE = """() => [...document.querySelectorAll('#theirs, #theirs *, body, html, main')].map((it) => {
  const style = getComputedStyle(it);
  return [it.localName, Object.fromEntries([...style].map((name) => [name, style[name]]))];
})"""
BELOW = (
    '<div><transom-like></transom-like></div><transom-comments class="transom-reserve"></transom-comments>'
)
WIDE = "<style>main { display: block; width: 600px }</style>"


@pytest.mark.parametrize("sheet", SHEETS)
async def test_no_sheet_of_a_page_changes_what_is_inside(world: World, page: Page, sheet: str) -> None:
    world.act(
        "Alice", "comment", text="A **word** of `code`, a [link](https://example.org/) and\n\n> a quote"
    )
    fixed = (
        "<style>transom-comments { display: block !important; width: 600px !important }"
        " transom-like { display: inline-block !important; width: 96px !important; min-width: 0 !important }</style>"
    )
    await read(page, world.page(BELOW + fixed))
    plain = await page.evaluate(INSIDE)

    await read(page, world.page(BELOW + f"<style>{SHEETS[sheet]}</style>" + fixed, path="/post"))
    hostile = await page.evaluate(INSIDE)

    assert [it[:2] for it in plain] == [it[:2] for it in hostile]
    assert [
        (name, part, key, before[key], after[key])
        for (name, part, before), (_, _, after) in zip(plain, hostile, strict=True)
        for key in before
        if before[key] != after[key]
    ] == []
    assert await comment(page, "word").is_visible()


@pytest.mark.parametrize("sheet", ["unset", "buttons", "names"])
async def test_everything_can_be_done_on_a_hostile_page(world: World, page: Page, sheet: str) -> None:
    await read(page, world.page(BELOW + f"<style>{SHEETS[sheet]}</style>"))

    await act_everywhere(page)

    assert len(world.comments()) >= 1


async def test_a_page_from_right_to_left_keeps_its_own_direction(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    document = DOCUMENT.replace('<html lang="en">', '<html lang="en" dir="rtl">')

    await read(page, world.page(document=document))

    assert await thread(page).locator("article").evaluate("(it) => getComputedStyle(it).direction") == "ltr"
    assert await page.evaluate("() => getComputedStyle(document.querySelector('h1')).direction") == "rtl"


async def test_the_widgets_change_nothing_of_the_page(world: World, page: Page) -> None:
    await filled(world, 12, replies=4)
    theirs = f'<div id="theirs">{HOST_ELEMENTS}</div>'
    still = '<div style="height: 3000px; overflow: hidden">{}</div>'
    await page.goto(world.page(theirs + still.format("") + WIDE, path="/plain"))
    await settle(page)
    alone = await page.evaluate(OUTSIDE)

    await read(page, world.page(theirs + still.format(EVERYTHING) + WIDE))
    await settle(page)
    beside = await page.evaluate(OUTSIDE)

    assert len(alone) >= 30
    assert alone == beside


async def test_the_page_gains_one_name_and_no_other_element(world: World, page: Page) -> None:
    names = """() => Object.getOwnPropertyNames(globalThis)
      .concat(Object.getOwnPropertySymbols(globalThis).map(String))
      .concat(['Array', 'Object', 'String', 'Element', 'Node', 'EventTarget', 'Promise']
        .flatMap((type) => Object.getOwnPropertyNames(globalThis[type].prototype).map((name) => `${type}.${name}`)))"""
    elements = "() => [...document.querySelectorAll('*')].map((it) => it.localName)"
    bare = DOCUMENT.replace(
        '<script type="module" async src="{server}/transom.js" data-site="blog"></script>', ""
    )
    await page.goto(world.page(document=bare, path="/plain"))
    before, there = await page.evaluate(names), await page.evaluate(elements)

    await read(page, world.page())
    await act_everywhere(page)

    assert set(await page.evaluate(names)) - set(before) == {"transom"}
    assert sorted(await page.evaluate(elements)) == sorted([*there, "script"])


async def test_a_page_chooses_colours_and_type_by_custom_properties(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    chosen = "--transom-text: rgb(1, 2, 3); --transom-font: monospace; --transom-radius: 0px"
    part = "transom-comments::part(author) { text-decoration: underline }"

    await read(page, world.page(EVERYTHING + f"<style>main {{ {chosen} }} {part}</style>"))
    text = comment(page, "A word").locator("[part=text]")

    assert await text.evaluate("(it) => [getComputedStyle(it).color, getComputedStyle(it).fontFamily]") == [
        "rgb(1, 2, 3)",
        "monospace",
    ]
    assert (
        await thread(page).locator("textarea").evaluate("(it) => getComputedStyle(it).borderRadius") == "0px"
    )
    author = comment(page, "A word").locator("[part=author]")
    assert await author.evaluate("(it) => getComputedStyle(it).textDecorationLine") == "underline"
