"""Hostile and broken files are refused at once, in little memory, with a reason; measured in a process apart."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from widget_server.errors import ImportRefused
from widget_server.transfer.disqus import DISQUS, quoted
from widget_server.transfer.wordpress import WORDPRESS

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1_000_000
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
WP = HEAD + b'<rss xmlns:wp="w"><channel><item><link>https://a.example/</link><wp:comment>'

READ = """
import json, sys, time
from tests.transfer.memory import peak
from widget_server.errors import ImportRefused
from widget_server.transfer.wordpress import WORDPRESS
begun = time.process_time()
reason = None
try:
    with open(sys.argv[1], "rb") as file:
        for _ in WORDPRESS.read(file):
            pass
except ImportRefused as refused:
    reason = refused.reason
print(json.dumps([reason, time.process_time() - begun, peak()]))
"""


def gigabyte(start: bytes, piece: bytes = b"a") -> Callable[[Path], None]:
    """A file with a line of a gigabyte; the file system keeps no block for a hole, so holes stand for more."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(start + piece * (40 * MEGABYTE // len(piece)))
            file.truncate(1_000 * MEGABYTE)

    return write


def unpacked_to(size: int, piece: bytes) -> Callable[[Path], None]:
    """A gzip file of a few kB to a MB that expands to so many bytes."""

    def write(path: Path) -> None:
        with gzip.open(path, "wb", 9) as file:
            file.write(HEAD + b"<rss><channel>")
            block = piece * (MEGABYTE // len(piece))
            for _ in range(size // MEGABYTE):
                file.write(block)

    return write


def content(*parts: bytes) -> Callable[[Path], None]:
    """A file that holds just that."""

    def write(path: Path) -> None:
        path.write_bytes(b"".join(parts))

    return write


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
NAMES = b"".join(b"<n%d/>" % n for n in range(300_000))
ATTRIBUTES = b"".join(b'a%d="" ' % n for n in range(300_000))

COSTLY = {
    "billion laughs": (
        "dtd",
        content(HEAD, b'<!DOCTYPE rss [<!ENTITY l0 "lol">', LAUGHS, b"]><rss>&l11;</rss>"),
    ),
    "quadratic entities": (
        "dtd",
        content(
            HEAD, b'<!DOCTYPE rss [<!ENTITY a "', b"x" * 100_000, b'">]><rss>', b"&a;" * 50_000, b"</rss>"
        ),
    ),
    "gzip bomb of white space": ("bomb", unpacked_to(400 * MEGABYTE, b" ")),
    "gzip bomb of elements": ("bomb", unpacked_to(100 * MEGABYTE, b"<item></item>")),
    "a gigabyte in a comment's text": ("too_long", gigabyte(WP + b"<wp:comment_content>")),
    "a gigabyte in an article": ("too_long", gigabyte(HEAD + b"<rss><channel><item><content:encoded>")),
    "a gigabyte in one tag": ("too_long", gigabyte(HEAD + b'<rss a="')),
    "a gigabyte in an XML comment": ("too_long", gigabyte(HEAD + b"<rss><!-- ")),
    "a gigabyte that is no XML": ("not_xml", gigabyte(b"")),
    "a million levels": ("too_deep", content(HEAD, b"<rss>", b"<a>" * 1_000_000)),
    "many names": ("too_many_names", content(HEAD, b"<rss>", NAMES)),
    "many attributes": ("too_long", content(HEAD, b"<rss ", ATTRIBUTES)),
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_file_is_refused_within_two_seconds_and_a_hundred_megabytes(
    name: str, tmp_path: Path
) -> None:
    reason, write = COSTLY[name]
    file = tmp_path / "hostile"
    write(file)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(file)], capture_output=True, check=True, timeout=60
    )
    found, seconds, megabytes = json.loads(done.stdout)

    assert found == reason
    assert seconds < 2
    assert megabytes < 100


def zipped(*names: str) -> bytes:
    """A zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "<rss/>")
    return packed.getvalue()


PACKED = gzip.compress(HEAD + b"<rss><channel>" + bytes(range(97, 123)) * 99 + b"</channel></rss>", mtime=0)

BROKEN = {
    "an external entity": (
        "dtd",
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss>&x;</rss>',
    ),
    "an external DTD": ("dtd", b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd"><rss/>'),
    "a parameter entity": ("dtd", b'<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><rss/>'),
    "an unknown entity": ("malformed", b"<rss>&nbsp;</rss>"),
    "a zip with two files": ("archive", zipped("a.xml", "b.xml")),
    "a zip that climbs": ("archive", zipped("../../a.xml")),
    "xz": ("archive", b"\xfd7zXZ\0\0"),
    "nothing": ("empty", b""),
    "white space": ("not_xml", b" \n\t "),
    "text": ("not_xml", b"Dear reader, this is no export."),
    "JSON": ("not_xml", b'{"comments": []}'),
    "zeros": ("not_xml", b"\0" * 100_000),
    "a web page": ("other_format", b"<html><p>Sign in to download</p></html>"),
    "the other format": ("other_format", b'<disqus xmlns="http://disqus.com"/>'),
    "Latin-1 that says UTF-8": ("encoding", HEAD + b"<rss><title>\xfcber</title></rss>"),
    "UTF-16 that says UTF-8": ("encoding", '<?xml version="1.0" encoding="UTF-8"?><rss/>'.encode("utf-16")),
    "an unknown encoding": ("encoding", b'<?xml version="1.0" encoding="x-nope"?><rss/>'),
    "an encoding that is none": ("encoding", b'<?xml version="1.0" encoding="zlib_codec"?><rss/>'),
    "cut within a letter": ("truncated", "<rss><title>ü".encode()[:-1]),
    "cut within a tag": ("truncated", b"<rss><chan"),
    "cut within CDATA": ("truncated", b"<rss><title><![CDATA[abc"),
    "cut between elements": ("truncated", b"<rss><channel>"),
    "mismatched tags": ("malformed", b"<rss></channel>"),
    "two roots": ("malformed", b"<rss/><rss/>"),
    "damaged gzip": ("damaged", b"\x1f\x8b" + b"junk" * 100),
    "half of a gzip file": ("truncated", PACKED[:-40]),
    "gzip in gzip": ("not_xml", gzip.compress(PACKED)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_reason(name: str) -> None:
    reason, held = BROKEN[name]

    with pytest.raises(ImportRefused) as refused:
        list(WORDPRESS.read(io.BytesIO(held)))

    assert refused.value.reason == reason
    assert refused.value.code == "import_refused"
    assert refused.value.detail


def test_the_line_of_the_fault_is_told() -> None:
    with pytest.raises(ImportRefused) as refused:
        list(DISQUS.read(io.BytesIO(b"<disqus>\n<thread>\n</post>")))

    assert refused.value.line == 3
    assert "(line 3)" in refused.value.detail


READABLE = {
    "gzip": gzip.compress(WP + b"<wp:comment_id>1</wp:comment_id></wp:comment></item></channel></rss>"),
    "two gzip members": gzip.compress(WP)
    + gzip.compress(b"<wp:comment_id>1</wp:comment_id></wp:comment></item></channel></rss>"),
    "a warning before the file": b"<br /><b>Warning</b>: x in <b>y.php</b>\n"
    + WP
    + b"</wp:comment></item></channel></rss>",
    "control characters": WP
    + b"<wp:comment_id>\x0b1\x08</wp:comment_id></wp:comment></item></channel></rss>",
    "a byte order mark": b"\xef\xbb\xbf" + WP + b"</wp:comment></item></channel></rss>",
    "UTF-16": (WP + b"</wp:comment></item></channel></rss>")
    .decode()
    .replace("UTF-8", "UTF-16")
    .encode("utf-16"),
    "Windows-1252": WP.replace(b"UTF-8", b"windows-1252")
    + b"<x>\x84\xfc\x93</x></wp:comment></item></channel></rss>",
}


@pytest.mark.parametrize("name", READABLE)
def test_odd_but_honest_files_are_read(name: str) -> None:
    assert len(list(WORDPRESS.read(io.BytesIO(READABLE[name])))) == 2


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 1000])
def test_bare_ids_are_mended_wherever_the_file_is_cut_into_pieces(size: int) -> None:
    told = b"<disqus><thread dsq:id=12><link>a dsq:id=1 b</link></thread><post dsq:id=34 ><thread dsq:id=12/></post>"
    mended = told.replace(b"=12", b'="12"').replace(b"=34", b'="34"')

    assert b"".join(quoted(told[at : at + size] for at in range(0, len(told), size))) == mended
