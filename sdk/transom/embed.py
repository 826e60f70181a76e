"""The HTML that puts widgets into a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode, urlsplit

OWN = frozenset({"like", "count", "comments", "rating"})
"""Widgets with an element of their own; any other is `<transom-widget kind="…">`."""

KIND = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def snippet(
    server: str,
    site: str,
    widgets: Sequence[str] = ("like", "comments"),
    nonce: str | None = None,
    *,
    subject: str | None = None,
) -> str:
    """The elements of `widgets` and the one script that brings them to life, escaped, ready for a template.

    `nonce` is that of the page's Content-Security-Policy. Without `subject` the page's address decides; with
    it, readers without JavaScript get a link to the thread. A bad server or widget name is a ValueError.
    """
    base = address(server)
    guard = attribute("nonce", nonce)
    source = attribute("src", f"{base}/transom.js") + attribute("data-site", site)
    lines = [f'<script type="module" async{source}{guard}></script>']
    if "comments" in widgets:
        lines.insert(0, f'<link rel="stylesheet"{attribute("href", f"{base}/transom.css")}{guard}>')
    return "\n".join([*lines, *(element(base, site, widget, subject) for widget in widgets)])


def element(base: str, site: str, widget: str, subject: str | None) -> str:
    """One widget's element."""
    if not KIND.fullmatch(widget):
        raise ValueError(f"not a widget's name: {widget!r}")
    tag, kind = (f"transom-{widget}", "") if widget in OWN else ("transom-widget", attribute("kind", widget))
    about = attribute("subject", subject)
    if widget != "comments":
        return f"<{tag}{kind}{about}></{tag}>"
    link = ""
    if subject is not None:
        href = f"{base}/v1/{site}/thread?{urlencode({'subject': subject})}"
        link = f"<noscript><a{attribute('href', href)}>Comments</a></noscript>"
    return f'<{tag} class="transom-reserve"{about}>{link}</{tag}>'


def attribute(name: str, value: str | None) -> str:
    """` name="value"`, escaped; nothing where there is no value."""
    return "" if value is None else f' {name}="{escape(value)}"'


def address(server: str) -> str:
    """A server's address without the slash at its end."""
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"not a server's address: {server!r}")
    return server.rstrip("/")
