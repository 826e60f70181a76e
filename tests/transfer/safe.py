"""What stored HTML may hold, judged by a parser that reads as browsers do."""

from __future__ import annotations

import html5lib

from widget_server.markup.markdown import ELEMENTS


def assert_safe(html: str) -> None:
    """Only the elements, attributes and schemes that comments may have."""
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        assert element.tag in ELEMENTS | {"DOCUMENT_FRAGMENT"}
        assert set(element.attrib) <= {"href", "rel", "start", "align"}
        assert element.attrib.get("href", "https:").startswith(("http:", "https:", "mailto:"))
