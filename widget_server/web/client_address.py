"""The client's address: the socket's peer, or what trusted proxies say; never what a stranger's header says."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from starlette.types import Scope

from widget_server.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NOWHERE = ipaddress.IPv4Address("0.0.0.0")  # noqa: S104 - stands for a peer without an address (a Unix socket)

MOST_HOPS = 32


def client_address(scope: Scope, trusted: Sequence[Network]) -> Address:
    """The rightmost hop that no trusted proxy is."""
    peer = parsed((scope.get("client") or ("", 0))[0]) or NOWHERE
    if not _is_trusted(peer, trusted):
        return peer
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    for hop in reversed(forwarded.decode("latin-1").split(",")[-MOST_HOPS:]):
        address = parsed(hop.strip())
        if address is None:
            return peer  # what cannot be read is nobody's word
        if not _is_trusted(address, trusted):
            return address
        peer = address
    return peer


def is_forwarded_unheard(scope: Scope, trusted: Sequence[Network]) -> bool:
    """Whether forwarded headers came from a peer whose word does not count."""
    if not any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
        return False
    return not _is_trusted(parsed((scope.get("client") or ("", 0))[0]) or NOWHERE, trusted)


@lru_cache(maxsize=4096)
def network(address: Address) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 /64."""
    if isinstance(address, ipaddress.IPv4Address):
        return f"{address}/32"
    return str(ipaddress.ip_network((address, 64), strict=False))


@lru_cache(maxsize=4096)
def parsed(text: str) -> Address | None:
    """An address from a header or a socket: with or without a port, brackets, a zone; mapped IPv4 as IPv4."""
    host = text.strip().strip('"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in each for each in trusted)
