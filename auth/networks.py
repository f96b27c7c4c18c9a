"""The network of a client's address: what failed sign-ins and connections are counted by."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_IPV6_PREFIX: Final = 64
"""The bits of an IPv6 address that name a customer's network. The customer chooses the others."""


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address; "unknown" for a peer without an address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _IPV6_PREFIX), strict=False))
