"""Which addresses webhooks may go to: a case for each network that is not public."""

from ipaddress import ip_address, ip_network

import pytest

from outgoing.addresses import is_public
from outgoing.policy import Policy

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "169.253.255.255",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2400:3200::1",
    "2606:4700:4700::1111",
    "64:ff9b::8.8.8.8",
]

INSIDE = {
    "unspecified": ["0.0.0.0", "::"],  # noqa: S104 - refused, not bound
    "this network": ["0.0.0.1", "0.255.255.255"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private": ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"],
    "unique local": ["fc00::1", "fdff::1"],
    "site-local": ["fec0::1"],
    "link-local": ["169.254.0.1", "169.254.255.255", "fe80::1", "febf::1", "fe80::1%eth0"],
    "shared by a provider": ["100.64.0.0", "100.127.255.255"],
    "metadata": [
        "169.254.169.254",
        "169.254.170.2",
        "fd00:ec2::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
    ],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "broadcast": ["255.255.255.255"],
    "reserved": [
        "240.0.0.1",
        "192.0.0.1",
        "192.88.99.1",
        "4000::1",
        "e000::1",
        "100::1",
        "5f00::1",
    ],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "ORCHID": ["2001:10::1", "2001:20::1"],
    "AS112 and relays": ["192.31.196.1", "192.52.193.1", "192.175.48.1", "2620:4f:8000::1"],
    "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"],
    "IPv4-compatible": ["::127.0.0.1", "::8.8.8.8"],
    "IPv4-translated": ["::ffff:0:10.0.0.1"],
    "NAT64": ["64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254"],
    "NAT64 of a network's own": ["64:ff9b:1::8.8.8.8", "64:ff9b:1::10.0.0.1"],
    "6to4": ["2002:7f00:1::1", "2002:a00:1::1", "2002:808:808::1"],
    "Teredo": ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1"],
    "ISATAP": ["2400:3200::5efe:10.0.0.1", "2400:3200::200:5efe:127.0.0.1"],
}


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_may_be_called(text: str) -> None:
    assert is_public(ip_address(text))
    assert Policy().allows_address(ip_address(text))


@pytest.mark.parametrize(
    "text", [text for texts in INSIDE.values() for text in texts], ids=lambda text: text
)
def test_an_address_that_is_not_public_is_refused(text: str) -> None:
    assert not is_public(ip_address(text))
    assert not Policy().allows_address(ip_address(text))


def test_no_address_that_python_calls_special_is_public() -> None:
    ipv4 = [ip_address(block << 16 | 1) for block in range(65_536)]
    ipv6 = [ip_address(block << 112 | 1) for block in range(0, 65_536, 8)]
    public = [address for address in (*ipv4, *ipv6) if is_public(address)]
    assert len(public) > 50_000
    assert [str(address) for address in public if not address.is_global] == []


def test_an_address_of_the_platform_is_refused_though_it_is_public() -> None:
    policy = Policy(own_networks=[ip_network("93.184.216.0/24"), ip_network("2400:3200::/32")])
    for text in ("93.184.216.34", "2400:3200::1", "64:ff9b::93.184.216.34"):
        assert not policy.allows_address(ip_address(text))
    for text in ("93.184.217.34", "2400:3201::1", "64:ff9b::93.184.217.34"):
        assert policy.allows_address(ip_address(text))


def test_for_development_every_address_may_be_called() -> None:
    policy = Policy(inside=True, own_networks=[ip_network("127.0.0.0/8")])
    assert policy.allows_address(ip_address("127.0.0.1"))
    assert policy.allows_address(ip_address("::1"))
