"""Ports for servers that tests and measurements start, and that must have the same one each time they are started."""

from __future__ import annotations

import itertools
import secrets
import socket

HOST = "127.0.0.1"

FIRST, COUNT = 20_000, 10_000
"""Below those that the kernel gives to outgoing connections: one of these might take the port before its server."""

TRIES = 100

_turn = itertools.count(secrets.randbelow(COUNT))
"""Each call takes the next ones, so that two servers which are not started yet get two ports."""


def free_port() -> int:
    """A port that nobody listens on, and that nobody is given by chance."""
    for _ in range(TRIES):
        port = FIRST + next(_turn) % COUNT
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    message = f"No port from {FIRST} to {FIRST + COUNT} seems to be free."
    raise OSError(message)
