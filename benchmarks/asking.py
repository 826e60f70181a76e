"""Requests as bytes, the way a browser sends them, and one answer at a time."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from benchmarks.processes import HOST

ORIGIN = "http://blog.example"
BROWSER = {
    "Connection": "keep-alive",
    "sec-ch-ua-platform": '"Linux"',
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
    "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24"',
    "sec-ch-ua-mobile": "?0",
    "Accept": "*/*",
    "Origin": ORIGIN,
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
    "Referer": f"{ORIGIN}/",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9",
}
MARK = "N" * 20
"""Stands in a request where `numbered` puts a number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and the milliseconds that it took."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    took: float


def get(port: int, path: str) -> bytes:
    """A read."""
    return _request("GET", port, path, {}, b"")


def post_form(port: int, path: str, fields: Mapping[str, str]) -> bytes:
    """A form, as Transom's browser half sends it."""
    kind = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
    return _request("POST", port, path, kind, urlencode(fields).encode())


def send_json(port: int, path: str, value: object, sender: str, method: str = "POST") -> bytes:
    """A JSON document, as the peers' browser halves send it, from behind a proxy that names the sender."""
    kind = {"Content-Type": "application/json", "X-Forwarded-For": sender}
    return _request(method, port, path, kind, json.dumps(value).encode())


def numbered(templates: Sequence[bytes], count: int) -> Sequence[bytes]:
    """So many requests from the templates in turn, each with its own number in place of the mark."""
    mark = MARK.encode()
    return [templates[place % len(templates)].replace(mark, b"%020d" % place) for place in range(count)]


def path_of(path: str, /, **query: str) -> str:
    """A path with its query."""
    return f"{path}?{urlencode(query, quote_via=quote)}"


def once(port: int, path: str, encoding: str = BROWSER["Accept-Encoding"]) -> Answer:
    """One read on a connection of its own; the time counts from the request to the last byte."""
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    connection.connect()
    start = time.perf_counter()
    connection.request("GET", path, headers={**BROWSER, "Accept-Encoding": encoding})
    response = connection.getresponse()
    body = response.read()
    took = (time.perf_counter() - start) * 1000
    connection.close()
    return Answer(response.status, tuple(response.getheaders()), body, took)


def _request(method: str, port: int, path: str, more: Mapping[str, str], body: bytes) -> bytes:
    length = {"Content-Length": str(len(body))} if body else {}
    headers = {"Host": f"{HOST}:{port}", **BROWSER, **more, **length}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
