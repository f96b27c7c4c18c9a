"""The address of the client, seen past the proxies that the operator trusts."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from transport.headers import header

if TYPE_CHECKING:
    from starlette.types import Scope


def client_address(scope: Scope, proxies: int) -> str:
    """The peer's address, or with trusted ``proxies`` the address that the first of them saw.

    Each proxy appends the address of its peer to `X-Forwarded-For`. So only the last ``proxies``
    entries can be trusted; a client can send anything before them. A request with fewer entries
    did not come through the proxies: then the peer's address counts.
    """
    peer = scope.get("client")
    peer_address = str(peer[0]) if peer else ""
    if not proxies:
        return peer_address
    entries = header(scope, b"x-forwarded-for").split(",")
    return _parsed(entries[-proxies]) or peer_address if len(entries) >= proxies else peer_address


def _parsed(entry: str) -> str:
    """The address without port and brackets; empty if it is none."""
    text = entry.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
