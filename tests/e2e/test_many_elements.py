"""Elements about named subjects ask together, whenever they come."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import World
from tests.e2e.reading import watched
from tests.e2e.test_own_buttons import asked_for, like

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_elements_about_named_subjects_are_one_request_and_later_ones_one_more(
    world: World, page: Page
) -> None:
    like(world, "photo:3")
    noticed = await watched(page)
    tags = "<transom-{kind} subject='photo:{number}'></transom-{kind}>"
    many = "".join(
        tags.format(kind=kind, number=number) for number in range(60) for kind in ("like", "count")
    )
    both = tags.format(kind="like", number="x") + tags.format(kind="comments", number="x")

    await page.goto(world.page(f"{many}{both}<transom-like></transom-like><div id=place></div>"))
    await expect(page.locator("transom-like[subject='photo:3'] data")).to_have_text("1")
    await page.locator("transom-comments #compose").wait_for()
    await page.locator("transom-like:not([subject]) button").wait_for()
    await expect(page.locator("transom-count[subject='photo:59'] #count")).to_be_attached()

    assert sorted(len(subjects) for subjects in asked_for(noticed)) == [1, 1, 60]

    await page.evaluate(
        "(html) => { place.innerHTML = html }",
        "".join(tags.format(kind="like", number=number) for number in range(50, 70)),
    )
    await page.locator("#place transom-like[subject='photo:69'] button").wait_for()

    assert sorted(len(subjects) for subjects in asked_for(noticed)) == [1, 1, 20, 60]

    await page.locator("transom-like[subject='photo:3'] button").click()
    await expect(page.locator("transom-like[subject='photo:3'] data")).to_have_text("2")
    await page.reload()

    await expect(page.locator("transom-like[subject='photo:3'] button")).to_have_attribute(
        "aria-pressed", "true"
    )
    await expect(page.locator("transom-like[subject='photo:4'] button")).to_have_attribute(
        "aria-pressed", "false"
    )
