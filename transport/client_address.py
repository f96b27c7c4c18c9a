"""Which address a request comes from, past the proxies that the operator trusts."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from transport.edge import header

if TYPE_CHECKING:
    from starlette.types import Scope


def client_address(scope: Scope, proxies: int) -> str:
    """The peer's address, or with so many trusted ``proxies`` what they wrote down for it.

    Each proxy appends the address of whoever asked it to `X-Forwarded-For`, so the last ones are
    to be believed, and what stands before them is whatever the client liked to send. A request
    with fewer entries than proxies did not come through them: then it is the peer's.
    """
    peer = scope.get("client")
    own = str(peer[0]) if peer else ""
    if not proxies:
        return own
    said = header(scope, b"x-forwarded-for").split(",")
    return _parsed(said[-proxies]) or own if len(said) >= proxies else own


def _parsed(entry: str) -> str:
    """An address without a port and brackets; empty if it is none."""
    text = entry.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
