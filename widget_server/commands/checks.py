"""What `transom doctor` looks at on this machine: the folder, the addresses, the clock, the limits of a process."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from widget_server.opening import SECRET, database_file, is_postgresql
from widget_server.plugins import Broken
from widget_server.settings import Settings

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})

FREE = 100_000_000
"""Bytes that should be free where the data is."""

SPARE = 200
"""Open files that a process needs beside its streams."""

PATIENCE = 3.0
"""Seconds within which the public address should answer."""

SKEW = 30
"""Seconds by which clocks may differ."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or (a note) that may be right and is worth knowing."""

    code: str
    message: str
    is_note: bool = False


def folder(settings: Settings) -> Iterator[Finding]:
    """The data folder: there, writable, closed to others, with room."""
    data = settings.data
    if not data.exists():
        yield Finding(
            "folder", f"{data} is not there yet: `transom serve` or `transom site create` makes it."
        )
        return
    if not os.access(data, os.W_OK):
        yield Finding("folder", f"{data} cannot be written: give it to the user who runs the server (chown).")
    own = [data / SECRET] if is_postgresql(settings) else [data / SECRET, database_file(settings)]
    for file in own:
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Finding("permissions", f"{file} can be read by others: chmod 600 {file}")
        if file.exists() and not os.access(file, os.R_OK | os.W_OK):
            yield Finding("permissions", f"{file} belongs to somebody else: chown it to who runs the server.")
    if shutil.disk_usage(data).free < FREE:
        yield Finding("disk", f"less than 100 MB are free where {data} is.")


def address(settings: Settings) -> Iterator[Finding]:
    """The public address, as it is written."""
    parts = urlsplit(settings.public_url)
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        message = f"public_url is {settings.public_url}, which https pages may not load: set it to an https address."
        yield Finding("public_url", message)
    if parts.scheme == "https" and not settings.trusted_proxies:
        message = "public_url is https and trusted_proxies is empty: behind a proxy, everybody counts as one client."
        yield Finding("trusted_proxies", message)


def reached(settings: Settings) -> Iterator[Finding]:
    """Who answers under the public address, if this machine can reach it."""
    asked = f"{settings.public_url}/healthz"
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310 - http or https, by the settings
            url, headers, body = answer.url, answer.headers, answer.read(100)
    except urllib.error.HTTPError as error:
        message = f"{asked} answers {error.code}: public_url or the proxy's rule for it is wrong."
        yield Finding("public_url", message)
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        message = f"{asked} does not answer here ({reason}), as before the first start, or where only others reach it."
        yield Finding("public_url", message, is_note=True)
        return
    if body != b"ok":
        yield Finding("public_url", f"{asked} is answered by another program: public_url is wrong.")
        return
    if url != asked:
        yield Finding(
            "public_url", f"{asked} leads to {url}: set public_url to {url.removesuffix('/healthz')}."
        )
    if (headers["server"] or headers["via"]) and not settings.trusted_proxies:
        message = (
            "a proxy answers under public_url and trusted_proxies is empty: name its network there, or everybody"
            " counts as one client."
        )
        yield Finding("trusted_proxies", message)
    if headers["date"]:
        yield from clock(
            parsedate_to_datetime(headers["date"]).timestamp(), "of whoever answers under public_url"
        )


def clock(theirs: float, whose: str) -> Iterator[Finding]:
    """Whether this machine's clock agrees with another one (seconds since the epoch)."""
    apart = time.time() - theirs
    if abs(apart) > SKEW:
        side = "ahead of" if apart > 0 else "behind"
        message = f"this machine's clock is {abs(apart):.0f} s {side} that {whose}: let NTP set both."
        yield Finding("clock", message)


def process(settings: Settings) -> Iterator[Finding]:
    """The limit of open files, of which each stream and each connection is one."""
    most = -1
    if resource is not None:
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.live_process + SPARE
    if 0 <= most < wanted:
        message = (
            f"a process may open {most} files, and live_process allows {settings.live_process} streams: raise the limit"
            f" (ulimit -n {wanted}, LimitNOFILE= with systemd), or lower live_process to {max(0, most - SPARE)}."
        )
        yield Finding("open_files", message, is_note=True)


def sqlite_version(version: tuple[int, int, int]) -> Iterator[Finding]:
    """The library: older ones can corrupt a WAL database when two connections reset its log at once.

    Fixed in 3.51.3, and in 3.44.6 and 3.50.7. Transom checkpoints in turns, which avoids it.
    """
    is_safe = version >= (3, 51, 3) or (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51)
    if not is_safe:
        number = ".".join(map(str, version))
        message = f"SQLite {number} is older than 3.51.3; let no other program write to the file while the server runs."
        yield Finding("sqlite_version", message, is_note=True)


def plugins(broken: Sequence[Broken]) -> Iterator[Finding]:
    """The plug-ins that are installed and cannot be used."""
    for each in broken:
        whose = f" ({each.distribution} {each.version})" if each.distribution else ""
        message = f"the plug-in {each.name!r}{whose} of {each.group} is left out: {each.reason}"
        yield Finding("plugins", message)


def here(settings: Settings) -> Iterator[Finding]:
    """All of these."""
    yield from folder(settings)
    yield from address(settings)
    yield from reached(settings)
    yield from process(settings)
    if not is_postgresql(settings):
        yield from sqlite_version(sqlite3.sqlite_version_info[:3])
