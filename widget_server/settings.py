"""The server's settings: one table of (name, default, help), from `TRANSOM_*` variables or a TOML file."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from widget_server.errors import SettingInvalid, SettingUnknown

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PREFIX = "TRANSOM_"

NOT_SETTINGS = frozenset({"TRANSOM_CORPORA", "TRANSOM_CHROMIUM", "TRANSOM_NGINX"})
"""Variables of the test tools, which may stand beside the server's own."""

POSTGRESQL = ("postgresql://", "postgres://")
"""How the address of a PostgreSQL database begins."""

SHORTEST_SECRET = 32
"""Characters; so many of base64 are 192 bits."""

LOG_FORMATS = ("text", "json")

OWN_WORDS = (
    "v1",
    "admin",
    "t",
    "healthz",
    "readyz",
    "metrics",
    "transom.js",
    "live.js",
    "own.js",
    "transom.css",
    "page.css",
)
"""With which the server's own addresses begin; below one of them, nobody could tell which is meant."""

STEP = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    name: str
    default: object
    help: str
    read: Callable[[object], object]
    is_secret: bool = False
    """True: no message repeats the value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator chose."""

    data: Path
    database: str
    database_readers: int
    public_url: str
    trusted_proxies: tuple[Network, ...]
    secret: str
    max_body: int
    queue: int
    cache_bytes: int
    rate_client: int
    rate_person: int
    rate_site: int
    rate_new: int
    rate_read: int
    live_process: int
    live_site: int
    live_client: int
    live_heartbeat: int
    live_idle: int
    live_lifetime: int
    plugins: tuple[str, ...]
    plugin_seconds: float
    notifier_seconds: float
    drain_seconds: int
    request_seconds: int
    slow_seconds: float
    log_format: str
    metrics_token: str

    @property
    def origin(self) -> str:
        """The origin of the server's own pages."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if type(value) is not int or not least <= value <= most:
            message = f"a whole number from {least} to {most}"
            raise ValueError(message)
        return value

    return read


def _seconds(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0.01 <= number <= 60:  # noqa: PLR2004 - the bounds that the message names
        message = "seconds, from 0.01 to 60"
        raise ValueError(message)
    return number


def _path(value: object) -> Path:
    return Path(str(value))


def _url(value: object) -> str:
    parts = urlsplit(str(value))
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username
        or not _is_plain(parts.path.rstrip("/"))
    ):
        message = "an address like https://talk.example.com or https://example.com/talk"
        raise ValueError(message)
    return str(value).rstrip("/")


def _is_plain(path: str) -> bool:
    """Whether a path can be told from the server's own addresses, and is written in one way only."""
    steps = path.split("/")[1:]
    return all(STEP.fullmatch(step) for step in steps) and steps[:1] not in [[word] for word in OWN_WORDS]


def _database(value: object) -> str:
    if value != "" and not str(value).startswith(("sqlite:///", *POSTGRESQL)):
        message = "empty, sqlite:///PATH or postgresql://USER@HOST/NAME"
        raise ValueError(message)
    return str(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = "a text"
        raise ValueError(message)  # noqa: TRY004 - every wrong value is a ValueError here
    return value


def _secret(value: object) -> str:
    text = _text(value)
    if text and len(text) < SHORTEST_SECRET:
        message = f"at least {SHORTEST_SECRET} characters"
        raise ValueError(message)
    return text


def _log_format(value: object) -> str:
    text = _text(value)
    if text not in LOG_FORMATS:
        message = f"one of {', '.join(LOG_FORMATS)}"
        raise ValueError(message)
    return text


def _plugins(value: object) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        message = "files and the names in them, like ./wave.py:Wave"
        raise ValueError(message)
    named = tuple(each.strip() for each in given if each.strip())
    for each in named:
        file, _, name = each.rpartition(":")
        if not file.endswith(".py") or not name.isidentifier():
            message = "files and the names in them, like ./wave.py:Wave"
            raise ValueError(message)
    return named


def _networks(value: object) -> tuple[Network, ...]:
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, list | tuple):
        message = "networks like 10.0.0.0/8 127.0.0.1"
        raise ValueError(message)  # noqa: TRY004 - every wrong value is a ValueError here
    networks = tuple(ipaddress.ip_network(str(word)) for word in words)
    if any(network.prefixlen == 0 for network in networks):
        message = "networks of your own proxies; the whole internet is not one"
        raise ValueError(message)
    return networks


TABLE: tuple[Setting, ...] = (
    Setting("data", "transom-data", "Folder of the database, the secret and the backups.", _path),
    Setting("database", "", "Address of the database; empty: SQLite, in the data folder.", _database, is_secret=True),
    Setting("database_readers", 4, "Connections for reading of each process, to PostgreSQL.", _whole(1, 1_000)),
    Setting("public_url", "http://127.0.0.1:8400", "Address under which browsers reach the server.", _url),
    Setting("trusted_proxies", (), "Networks whose forwarded headers are believed.", _networks),
    Setting("secret", "", "Signs all tokens; empty: made once and kept in the data folder.", _secret, is_secret=True),
    Setting("max_body", 65_536, "Bytes of a request's body.", _whole(1_024, 10_000_000)),
    Setting("queue", 1_000, "Writes that may wait before the server answers 503.", _whole(1, 100_000)),
    Setting("cache_bytes", 64_000_000, "Bytes of rendered pages kept in memory.", _whole(0, 100_000_000_000)),
    Setting("rate_client", 60, "Interactions a minute from one client (IPv4 /32, IPv6 /64).", _whole(1, 1_000_000)),
    Setting("rate_person", 30, "Interactions a minute by one person.", _whole(1, 1_000_000)),
    Setting("rate_site", 3_000, "Interactions a minute on one site.", _whole(1, 100_000_000)),
    Setting("rate_new", 20, "New guests a minute from one client.", _whole(1, 1_000_000)),
    Setting("rate_read", 600, "Looks at what is one's own, a minute from one client.", _whole(1, 1_000_000)),
    Setting("live_process", 10_000, "Streams of live updates in one process; 0: there are none.", _whole(0, 1_000_000)),
    Setting("live_site", 5_000, "Streams on one site, in one process.", _whole(1, 1_000_000)),
    Setting("live_client", 50, "Streams from one client, in one process.", _whole(1, 1_000_000)),
    Setting("live_heartbeat", 20, "Seconds between two signs of life on a stream.", _whole(1, 300)),
    Setting("live_idle", 900, "Seconds after which a stream ends on which nothing happened.", _whole(1, 86_400)),
    Setting("live_lifetime", 3_600, "Seconds after which any stream ends; its client comes back.", _whole(1, 86_400)),
    Setting("plugins", (), "Plug-ins that no package brings: ./wave.py:Wave, with commas between.", _plugins),
    Setting("plugin_seconds", 1.0, "Seconds that one call into a plug-in may take.", _seconds),
    Setting("notifier_seconds", 10.0, "Seconds that a notifier may take to tell of one thing.", _seconds),
    Setting("request_seconds", 30, "Seconds that a client has to send a request.", _whole(1, 600)),
    Setting("drain_seconds", 10, "Seconds that requests under way have when the server stops.", _whole(1, 600)),
    Setting("slow_seconds", 1.0, "Seconds from which on the log names a request as slow.", _seconds),
    Setting("log_format", "text", "The log's lines: text for people, or json for programs.", _log_format),
    Setting("metrics_token", "", "Opens /metrics to who sends it; empty: there is none.", _secret, is_secret=True),
)  # fmt: skip


def load(
    environment: Mapping[str, str], file: Path | None = None, overrides: Mapping[str, object] | None = None
) -> Settings:
    """The settings: defaults, then the TOML file, then `TRANSOM_*`, then what the command line says.

    Raises `SettingUnknown` for a name that is not in the table, `SettingInvalid` for a value that does not fit.
    """
    given: dict[str, tuple[object, str]] = {}
    if file is not None:
        given |= {name: (value, str(file)) for name, value in _from_file(file).items()}
    for variable, value in environment.items():
        if variable.startswith(PREFIX) and variable not in NOT_SETTINGS:
            given[variable.removeprefix(PREFIX).lower()] = (value, variable)
    given |= {
        name: (value, "the command line") for name, value in (overrides or {}).items() if value is not None
    }
    known = {setting.name: setting for setting in TABLE}
    for name, (_, where) in given.items():
        if name not in known:
            message = f"{where}: there is no setting {name!r}; there are {', '.join(sorted(known))}."
            raise SettingUnknown(message)
    values = {
        setting.name: _value(setting, *given.get(setting.name, (setting.default, "default")))
        for setting in TABLE
    }
    return Settings(**values)


def _value(setting: Setting, value: object, where: str) -> Any:  # noqa: ANN401 - the table gives the type
    try:
        return setting.read(value)
    except ValueError as error:
        given = "what is given" if setting.is_secret else repr(str(value)[:80])
        message = f"{where}: {setting.name} is {error}; {given} is not."
        raise SettingInvalid(message) from error


def _from_file(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{file}: there is no such file."
        raise SettingInvalid(message) from error
    except tomllib.TOMLDecodeError as error:
        message = f"{file}: not valid TOML: {error}."
        raise SettingInvalid(message) from error
