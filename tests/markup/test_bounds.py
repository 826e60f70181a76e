"""No text costs much: not in time, not in size, not in depth, and never on the event loop."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from types import ModuleType

import comrak
import pytest

from tests.markup import browser, hostile
from widget_server import markup
from widget_server.errors import Overloaded, TextTooCostly
from widget_server.markup import markdown
from widget_server.markup.renderer import SHORT, is_brief

MILLISECONDS_100 = 0.1

PROSE = "Hello *world*, see https://a.example for more.\n\n"


@pytest.mark.parametrize("what", hostile.costly(1))
@pytest.mark.parametrize("size", [markup.MAX_LENGTH, markdown.MAX_RENDERED])
def test_no_text_at_the_limit_costs_much_more_than_prose_of_its_length(what: str, size: int) -> None:
    prose = (PROSE * size)[:size]
    source = hostile.costly(size)[what]

    times = _times_of(source, prose)
    html = markup.render(source)

    assert times < 8  # the worst was 3.3 times; a parser that is quadratic takes hundreds
    assert len(html) <= markdown.MAX_OUTPUT * 2  # the sanitiser adds a `rel` to each link
    assert browser.depth(html) <= markdown.MAX_DEPTH + 4


def test_a_short_source_cannot_ask_for_millions_of_cells() -> None:
    html = markup.render("|a" * 700 + "\n" + "|-" * 700 + "\n" + "|x\n" * 2_300)

    assert browser.count(html, "td") == 0
    assert len(html) < 50_000


def test_a_table_of_ordinary_size_is_a_table() -> None:
    html = markup.render("|a|b|c|\n|-|-|-|\n" + "|1|2|3|\n" * 200)

    assert browser.count(html, "td") == 600


def test_quotes_in_quotes_keep_their_words_when_they_grow_too_deep() -> None:
    html = markup.render("\n".join(">" * depth + f" {depth}\n" for depth in range(1, 60)))

    assert browser.depth(html) <= markdown.MAX_DEPTH + 2
    assert browser.text(html).split() == [str(depth) for depth in range(1, 60)]
    assert browser.faults(html) == []


def test_lists_in_lists_keep_their_words_when_they_grow_too_deep() -> None:
    html = markup.render("".join("  " * depth + f"- {depth}\n" for depth in range(60)))

    assert browser.depth(html) <= markdown.MAX_DEPTH + 2
    assert browser.text(html).split() == [str(depth) for depth in range(60)]
    assert browser.faults(html) == []


def test_a_text_beyond_the_limit_is_shown_as_it_was_typed() -> None:
    source = "**bold** <b>\n" * 2_000

    html = markup.render(source)

    assert source.split() == browser.text(html).split()
    assert browser.faults(html) == []


def test_a_text_whose_html_would_grow_too_large_is_shown_as_it_was_typed() -> None:
    source = "www.a.b " * 2_500

    assert len(markup.render(source)) <= markdown.MAX_OUTPUT * 2


def test_an_excerpt_of_a_long_text_costs_no_more_than_its_beginning() -> None:
    source = "> " * 5_000
    start = time.thread_time()

    markup.excerpt(source, 80)

    assert time.thread_time() - start < MILLISECONDS_100 / 5


def test_a_panic_of_the_parser_costs_a_text_its_markup_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class PanicException(BaseException):
        pass

    def panic(*_: object) -> str:
        raise PanicException

    monkeypatch.setattr(comrak, "render_markdown", panic)

    assert markup.render("*a* <b>\nc") == "<p>*a* &lt;b&gt;<br>\nc</p>\n"


async def test_texts_are_rendered_in_another_thread() -> None:
    seen: list[int] = []

    def render(source: str) -> str:
        seen.append(threading.get_ident())
        return source.upper()

    with markup.Renderer(how=render, brief=never) as renderer:
        one = await renderer.render("a")
        many = await renderer.render_all(["a", "b", "c"])
        none = await renderer.render_all([])

    assert (one, many, none) == ("A", ["A", "B", "C"], [])
    assert threading.get_ident() not in seen
    assert len(seen) == 4


async def test_a_short_and_plain_text_is_rendered_where_it_is_asked_for() -> None:
    texts = {
        "plain": "Hello *world*, and all who are in it.",
        "long": "word " * 401,
        "much of markup": "*a* " * 17,
    }
    with markup.Renderer(how=lambda _: str(threading.get_ident())) as renderer:
        places = {what: int(await renderer.render(text)) for what, text in texts.items()}

    here = threading.get_ident()
    assert {what: place == here for what, place in places.items()} == {
        "plain": True,
        "long": False,
        "much of markup": False,
    }


@pytest.mark.parametrize("what", hostile.costly(1))
def test_no_text_that_is_rendered_on_the_event_loop_takes_long(what: str) -> None:
    source = hostile.costly(SHORT)[what]
    while not is_brief(source):
        source = source[: len(source) * 9 // 10]

    spent = min(_time_of(source) for _ in range(3))

    assert spent < 0.005  # a tenth of that on a machine with nothing else to do


async def test_many_stale_texts_take_one_hop() -> None:
    with markup.Renderer() as renderer:
        htmls = await renderer.render_all([f"*{number}*" for number in range(500)])

    assert htmls[499] == markup.render("*499*")
    assert len(htmls) == 500


async def test_a_text_that_takes_too_long_is_refused_and_the_loop_goes_on() -> None:
    release = threading.Event()
    with markup.Renderer(
        threads=1, time_limit=0.05, how=lambda source: str(release.wait(10)) + source, brief=never
    ) as renderer:
        with pytest.raises(TextTooCostly) as caught:
            await renderer.render("slow")
        release.set()

    assert (caught.value.status, caught.value.code) == (422, "text_too_costly")


async def test_a_text_that_waited_for_others_is_not_blamed_for_it() -> None:
    release = threading.Event()
    with markup.Renderer(
        threads=1, queue=2, time_limit=0.05, how=lambda source: str(release.wait(10)) + source, brief=never
    ) as renderer:
        slow = asyncio.ensure_future(renderer.render("slow"))
        answers = await asyncio.gather(slow, renderer.render("quick"), return_exceptions=True)
        again = await asyncio.gather(renderer.render("again"), return_exceptions=True)
        release.set()

    assert [type(answer) for answer in answers + again] == [TextTooCostly, Overloaded, Overloaded]
    assert isinstance(answers[1], Overloaded)
    assert answers[1].retry_after == 1


async def test_the_wait_for_a_thread_does_not_count_as_work() -> None:
    def render(source: str) -> str:
        threading.Event().wait(0.3)
        return source

    with markup.Renderer(threads=1, time_limit=0.5, how=render, brief=never) as renderer:
        done = await asyncio.gather(*(renderer.render(text) for text in "ab"))

    assert done == ["a", "b"]  # the second was ready after 0.6 s, of which it worked 0.3 s


async def test_a_full_queue_refuses_at_once_and_gives_its_places_back() -> None:
    release = threading.Event()
    with markup.Renderer(
        threads=1, queue=2, how=lambda source: source * release.wait(10), brief=never
    ) as renderer:
        waiting = [asyncio.ensure_future(renderer.render(text)) for text in "ab"]
        await asyncio.sleep(0)

        with pytest.raises(Overloaded) as caught:
            await renderer.render("c")
        release.set()

        assert await asyncio.gather(*waiting) == ["a", "b"]
        assert await renderer.render("d") == "d"
    assert caught.value.retry_after == 1


async def test_a_caller_that_goes_away_leaves_the_others_alone() -> None:
    release = threading.Event()
    with markup.Renderer(threads=1, how=lambda source: source * release.wait(10), brief=never) as renderer:
        gone = asyncio.ensure_future(renderer.render("gone"))
        stays = asyncio.ensure_future(renderer.render("stays"))
        await asyncio.sleep(0)
        gone.cancel()
        release.set()

        assert await stays == "stays"
    assert gone.cancelled()


async def test_rendering_in_two_threads_gives_what_one_gives() -> None:
    sources = [f"~~{number}~~ https://a{number}.example |\n\n|x|\n|-|\n|{number}|" for number in range(40)]
    expected = [markup.render(source) for source in sources]

    with markup.Renderer(threads=4) as renderer:
        runs = await asyncio.gather(*(renderer.render_all(sources) for _ in range(20)))

    assert all(run == expected for run in runs)


def test_rendering_keeps_no_memory() -> None:
    resource = pytest.importorskip("resource")
    source = "Hello *world*, see https://a.example for more.\n\n" * 20
    for _ in range(300):
        markup.render(source)
    before = _peak(resource)

    for _ in range(1_500):
        markup.render(source)

    assert _peak(resource) - before < 8_000_000  # a parser that keeps its trees would take 100 MB


def never(source: str) -> bool:  # noqa: ARG001 - the shape of a question about a text
    """No text is brief."""
    return False


def _peak(resource: ModuleType) -> int:
    """The most memory that this process has held, in bytes."""
    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _times_of(source: str, other: str) -> float:
    """How many times what `other` costs `source` costs: the quickest of three runs of each, taken in turns."""
    runs = [(_time_of(source), _time_of(other)) for _ in range(3)]
    return min(run[0] for run in runs) / min(run[1] for run in runs)


def _time_of(source: str) -> float:
    """The processor time that rendering takes, in seconds."""
    start = time.thread_time()
    markup.render(source)
    return time.thread_time() - start
