"""Which page is it: one key for every spelling of an address, and only for the origins that a site allows.

The key of a page is `host[:port]/path[?query]`, without a scheme. `js_embed/src/identity.ts` computes the
same text in the browser; `docs/decisions/0003-page-identity.md` tells why it looks as it does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_plus

import ada_url

from widget_server.errors import FieldInvalid, OriginNotAllowed
from widget_server.vocabulary import Site, Subject

MAX_URL = 8_192
"""Characters of an address that is read at all."""
MAX_KEY = 2_048
"""Characters in the key of a page."""
MAX_SUBJECT = 512
"""Characters in a subject that the page's author named."""
MAX_TITLE = 300
"""Characters that are kept of a title."""

TRACKING = (
    "[um]tm_[^=&]*",  # Urchin and all that came after it: any analytics; Matomo
    "[dgy]clid",  # Google's display and search advertisements, Yandex
    "[ft][btw]clid",  # Meta, TikTok, X
    "igshid",
    "gclsrc",  # Google's other ways to say it
    "[gw]braid",
    "srsltid",
    "_g[al]",
    "msclkid",  # Microsoft
    "li_fat_id",  # LinkedIn
    "mc_[ce]id",  # Mailchimp
    "mkt_tok",  # Marketo
    "_hsenc",  # HubSpot
    "_hsmi",
)
"""Query keys that tell who came, never which page it is: patterns for either case, as in `identity.ts`."""

INDEX_PAGES = frozenset({"index.html", "index.htm", "index.php"})
"""What a web server answers for a folder; dropped where the site says so."""

_ADDRESS = re.compile(r"(https?)://(?:[^/@]*@)?([\w.:\[\]-]+)(/[^?#]*)(?:\?([^#]*))?", re.ASCII)
_ORIGIN = re.compile(r"https?://[^\x00-\x20\x7f/?#@\\]+/?", re.IGNORECASE)
_ODD = re.compile(r"%[0-9a-f]{2}|[^\w.~!$&()*+,;=:@/?-]", re.ASCII | re.IGNORECASE)
_UNRESERVED = re.compile(r"[\w.~-]", re.ASCII)
_TRACKED = re.compile(rf"(?:{'|'.join(TRACKING)})?(?:=|$)", re.IGNORECASE)
_PASSAGE = re.compile(r"#q=[0-9a-f]{16}\Z", re.ASCII)
_BROWSER_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class PageUrl:
    """One page, whatever spelling led to it."""

    key: str
    """`host[:port]/path[?query]`, ASCII: the same for every spelling, as the site's settings want it."""
    origin: str
    """`scheme://host[:port]`, as a browser sends it in `Origin`."""
    url: str
    """An address that opens the page: its origin and path, without user info, fragment and tracking keys."""


def normalise(
    url: str,
    *,
    base: str | None = None,
    keep: Collection[str] | None = None,
    drop_index: bool = False,
    drop_slash: bool = False,
) -> PageUrl | None:
    """The page that an address means to a browser, or None where it is no http(s) page or is too long.

    `url` is absolute, starts with `//`, or is relative to `base`. `keep` names the only query keys that tell
    pages apart (None: all but `TRACKING`). `drop_index` takes `/p/index.html` for `/p/`, `drop_slash` takes
    `/p/` for `/p`.
    """
    href = _href(url, base)
    found = _ADDRESS.match(href) if href else None
    if found is None:
        return None
    scheme, authority, path, query = found.groups(default="")
    pairs = [pair for pair in _tidy(query).split("&") if not _TRACKED.match(pair)]
    path = _ending(_tidy(path), drop_index=False, drop_slash=False)
    plain = path + _query(pairs)
    host = _without_port(authority)
    if len(host) + len(plain) > MAX_KEY:
        return None
    if keep is not None:
        pairs = [pair for pair in pairs if unquote_plus(pair.partition("=")[0]) in keep]
    key = host + _ending(path, drop_index=drop_index, drop_slash=drop_slash) + _query(pairs)
    return PageUrl(key, f"{scheme}://{authority}", f"{scheme}://{authority}{plain}")


def explicit_subject(text: str) -> str | None:
    """The subject that a page's author named, trimmed and in NFC, or None where it cannot be one.

    It is matched exactly, so it holds no control characters and at most `MAX_SUBJECT` characters.
    """
    if len(text) > MAX_URL:
        return None
    subject = unicodedata.normalize("NFC", text.strip(_BROWSER_SPACE))
    # What is printable holds nothing unseen; the characters of the rest are looked at one by one.
    seen = subject.isprintable() or not any(map(_is_unseen, subject))
    usable = seen and 0 < len(subject) <= MAX_SUBJECT
    return subject if usable else None


def site_origin(text: str) -> str | None:
    """An origin as browsers write it (`https://example.com`), or None where the text is no http(s) origin.

    One slash at the end, upper case, a default port and an international host name are accepted.
    """
    href = _href(text, None) if _ORIGIN.fullmatch(text) else None
    found = _ADDRESS.match(href) if href else None
    return f"{found[1]}://{found[2]}" if found else None


def allowed_origin(origin: str | None, allowed: Collection[str]) -> bool:
    """Whether an `Origin` header names exactly one of the allowed origins: scheme, host and port."""
    named = None if origin is None else site_origin(origin)
    return named is not None and named in _origins(tuple(allowed))


def page_belongs(url: str, allowed: Collection[str]) -> bool:
    """Whether the address is an http(s) page of one of the allowed origins."""
    return page_link(url, allowed) is not None


def page_link(url: str | None, allowed: Collection[str]) -> str | None:
    """The address as a link that is safe, or None where it leads off the site (show it as text)."""
    page = normalise(url) if url else None
    return page.url if page and page.origin in _origins(tuple(allowed)) else None


def page_of(url: str, site: Site) -> PageUrl:
    """The page of this site that the address means, as the site's settings want it.

    Raises:
        FieldInvalid: the address is too long.
        OriginNotAllowed: it is not http(s), or not one of the site's origins.
    """
    page = _normalised(url, site)
    if len(url) > MAX_KEY and page is None:
        raise FieldInvalid(f"url: at most {MAX_KEY} characters", field="url")
    if page is None or page.origin not in _origins(site.origins):
        raise OriginNotAllowed(field="url")
    return page


def subject_key(text: str, site: Site) -> str | None:
    """The key under which the site keeps a subject that a browser sent, or None where it cannot be one.

    A browser does not know the site's settings: what names a page of the site (`host[:port]/…`) gets them
    here, and so does the page of a passage (`host[:port]/…#q=…`). Everything else is the name that an author chose,
    and stays as it is.
    """
    address = _address_named(text, site)
    if address is None:
        return explicit_subject(text)
    page, passage = _normalised(address, site), _PASSAGE.search(text.strip(_BROWSER_SPACE))
    return page.key + (passage[0] if passage else "") if page else None


def whole_of(key: str) -> str | None:
    """The subject that a key names a passage of, or None where it names no passage."""
    found = _PASSAGE.search(key)
    return key[: found.start()] if found else None


def identify(site: Site, subject: str | None, url: str | None = None, title: str | None = None) -> Subject:
    """What an interaction is about: the named subject, else the page at `url`; links stay on the site.

    Raises:
        FieldInvalid: neither says what it is about, or one is malformed.
        OriginNotAllowed: `url` is not a page of this site.
    """
    page = page_of(url, site) if url else None
    text = (subject or "").strip(_BROWSER_SPACE)
    address = _address_named(text, site)
    named = _normalised(address, site) if address else None
    located = page.key if page else None
    key = subject_key(text, site) if text else located
    if key is None:
        raise FieldInvalid("subject: name what this is about, or give the url of the page", field="subject")
    shown = named if named and key != located else page
    return Subject(site.id, key, shown.url if shown else None, _title(title))


@lru_cache(maxsize=1024)
def _href(url: str, base: str | None) -> str | None:
    """The address as the WHATWG URL standard serialises it."""
    if max(len(url), len(base or "")) > MAX_URL:
        return None
    if base is None and url.startswith("//"):
        url = f"https:{url}"
    try:
        return ada_url.URL(url, base).href
    except ValueError:
        return None


def _tidy(text: str) -> str:
    """Percent-encode in one way where browsers, and the writers of links, have several."""
    return _ODD.sub(_encoded_once, text)


def _encoded_once(found: re.Match[str]) -> str:
    text = found[0]
    character = chr(int(text[1:], 16)) if text[1:] else text
    if _UNRESERVED.match(character):
        return character
    return text.upper() if text[1:] else f"%{ord(text):02X}"


def _ending(path: str, *, drop_index: bool, drop_slash: bool) -> str:
    """The path without what the site (or an accident: `/p//`) has put at its end."""
    while True:
        bare = path.rstrip("/")
        ended = (bare or "/") if drop_slash or len(path) - len(bare) > 1 else path
        folder, _, name = ended.rpartition("/")
        if drop_index and name in INDEX_PAGES:
            ended = f"{folder}/"
        if ended == path:
            return path
        path = ended


def _query(pairs: Collection[str]) -> str:
    return f"?{'&'.join(pairs)}" if pairs else ""


def _without_port(host: str) -> str:
    """The host without a port that a scheme implies; a key has no scheme that could tell which."""
    return host.removesuffix(":80").removesuffix(":443")


@lru_cache(maxsize=1024)
def _origins(allowed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(origin for origin in map(site_origin, allowed) if origin is not None)


def _address_named(text: str, site: Site) -> str | None:
    """The address of the site's page that a key names, or None where the text names no page of the site."""
    if "/" not in text:
        return None
    host, _, rest = text.strip(_BROWSER_SPACE).partition("/")
    for origin in _origins(site.origins):
        if _without_port(origin.partition("//")[2]) == host:
            return f"{origin}/{rest}"
    return None


def _normalised(url: str, site: Site) -> PageUrl | None:
    chosen = site.settings
    return _page(url, chosen.keep_query, chosen.drop_index, chosen.drop_slash)


@lru_cache(maxsize=512)
def _page(url: str, keep: tuple[str, ...] | None, drop_index: bool, drop_slash: bool) -> PageUrl | None:  # noqa: FBT001 - a cache goes by place
    """Kept, since a request names its page more than once, and many name the same."""
    return normalise(url, keep=keep, drop_index=drop_index, drop_slash=drop_slash)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN


def _title(title: str | None) -> str | None:
    """The title on one line, without control characters."""
    words = " ".join((title or "").split())
    return "".join(character for character in words if not _is_unseen(character))[:MAX_TITLE] or None
