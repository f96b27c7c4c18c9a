"""Which IP addresses are public: the IANA registries of special addresses, as a table."""

from collections.abc import Collection
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL_V4: Final = (
    ("0.0.0.0/8", "this network, and the unspecified address"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared by customers of a provider; a cloud's metadata, 100.100.100.200"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "a cloud's platform services, inside a public block"),
    ("169.254.0.0/16", "link-local; the metadata of most clouds, 169.254.169.254"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "protocol assignments; a cloud's metadata, 192.0.0.192"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112"),
    ("192.52.193.0/24", "multicast tunnels"),
    ("192.88.99.0/24", "6to4 relays"),
    ("192.168.0.0/16", "private"),
    ("192.175.48.0/24", "AS112"),
    ("198.18.0.0/15", "benchmarks"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved, and broadcast"),
)
"""Special networks of IPv4, and what each is."""

_GLOBAL_V6: Final = ip_network("2000::/3")
"""The only block of IPv6 from which public addresses are assigned. Loopback, link-local, unique
local (a cloud's metadata, fd00:ec2::254), multicast and IPv4-mapped addresses are outside of it."""

_SPECIAL_V6: Final = (
    ("2001::/23", "protocol assignments: Teredo, benchmarks, ORCHID"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4, which holds an IPv4 address and is out of use"),
    ("2620:4f:8000::/48", "AS112"),
    ("3fff::/20", "documentation"),
)
"""Special networks within the public block of IPv6, and what each is."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""Leads to the IPv4 address in the last 32 bits, where a network has only IPv6."""

_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
"""The bits of an address before an IPv4 address to which a tunnel of its network leads."""

_REFUSED: Final = tuple(ip_network(network) for network, _ in (*_SPECIAL_V4, *_SPECIAL_V6))


def is_public(address: Address) -> bool:
    """Whether everybody can reach the address, and not only who is inside some network.

    An address that leads to an IPv4 address is judged by that.
    """
    if isinstance(address, IPv4Address):
        return not is_within(address, _REFUSED)
    embedded = embedded_in(address)
    if embedded is not None and not is_public(embedded):
        return False
    if address in _NAT64:
        return True
    is_global = address.scope_id is None and address in _GLOBAL_V6
    return is_global and not is_within(address, _REFUSED)


def embedded_in(address: Address) -> IPv4Address | None:
    """The IPv4 address to which NAT64 or a tunnel leads a public IPv6 address."""
    if isinstance(address, IPv4Address):
        return None
    is_tunnel = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    return IPv4Address(int(address) & 0xFFFFFFFF) if is_tunnel or address in _NAT64 else None


def is_within(address: Address, networks: Collection[Network]) -> bool:
    """Whether the address is in one of the networks. An address of the other version never is."""
    return any(address in network for network in networks)
