"""The notifier: one call of an address for each comment, signed, and told again until it is answered."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

from widget_server.errors import FieldInvalid
from widget_server.notify.base import Notice
from widget_server.vocabulary import Setting, Settings, Text

HOSTS = "RING_HOSTS"
"""The variable in which whoever runs the server lists the hosts that sites may have called."""

PATIENCE = 5.0
LEAST, MOST = 200, 299


class Ring:
    """Calls the address that a site has set."""

    name = "ring"
    version = "1"
    title = "A call to another program"
    kinds = frozenset({"comment", "edit", "delete"})
    settings: ClassVar[Settings] = {
        "address": Setting(
            "Address", Text(most=500, required=False), "", "An https address that takes a POST of JSON."
        ),
        "secret": Setting(
            "Secret", Text(most=100, least=16, required=False), "", "With which each call is signed."
        ),
    }

    def check_settings(self, values: Mapping[str, Any]) -> None:
        """An address has a host that the server's operator allows, and calls are signed."""
        if not values["address"]:
            return
        if not _allowed(urlsplit(values["address"])):
            message = f"The server calls no such address; its operator lists the hosts in {HOSTS}."
            raise FieldInvalid(message, field="address")
        if not values["secret"]:
            message = "Give a secret, so that the other end can tell these calls from others'."
            raise FieldInvalid(message, field="secret")

    def notify(self, notice: Notice) -> None:
        """Call the address; anything but a 2xx answer is a failure, and is tried again."""
        address = urlsplit(notice.settings["address"])
        if not address.hostname or not _allowed(address):
            return
        body = json.dumps(_told(notice)).encode()
        signature = hmac.new(notice.settings["secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/json",
            "x-ring-id": notice.interaction.id,
            "x-ring-signature": signature,
        }
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.hostname, address.port, timeout=PATIENCE)
        try:
            connection.request("POST", address._replace(scheme="", netloc="").geturl() or "/", body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        if not LEAST <= status <= MOST:
            message = f"{address.hostname} answered {status}."
            raise ConnectionError(message)


def _allowed(address: SplitResult) -> bool:
    hosts = os.environ.get(HOSTS, "").replace(",", " ").split()
    return address.scheme in {"http", "https"} and address.hostname in hosts


def _told(notice: Notice) -> dict[str, Any]:
    """What the other end gets: words for programs, and the text as it was typed."""
    return {
        "id": notice.interaction.id,
        "at": notice.interaction.at,
        "site": notice.site.id,
        "subject": notice.subject.key,
        "url": notice.subject.url,
        "title": notice.subject.title,
        "kind": notice.interaction.kind,
        "verdict": str(notice.interaction.verdict),
        "status": str(notice.status) if notice.status else None,
        "name": notice.name,
        "text": notice.text,
        "attempt": notice.attempt,
    }
