"""Records out of an XML file: a stream, bounded in memory, that no hostile file can blow up.

It stands on expat itself and not on defusedxml, which refuses entities (as this does) but bounds neither
depth, nor the length of a text, nor that of a single token, and has had no release since 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from widget_server.errors import ImportRefused
from widget_server.transfer.source import chunks

MAX_DEPTH = 64
"""Elements inside one another."""

MAX_TOKEN = 256 * 1024
"""Bytes of one tag, comment or processing instruction: expat holds these whole."""

MAX_NAMES = 2_000
"""Different names of elements and attributes: expat keeps each for good."""

MAX_KEPT = 512 * 1024
"""Characters of a text that is kept."""

MAX_IGNORED = 32 * 1024 * 1024
"""Characters of a text that is passed over, such as the body of an article."""

CUT_OFF = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}
ENCODING = {
    expat.errors.codes[message]
    for message in (expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING)
}
INVALID_TOKEN = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]
ASCII = 0x80


@dataclass(frozen=True, slots=True)
class Shape:
    """Which elements are records, and what of them is kept.

    `records` maps the path of a record (`rss/channel/item`) to the paths inside it that are kept:
    `author/name` is a text, `thread@dsq:id` an attribute, `@dsq:id` one of the record itself.
    """

    root: str
    title: str
    records: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Record:
    """One element with the fields that its shape asked for; `line` is where it begins.

    A record that holds others comes before the first of them, with the fields read so far (`holds`).
    """

    path: str
    line: int
    fields: Mapping[str, str]
    holds: bool = False

    def text(self, name: str) -> str:
        """The field without white space around it; empty where the file has none."""
        return self.fields.get(name, "").strip()


def records(
    file: BinaryIO, shape: Shape, repair: Callable[[Iterator[bytes]], Iterator[bytes]] | None = None
) -> Iterator[Record]:
    """The file's records in order; `repair` may mend the bytes on their way in.

    Raises:
        ImportRefused: not XML, not of this shape, cut off, in another encoding than it says, with a DTD,
            or beyond a bound. What came before was yielded, so nothing may be kept until the end is reached.
    """
    gatherer = _Gatherer(shape)
    stream = chunks(file)
    for chunk in repair(stream) if repair else stream:
        gatherer.feed(chunk)
        yield from gatherer.take()
    gatherer.close()
    yield from gatherer.take()


@dataclass(slots=True)
class _Open:
    """An element that is being read."""

    path: str
    record: _Draft | None
    """The record that it is part of, or is."""
    name: str
    """Its path inside that record; empty for the record itself."""
    kept: list[str] | None = None
    length: int = 0


@dataclass(slots=True)
class _Draft:
    path: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    given: bool = False


class _Gatherer:
    """Follows the parser and gathers records."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._open: list[_Open] = []
        self._done: list[Record] = []
        self._fed = 0
        self._begun = False
        self._names: dict[str, str] = {}
        parser = expat.ParserCreate(intern=self._names)
        parser.buffer_text = True
        parser.buffer_size = 64 * 1024
        parser.StartDoctypeDeclHandler = self._refuse_dtd
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser

    def feed(self, chunk: bytes) -> None:
        """Parse more bytes."""
        self._parse(chunk, final=False)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > MAX_TOKEN:
            self._refuse("One tag or XML comment is too long.", "too_long")
        if len(self._names) > MAX_NAMES:
            self._refuse("There are more kinds of elements than in any export.", "too_many_names")

    def close(self) -> None:
        """Say that this was all."""
        self._parse(b"", final=True)

    def take(self) -> list[Record]:
        """The records that are ready."""
        done, self._done = self._done, []
        return done

    def _parse(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            self._explain(error, chunk)
        except (LookupError, ValueError) as error:
            detail = "The file names an encoding that is not known; save it as UTF-8."
            raise ImportRefused(detail, reason="encoding", line=1) from error

    def _explain(self, error: expat.ExpatError, chunk: bytes) -> NoReturn:
        at = self._parser.ErrorByteIndex - self._fed
        foreign = error.code == INVALID_TOKEN and 0 <= at < len(chunk) and chunk[at] >= ASCII
        if foreign or error.code in ENCODING:
            detail, reason = "The file is not in the encoding that it says; save it as UTF-8.", "encoding"
        elif error.code in CUT_OFF:
            detail, reason = "The file ends too early; export or download it again.", "truncated"
        elif not self._begun:
            detail, reason = "This is not an XML file.", "not_xml"
        else:
            detail, reason = f"The XML is malformed: {expat.ErrorString(error.code)}.", "malformed"
        raise ImportRefused(detail, reason=reason, line=error.lineno) from error

    def _refuse(self, detail: str, reason: str) -> NoReturn:
        raise ImportRefused(detail, reason=reason, line=self._parser.CurrentLineNumber)

    def _refuse_dtd(self, *_declaration: object) -> None:
        self._refuse("The file declares a document type or entities, which no export does.", "dtd")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._begun = True
        if len(self._open) >= MAX_DEPTH:
            self._refuse("The elements are nested too deeply.", "too_deep")
        if not self._open and tag != self._shape.root:
            self._refuse(f"This is not {self._shape.title}: it begins with <{tag[:40]}>.", "other_format")
        element = self._opened(tag)
        self._open.append(element)
        record = element.record
        if record is not None:
            wanted = self._shape.records[record.path]
            for name, value in attributes.items():
                if (full := f"{element.name}@{name}") in wanted:
                    record.fields.setdefault(full, value)
            if element.name in wanted and element.name not in record.fields:
                element.kept = []

    def _opened(self, tag: str) -> _Open:
        if not self._open:
            return _Open(tag, None, "")
        above = self._open[-1]
        path = f"{above.path}/{tag}"
        if path in self._shape.records:
            if above.record is not None:
                self._give(above.record, holds=True)
            return _Open(path, _Draft(path, self._parser.CurrentLineNumber), "")
        return _Open(path, above.record, f"{above.name}/{tag}" if above.name else tag)

    def _text(self, text: str) -> None:
        element = self._open[-1]
        element.length += len(text)
        if element.length > (MAX_IGNORED if element.kept is None else MAX_KEPT):
            self._refuse("One text is too long.", "too_long")
        if element.kept is not None:
            element.kept.append(text)

    def _end(self, _tag: str) -> None:
        element = self._open.pop()
        record = element.record
        if record is not None:
            if element.kept is not None:
                record.fields[element.name] = "".join(element.kept)
            if not element.name:
                self._give(record)

    def _give(self, record: _Draft, *, holds: bool = False) -> None:
        if not record.given:
            record.given = True
            self._done.append(Record(record.path, record.line, dict(record.fields), holds))
