"""Reads a page as a browser does: which elements and attributes it has, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import html5lib

Shape = list[tuple[str, tuple[str, ...]]]

ADDRESSES = {"href", "src", "action", "formaction"}


def shape(html: str, *, but: str = "") -> Shape:
    """Every element with the names of its attributes, in order; what has the class `but` is left empty."""
    return [(name, tuple(sorted(attributes))) for name, attributes in _elements(html, but)]


def schemes(html: str, *, but: str = "") -> set[str]:
    """The schemes of all addresses on the page; empty for those on this very server."""
    return {
        urlsplit(value.strip()).scheme if not value.startswith("//") else "//"
        for _, attributes in _elements(html, but)
        for name, value in attributes.items()
        if name in ADDRESSES
    }


def inside(html: str, wanted: str) -> str:
    """The HTML within the first element that has this class."""
    for element in _parsed(html).iter():
        if isinstance(element.tag, str) and wanted in (element.get("class") or "").split():
            walker = html5lib.getTreeWalker("etree")
            whole = "".join(
                html5lib.serializer.HTMLSerializer(omit_optional_tags=False).serialize(walker(element))
            )
            return whole.partition(">")[2].rpartition("<")[0]
    return ""


def _elements(html: str, but: str) -> Iterator[tuple[str, dict[str, str]]]:
    def walk(element: Any) -> Iterator[tuple[str, dict[str, str]]]:  # noqa: ANN401 - a tree without types
        if not isinstance(element.tag, str):
            yield "comment", {}
            return
        yield element.tag.rpartition("}")[2], dict(element.attrib)
        if not but or but not in (element.get("class") or "").split():
            for child in element:
                yield from walk(child)

    return walk(_parsed(html))


def _parsed(html: str) -> Any:  # noqa: ANN401 - a tree without types
    return html5lib.parse(html, namespaceHTMLElements=False)
