"""Exports that other systems keep as their test data, with exact numbers; and hostile texts by way of an import."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pytest

from tests.transfer.conftest import Import, Query
from tests.transfer.safe import assert_safe


@dataclass(frozen=True, slots=True)
class Expected:
    """One export: where it comes to, and what must be told of it."""

    file: str
    form: str
    origins: tuple[str, ...]
    read: int
    inserted: int
    pages: int
    skipped: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)


RADIO = ("https://radio-t.com", "http://radio-t.umputun.com")

EXPORTS = [
    Expected(
        "isso/disqus.xml",
        "disqus",
        ("http://example.org", "http://localhost:4000"),
        read=6,
        inserted=5,
        pages=2,
        skipped={"no_page": 1},
        notes={"tombstone": 1},
    ),
    Expected("isso/wordpress.xml", "wordpress", ("http://example.tld",), read=8, inserted=8, pages=2),
    Expected(
        "remark42/disqus.xml",
        "disqus",
        RADIO,
        read=6,
        inserted=4,
        pages=2,
        skipped={"spam": 1, "time_unreadable": 1},
    ),
    Expected(
        "remark42/disqus-deleted-post.xml",
        "disqus",
        RADIO,
        read=6,
        inserted=3,
        pages=2,
        skipped={"deleted": 1, "spam": 1, "time_unreadable": 1},
    ),
    Expected(
        "remark42/disqus-deleted-thread.xml",
        "disqus",
        RADIO,
        read=6,
        inserted=2,
        pages=1,
        skipped={"page_deleted": 3, "time_unreadable": 1},
    ),
    Expected(
        "wordpress-theme-test/themeunittestdata.wordpress.xml",
        "wordpress",
        ("https://wpthemetestdata.wordpress.com",),
        read=33,
        inserted=29,
        pages=7,
        skipped={"pingback": 2, "trackback": 2},
        notes={"page_not_public": 1},
    ),
]


@pytest.mark.parametrize("expected", EXPORTS, ids=lambda expected: expected.file)
async def test_an_export_of_another_project_arrives_with_exact_numbers(
    bring: Import, query: Query, corpora: Path, expected: Expected
) -> None:
    file = corpora / "import-fixtures" / expected.file
    report = await bring(expected.form, file, origins=expected.origins)
    again = await bring(expected.form, file)

    assert report.read == expected.read
    assert report.inserted == expected.inserted
    assert report.pages == expected.pages
    assert report.skipped == expected.skipped
    assert report.notes == expected.notes
    assert query("select count(*) from comments") == [(expected.inserted,)]
    assert query(
        "select (select sum(count) from tallies) = (select count(*) from comments where status = 'published')"
    ) == [(1,)]
    assert again.inserted == 0
    assert again.skipped == {**expected.skipped, "already_imported": expected.inserted}
    assert not again.failed


async def test_the_theme_tests_ten_levels_of_replies_stand(
    bring: Import, query: Query, corpora: Path
) -> None:
    file = corpora / "import-fixtures" / "wordpress-theme-test" / "themeunittestdata.wordpress.xml"
    await bring("wordpress", file, origins=("https://wpthemetestdata.wordpress.com",))

    assert [
        row[0]
        for row in query(
            "select source from comments where depth > 0 and status = 'published' order by depth"
        )
    ] == [
        "Comment Depth 02",
        "Comment Depth 03",
        "Comment Depth 04",
        "Comment Depth 05\n\nAlso an author comment.",
        "Comment Depth 06 has some more text than some of the other comments on this post.",
        "Comment Depth 07 has a little bit.",
        "Comment Depth 08",
        "Comment Depth 09 is way nested, but there are a lot of sites with very nested comments.",
        "Comment Depth 10\n\nAlso an author comment.",
    ]
    for (html,) in query("select html from comments"):
        assert_safe(html)


async def test_no_hostile_text_becomes_markup_by_way_of_an_import(
    bring: Import, query: Query, corpora: Path, tmp_path: Path
) -> None:
    payloads = [
        case["payload"] for case in json.loads((corpora / "dompurify" / "expect.json").read_text("utf-8"))
    ] + json.loads((corpora / "blns" / "blns.json").read_text("utf-8"))
    for form, text in (("wordpress", export_of(payloads)), ("disqus", disqus_export_of(payloads))):
        file = tmp_path / f"{form}.xml"
        file.write_text(text, encoding="utf-8", errors="replace")
        report = await bring(form, file)

        assert report.read == len(payloads)
        assert report.inserted + report.skipped.get("empty_text", 0) == len(payloads)
        assert report.inserted > len(payloads) * 0.8
    for (html,) in query("select html from comments"):
        assert_safe(html)


def export_of(texts: list[str]) -> str:
    """A WordPress export in which each text is a comment, its author's name and address."""
    comments = "".join(
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>{held(text)}</wp:comment_author>"
        f"<wp:comment_author_email>{held(text)}</wp:comment_author_email>"
        f"<wp:comment_author_url>{held(text)}</wp:comment_author_url>"
        "<wp:comment_date_gmt>2020-01-01 00:00:00</wp:comment_date_gmt><wp:comment_approved>1</wp:comment_approved>"
        f"<wp:comment_content>{held(text)}</wp:comment_content></wp:comment>"
        for number, text in enumerate(texts, 1)
    )
    page = f"<title>{held(texts[0])}</title><link>https://alice.example/p</link>"
    return f"<rss xmlns:wp='w'><channel><item>{page}{comments}</item></channel></rss>"


def disqus_export_of(texts: list[str]) -> str:
    """The same from Disqus."""
    posts = "".join(
        f"<post dsq:id='{number}'><message>{held(text)}</message><createdAt>2020-01-01T00:00:00Z</createdAt>"
        f"<author><name>{held(text)}</name></author><thread dsq:id='t'/></post>"
        for number, text in enumerate(texts, 1)
    )
    thread = (
        f"<thread dsq:id='t'><title>{held(texts[1])}</title><link>https://alice.example/q</link></thread>"
    )
    return f"<disqus xmlns:dsq='d'>{thread}{posts}</disqus>"


def held(text: str) -> str:
    """The text as XML carries it."""
    return escape(re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text))
