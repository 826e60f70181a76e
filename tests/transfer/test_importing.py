"""What an import brings, keeps and refuses; on made-up exports."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.transfer.conftest import NOW, READERS, Import, Query
from widget_server.errors import FieldInvalid, NotFound
from widget_server.store.database import Database
from widget_server.transfer import import_file, parse_moves

ROWS = """
select (select count(*) from comments) + (select count(*) from interactions) + (select count(*) from people)
    + (select count(*) from subjects) + (select count(*) from tallies) + (select count(*) from aliases)
    + (select count(*) from changes)
"""
TREE = "select path, name, status, source, created from comments where subject = '{}' order by path"


async def test_a_wordpress_export_arrives_as_a_tree_with_times_and_names(
    bring: Import, query: Query, data: Path
) -> None:
    report = await bring("wordpress", data / "small.wordpress.xml")

    assert report.read == 14
    assert report.inserted == 6
    assert report.pages == 2
    assert report.skipped == {
        "duplicate": 1,
        "empty_text": 1,
        "not_a_comment": 1,
        "origin_not_allowed": 1,
        "page_without_address": 1,
        "pingback": 1,
        "spam": 1,
        "time_unreadable": 1,
    }
    assert report.notes == {
        "page_not_public": 1,
        "parent_missing": 1,
        "scheme_changed": 1,
        "time_without_zone": 1,
        "tombstone": 1,
    }
    assert report.origins == {"https://elsewhere.example": 1}
    assert query(TREE.format("alice.example/bread/")) == [
        ("11", "Charlie & Söhne", "published", "Größe *zählt* nicht: 2 \\* 3 \\* 4 = 24", 1580468400000),
        (
            "1111",
            "Bob",
            "published",
            "A reply that stands before what it answers.\nOn two lines.",
            1580551200000,
        ),
        ("12", "", "held", "Waits for Alice.", 1580637600000),
        ("13", "", "deleted", "", 1580724000000),
        ("1311", "Bob", "published", "I answer it all the same.", 1580810400000),
    ]
    assert query("select name, status from comments where subject = 'alice.example/friends/'") == [
        ("Dana", "held")
    ]
    assert query("select subject, url, title from subjects order by subject") == [
        ("alice.example/bread/", "https://alice.example/bread/", "Bread & butter"),
        ("alice.example/friends/", "https://alice.example/friends/", "For friends"),
    ]


async def test_a_disqus_export_arrives_whatever_the_order_of_its_posts(
    bring: Import, query: Query, data: Path
) -> None:
    report = await bring("disqus", data / "small.disqus.xml")

    assert report.read == 9
    assert report.inserted == 6
    assert report.skipped == {"no_page": 1, "page_deleted": 1, "page_without_address": 1}
    assert report.notes == {"flag_unclear": 1, "parent_loop": 1, "scheme_changed": 1, "tombstone": 1}
    assert query(TREE.format("alice.example/post/")) == [
        ("11", "", "deleted", "", 1381276800000),
        (
            "1111",
            "Peter",
            "published",
            "A post before its thread.\n\nSecond paragraph, [a link](<https://alice.example/x?a=1&b=2>).",
            1381432829000,
        ),
        ("12", "Peter", "published", "plain\ntext & more", 1381519229000),
        ("13", "Ring", "published", "Going round, one", 1381536000000),
        ("1311", "Ring", "held", "Going round, two", 1381536001000),
        ("14", "Nine", "published", "Without a number of its own", 1381622400000),
    ]
    assert query("select alias, subject from aliases") == [("my-post", "alice.example/post/")]


@pytest.mark.parametrize("form", ["wordpress", "disqus"])
async def test_a_second_import_changes_nothing_and_is_no_error(
    bring: Import, query: Query, data: Path, form: str
) -> None:
    first = await bring(form, data / f"small.{form}.xml")
    before = query("select * from comments"), query("select * from tallies"), query("select * from people")
    second = await bring(form, data / f"small.{form}.xml")

    assert second.inserted == 0
    assert second.read == first.read
    assert second.skipped == {**first.skipped, "already_imported": first.inserted}
    assert not second.failed
    assert before == (
        query("select * from comments"),
        query("select * from tallies"),
        query("select * from people"),
    )


@pytest.mark.parametrize("form", ["wordpress", "disqus"])
async def test_a_dry_run_counts_the_same_and_keeps_nothing(
    bring: Import, query: Query, data: Path, form: str
) -> None:
    rehearsed = await bring(form, data / f"small.{form}.xml", dry_run=True)
    kept = query(ROWS)
    real = await bring(form, data / f"small.{form}.xml")

    assert kept == [(0,)]
    assert rehearsed.dry_run
    assert (rehearsed.inserted, rehearsed.skipped, rehearsed.notes, rehearsed.pages) == (
        real.inserted,
        real.skipped,
        real.notes,
        real.pages,
    )


async def test_every_comment_stands_in_the_record_and_in_the_tally(
    bring: Import, query: Query, data: Path
) -> None:
    await bring("wordpress", data / "small.wordpress.xml")

    assert query("select subject, value, count from tallies") == [("alice.example/bread/", "published", 3)]
    assert query(
        "select kind, verdict, reasons, count(*) from interactions group by kind, verdict, reasons order by 2"
    ) == [("comment", "hold", '["imported"]', 2), ("comment", "publish", '["imported"]', 3)]
    assert query(
        "select count(*) from interactions i join comments c on c.comment = i.target"
        " where i.interaction = c.comment and i.at = c.created and i.person = c.person"
    ) == [(5,)]
    assert query("select distinct site, subject from changes order by subject") == [
        ("alice", "alice.example/bread/"),
        ("alice", "alice.example/friends/"),
    ]


@pytest.mark.only_sqlite("it reads the file")
async def test_one_author_becomes_one_person_and_no_address_is_kept(
    bring: Import, query: Query, data: Path, tmp_path: Path
) -> None:
    await bring("wordpress", data / "small.wordpress.xml")
    await bring("disqus", data / "small.disqus.xml")

    assert query("select count(distinct person) from comments where name = 'Bob'") == [(1,)]
    assert query("select distinct kind from people") == [("imported",)]
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert b"Waits for Alice" in stored
    for secret in (b"bob-canary", b"peter-canary", b"198.51.100.77", b"A secret that was taken back"):
        assert secret not in stored


async def test_pages_that_moved_are_found_at_their_new_origin(
    bring: Import, query: Query, data: Path
) -> None:
    moved = await bring(
        "wordpress",
        data / "small.wordpress.xml",
        origins=("https://new.example",),
        moves=parse_moves(
            ["https://alice.example=https://new.example", "http://alice.example=https://new.example"]
        ),
    )

    assert moved.inserted == 6
    assert query("select url from subjects order by url") == [
        ("https://new.example/bread/",),
        ("https://new.example/friends/",),
    ]


async def test_an_import_of_nothing_says_why(bring: Import, data: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.xml"
    empty.write_text("<rss><channel/></rss>", encoding="utf-8")
    elsewhere = await bring("wordpress", data / "small.wordpress.xml", origins=("https://other.example",))
    nothing = await bring("wordpress", empty)

    assert elsewhere.failed
    assert "https://alice.example" in elsewhere.explanation()
    assert "--origin" in elsewhere.explanation()
    assert nothing.failed
    assert nothing.explanation() == "The file holds no comments."


async def test_an_unknown_site_and_a_foreign_target_are_refused(
    bring: Import, database: Database, data: Path
) -> None:
    with pytest.raises(NotFound):
        await import_file(io.BytesIO(b""), READERS["disqus"], "nobody", database, now=NOW)
    with pytest.raises(FieldInvalid):
        await bring("disqus", data / "small.disqus.xml", moves={"https://a.example": "https://b.example"})


@pytest.mark.parametrize("pair", ["", "https://a.example", "a=b", "https://a.example/path=https://b.example"])
def test_a_move_is_a_pair_of_origins(pair: str) -> None:
    with pytest.raises(FieldInvalid):
        parse_moves([pair])
