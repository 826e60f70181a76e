"""Which addresses a reader's text may link to, and whether a link's words tell the truth about them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

MAX_URL = 2_000
"""Characters in one address; browsers and proxies cut longer ones in different places."""

_WEB = re.compile(r"(https?)://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_MAIL = re.compile(r"mailto:([^\s@?]+@[^\s@?/]+)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(r":[0-9]{0,5}\Z")
_ADDRESS = re.compile(r"\[[0-9a-fA-F:.]+\]")
_SLASHES = re.compile(r"//+")
_NO_HOST_YET = re.compile(r"\W+")
_PATH = re.compile(r"[/?#\\]")
_RUN = re.compile(r"[\w.-]+")
_LABEL = re.compile(r"[\w-]{1,63}")
_TOP_LABEL = re.compile(r"[^\W\d_]{2,63}|xn--[a-z0-9-]{1,59}", re.IGNORECASE)
_IPV4_PARTS = 4
_FORBIDDEN_IN_HOST = frozenset(" #%/:<>?@[\\]^|`{}\"'")
_LONGEST_HOST = 253
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_url(url: str) -> str | None:
    """The address as it may stand in a link: absolute, http(s) or mailto, nothing hidden in it; else None."""
    if len(url) > MAX_URL or "\\" in url or _hides_something(url):
        return None
    web = _WEB.fullmatch(url)
    if web is not None:
        scheme, authority, rest = web.groups()
        return None if _host(authority) is None else f"{scheme.lower()}://{authority}{rest}"
    mail = _MAIL.fullmatch(url)
    if mail is not None:
        # The fields after `?` could fill in a letter's text and its hidden recipients.
        return None if _host(mail[1].rpartition("@")[2]) is None else f"mailto:{mail[1]}"
    return None


def shown_host(url: str) -> str:
    """What a reader should know of a safe address: the host in ASCII, or for mail the whole address."""
    web = _WEB.fullmatch(url)
    if web is not None:
        return _host(web[2]) or web[2]
    return url.partition(":")[2]


def misleads(words: str, url: str) -> bool:
    """Whether a link's visible words name another host than the safe address that they lead to."""
    shown = shown_host(url)
    target = _bare(shown.rpartition("@")[2])
    claimed = _claimed_hosts(words, is_mail="@" in shown)
    return any(not _belongs(target, host) for host in claimed)


def _claimed_hosts(words: str, *, is_mail: bool) -> list[str]:
    """What stands where a reader looks for a host: before the path of each word, or after its `@` for mail."""
    plain = unicodedata.normalize("NFKC", words)
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(each for each in plain if each.isspace() or not _leaves_no_trace(each))
    hosts = []
    for word in plain.split():
        for piece in _SLASHES.split(word):
            start = _NO_HOST_YET.match(piece)
            place = _PATH.split(piece[start.end() if start else 0 :], maxsplit=1)[0]
            runs = _RUN.findall(place.rpartition("@")[2] if is_mail else place)
            hosts += [run.strip(".") for run in runs if _is_spelt_like_a_host(run.strip("."))]
    return [_bare(_host(host) or host) for host in hosts]


def _is_spelt_like_a_host(word: str) -> bool:
    labels = word.split(".")
    if len(labels) == 1 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    if _TOP_LABEL.fullmatch(labels[-1]):
        return True
    return len(labels) == _IPV4_PARTS and all(label.isdecimal() for label in labels)


def _belongs(target: str, claimed: str) -> bool:
    return target == claimed or target.endswith("." + claimed)


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _host(authority: str) -> str | None:
    """The host of an authority in ASCII and lower case; None where it is missing, odd or names a user."""
    if _ADDRESS.fullmatch(_PORT.sub("", authority)):
        return _PORT.sub("", authority).lower()
    spelled = unquote(_PORT.sub("", authority), errors="replace")
    name = unicodedata.normalize("NFKC", spelled).lower().replace("\u3002", ".").rstrip(".")
    if not name or not _FORBIDDEN_IN_HOST.isdisjoint(name) or _hides_something(name):
        return None
    labels = name.split(".")
    if not all(labels):
        return None
    host = ".".join(_ascii(label) for label in labels)
    return host if len(host) <= _LONGEST_HOST else None


def _ascii(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _hides_something(text: str) -> bool:
    if text.isascii():
        return " " in text or not text.isprintable()
    return any(character.isspace() or _is_invisible(character) for character in text)


def _leaves_no_trace(character: str) -> bool:
    return _is_invisible(character) or unicodedata.combining(character) != 0


def _is_invisible(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    return unicodedata.category(character) in _UNSEEN_CATEGORIES
