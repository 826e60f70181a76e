"""Everybody can use the widgets: by keyboard, with a screen reader, on a small screen, in the dark."""

from __future__ import annotations

from importlib.resources import files

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import DOCUMENT, World
from tests.e2e.reading import comment, filled, form, read, said, settle, thread, unreachable, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
BOTH_SCHEMES = DOCUMENT.replace(
    "</head>",
    # axe takes the browser's own dark canvas for white: the page must name its colours.
    "<style>:root { color-scheme: light dark; background: light-dark(#fff, #121212);"
    " color: light-dark(#111, #eee) }</style></head>",
)
SMALL = """() => {
  const found = [];
  for (const host of document.querySelectorAll('transom-comments, transom-like')) {
    for (const it of host.shadowRoot.querySelectorAll('button, summary, input:not([type=hidden]), textarea, a')) {
      const { width, height, left, right } = it.getBoundingClientRect();
      const isText = it.closest('[part=text]') || getComputedStyle(it).clipPath !== 'none';
      if (width && !isText && (width < 24 || height < 24 || left < 0 || right > innerWidth)) {
        found.push(`${it.localName} ${it.textContent} ${width}x${height} from ${left} to ${right}`);
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_in_any_state(
    world: World, page: Page, scheme: str, language: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    document = BOTH_SCHEMES.replace('lang="en"', f'lang="{language}" dir="auto"')

    await read(page, world.page(document=document))
    empty = await axe(page)
    world.act(
        "Alice", "comment", text="A **word** of `code`, a [link](https://example.org/) and\n\n> a quote"
    )
    await read(page, world.page(document=document))
    own = await write(page, "A word of my own", "Charlie")
    await comment(page, "A word of").first.locator("[data-reply]").first.click()
    await thread(page).locator("form[id^=r-] textarea").wait_for()
    replying = await axe(page)
    for summary in await own.locator("summary").all():
        await summary.click()
    await own.locator("form[id^=e-] textarea").wait_for()
    editing = await axe(page)
    with unreachable(world):
        await form(page).locator("textarea").fill("Lost?")
        await form(page).locator("button[value=comment]").click()
        await thread(page).locator("output:not(:empty)").first.wait_for()
        failed = await axe(page)

    assert {"empty": empty, "replying": replying, "editing": editing, "failed": failed} == {
        "empty": [],
        "replying": [],
        "editing": [],
        "failed": [],
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_with_a_held_comment(
    held_world: World, page: Page, scheme: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await read(page, held_world.page(document=BOTH_SCHEMES))

    await write(page, "Is this all right?")

    assert await axe(page) == []
    assert "moderator" in await said(page)


async def test_axe_finds_nothing_wrong_where_nothing_could_be_loaded(world: World, page: Page) -> None:
    await page.route("**/page?*", lambda route: route.abort())
    await page.goto(world.page(document=BOTH_SCHEMES))
    await page.get_by_role("button").first.wait_for()

    assert await axe(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_axe_finds_nothing_wrong_with_the_document_without_scripts(
    world: World, page: Page, scheme: str, language: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await filled(world, 3, replies=1)
    told = world.act("Alice", "comment", text="A **word** of `code`")

    address = f"{world.server}/v1/blog/thread?subject={world.key()}&lang={language}&format=page"
    await page.goto(address)
    reading = await axe(page)
    await page.goto(f"{address}&reply={told['id']}")

    assert reading == await axe(page) == []


async def test_axe_would_find_something_wrong(world: World, page: Page) -> None:
    await page.goto(world.page('<button></button><p style="color: #ccc">Pale</p>'))

    assert len(await axe(page)) == 2


async def test_what_fields_and_buttons_are_called_is_said(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    await read(page, world.page())

    spoken = await page.locator("main").aria_snapshot()

    assert '- button "Like"' in spoken or '- button "Like 0"' in spoken
    for line in (
        'heading "1 comment" [level=2]',
        'textbox "Your comment"',
        'textbox "Your name"',
        'button "Reply"',
    ):
        assert line in spoken


@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_a_small_screen_needs_no_scrolling_to_the_side(world: World, page: Page, language: str) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await filled(world, 60, replies=4)
    above: dict[str, str] = {}
    for depth in range(9):
        above = {"parent": world.act("Alice", "comment", text=f"Depth {depth}", **above)["id"]}
    await read(page, world.page(document=DOCUMENT.replace('lang="en"', f'lang="{language}"')))
    long = "code_that_is_very_long_and_has_no_place_to_break_at_all()" * 2
    world.act("Alice", "comment", text=f"```\n{long}\n```\n\n`{long}`\n\n{long}")
    await read(page, page.url)
    own = await write(page, "A word of my own")
    await own.locator("[data-reply]").first.click()
    await own.locator("summary").first.click()
    await own.locator("form[id^=e-] textarea").wait_for()
    await settle(page)

    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 320
    assert await page.evaluate(SMALL) == []
    sizes = thread(page).locator("textarea, input:not([type=hidden])")
    assert (
        min(await sizes.evaluate_all("(all) => all.map((it) => parseFloat(getComputedStyle(it).fontSize))"))
        >= 16
    )


async def test_who_wants_less_motion_sees_none(world: World, page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await read(page, world.page())
    await write(page, "A word")

    moving = await page.evaluate(
        """() => [...document.querySelectorAll('transom-comments, transom-like, transom-count')].flatMap((host) =>
             [...host.shadowRoot.querySelectorAll('*')].filter((it) => {
               const style = getComputedStyle(it);
               return parseFloat(style.transitionDuration) || parseFloat(style.animationDuration);
             }).map((it) => it.outerHTML))"""
    )

    assert moving == []


async def axe(page: Page) -> list[str]:
    """What axe-core finds wrong with a page as it is now: rule, element, and why."""
    await settle(page)
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(
        """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.flatMap(
             ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`))"""
    )
    return found
