"""The bytes of an import file, in chunks: unpacked where they are gzip, with the odd byte made harmless."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from widget_server.errors import ImportRefused

CHUNK = 64 * 1024
"""Bytes read at a time."""

FREE_EXPANSION = 2 * 1024 * 1024
"""Bytes that a gzip file may expand to whatever its ratio."""

MAX_RATIO = 100
"""Bytes out per byte in that a larger gzip file may reach; real exports stay under 30."""

MAX_PREFIX = 4 * 1024
"""Bytes of noise, such as a blank line or a PHP warning, that may stand before the XML."""

ARCHIVES = {b"PK": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z", b"(\xb5/\xfd": "zstd"}
WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
TO_SPACE = bytes.maketrans(CONTROLS, b" " * len(CONTROLS))


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """The XML text of the file, from its first `<`, in bounded chunks.

    Raises:
        ImportRefused: it is empty, an archive, damaged, a bomb, or holds no XML.
    """
    start = file.read(CHUNK)
    if not start:
        raise ImportRefused("The file is empty.", reason="empty")
    for magic, kind in ARCHIVES.items():
        if start.startswith(magic):
            detail = f"This is a {kind} archive: unpack it, and import the XML file inside."
            raise ImportRefused(detail, reason="archive")
    raw = _followed(start, file)
    return _cleaned(_unpacked(raw) if start.startswith(b"\x1f\x8b") else raw)


def _followed(start: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield start
    while chunk := file.read(CHUNK):
        yield chunk


def _unpacked(packed: Iterator[bytes]) -> Iterator[bytes]:
    taken = given = 0
    member = zlib.decompressobj(wbits=31)
    for chunk in packed:
        taken += len(chunk)
        rest = chunk
        while rest:
            if member.eof:
                member = zlib.decompressobj(wbits=31)
            try:
                out = member.decompress(rest, CHUNK)
            except zlib.error as error:
                raise ImportRefused("The gzip file is damaged.", reason="damaged") from error
            given += len(out)
            if given > FREE_EXPANSION and given > (taken - len(member.unconsumed_tail)) * MAX_RATIO:
                raise ImportRefused("The gzip file expands too far to be an export.", reason="bomb")
            yield out
            rest = member.unused_data.lstrip(b"\0") if member.eof else member.unconsumed_tail
    if not member.eof:
        raise ImportRefused("The gzip file ends too early; download it again.", reason="truncated")


def _cleaned(dirty: Iterator[bytes]) -> Iterator[bytes]:
    """Drop what stands before the XML, and put spaces for control characters, which XML forbids."""
    head = b""
    for chunk in dirty:
        head += chunk
        if len(head) > MAX_PREFIX:
            break
    if head.startswith(WIDE):
        yield head
        yield from dirty
    else:
        yield head[_start_of_xml(head) :].translate(TO_SPACE)
        for chunk in dirty:
            yield chunk.translate(TO_SPACE)


def _start_of_xml(head: bytes) -> int:
    start = head.find(b"<?xml", 0, MAX_PREFIX)
    if start < 0:
        start = head.find(b"<", 0, MAX_PREFIX)
    if start < 0:
        raise ImportRefused("This is not an XML file.", reason="not_xml")
    return start
