"""Where a request comes from, as far as it matters for counting failures."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_ONE_NETWORK: Final = 64
"""Bits of an IPv6 address that name the network: a client chooses the rest as it likes."""


def place_of(address: str) -> str:
    """An IPv4 address, the /64 of an IPv6 address; anything else (a socket's peer) is one place."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _ONE_NETWORK), strict=False))
