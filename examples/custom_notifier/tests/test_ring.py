"""The notifier keeps to the contract, signs what it sends, and says so when nobody answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from widget_server.errors import FieldInvalid
from widget_server.testing import NotifierContract
from widget_server.testing.notifiers import a_notice

from transom_ring import Ring

SECRET = "a-long-and-secret-word"  # noqa: S105 - made up


class TestContract(NotifierContract):
    """Everything that every notifier keeps to."""

    @pytest.fixture
    def notifier(self) -> Ring:
        """The notifier under test."""
        return Ring()


class Other(HTTPServer):
    """The other end: keeps what it was sent, and answers as it is told to."""

    def __init__(self) -> None:
        """Listen on a port that is free."""
        super().__init__(("127.0.0.1", 0), Answering)
        self.status = 204
        self.calls: list[tuple[dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/hook?room=1"


class Answering(BaseHTTPRequestHandler):
    """One call."""

    def do_POST(self) -> None:
        """Keep it, and answer."""
        assert isinstance(self.server, Other)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Other]:
    monkeypatch.setenv("RING_HOSTS", "127.0.0.1")
    with Other() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_comment_is_sent_signed_with_the_sites_secret(other: Other) -> None:
    notice = a_notice(Ring(), address=other.address, secret=SECRET)

    Ring().notify(notice)

    ((headers, body),) = other.calls
    told = json.loads(body)
    assert (told["text"], told["name"], told["kind"]) == ("Hello *there*", "Charlie", "comment")
    assert headers["x-ring-id"] == notice.interaction.id == told["id"]
    assert headers["x-ring-signature"] == hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_an_answer_that_is_no_success_is_a_failure(other: Other) -> None:
    other.status = 500

    with pytest.raises(ConnectionError, match="answered 500"):
        Ring().notify(a_notice(Ring(), address=other.address, secret=SECRET))


def test_a_host_that_the_operator_does_not_list_is_never_called(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RING_HOSTS", "hooks.example.com")

    with pytest.raises(FieldInvalid) as caught:
        Ring().check_settings({"address": other.address, "secret": SECRET})
    Ring().notify(a_notice(Ring(), address=other.address, secret=SECRET))

    assert caught.value.field == "address"
    assert other.calls == []


def test_an_address_needs_a_secret(other: Other) -> None:
    with pytest.raises(FieldInvalid) as caught:
        Ring().check_settings({"address": other.address, "secret": ""})

    assert caught.value.field == "secret"
