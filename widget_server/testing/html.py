"""Reads a widget's HTML, and tells what it must not hold."""

from __future__ import annotations

from html.parser import HTMLParser

FORBIDDEN = frozenset({"script", "style", "iframe", "object", "embed", "link", "meta", "base", "img"})
"""Elements that a widget's HTML has no use for; style sheets and modules are named apart."""

NAMED = frozenset({"button", "input", "textarea", "select"})
"""Elements that need a name for those who do not see them."""


def faults(html: str, *, parts: bool = False) -> list[str]:
    """What is wrong with a widget's HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    unnamed = [f"<{tag}> has no name" for tag in reader.unnamed()]
    lost = [f"<{tag}> at the top has no id" for tag in reader.without_id] if parts else []
    return [*reader.found, *unnamed, *lost]


class _Reader(HTMLParser):
    """Notes what a widget's HTML must not hold."""

    void = frozenset({"input", "br", "hr", "img", "path", "link", "meta"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.without_id: list[str] = []
        self._open: list[str] = []
        self._nameless: list[str] = []
        self._labelled: set[str | None] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in FORBIDDEN:
            self.found.append(f"<{tag}>")
        self.found += [f"{name} of <{tag}>" for name in given if name.startswith("on") or name == "style"]
        for name in ("href", "action", "src", "formaction"):
            if not (given.get(name) or "https:").lower().startswith(("https:", "http:", "#", "/")):
                self.found.append(f"{name} of <{tag}> leads to {given[name]!r}")
        if not self._open and "id" not in given:
            self.without_id.append(tag)
        if tag == "label" and given.get("for"):
            self._labelled.add(given["for"])
        is_named = bool(given.get("aria-label") or given.get("title") or given.get("type") == "hidden")
        is_named |= given.get("id") in self._labelled  # by a label that stands before it
        if tag in NAMED and not is_named:
            self._nameless.append(tag)
        if tag not in self.void:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.void:
            if not self._open or self._open[-1] != tag:
                self.found.append(f"</{tag}> closes nothing")
            else:
                self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and "button" in self._open and self._nameless[-1:] == ["button"]:
            self._nameless.pop()  # the words on it are its name

    def close(self) -> None:
        super().close()
        self.found += [f"<{tag}> is never closed" for tag in self._open]

    def unnamed(self) -> list[str]:
        """Controls without words of their own and without a label."""
        return self._nameless
