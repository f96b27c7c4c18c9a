"""Which address counts as the client's."""

from typing import Any

import pytest

from transport.client_address import client_address

PEER = "192.0.2.1"


def scope(*forwarded: str, peer: str | None = PEER) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    return {"headers": headers, "client": (peer, 40_000) if peer else None}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, [], PEER),
        (0, ["203.0.113.9"], PEER),
        (1, [], PEER),
        (1, ["203.0.113.9"], "203.0.113.9"),
        (1, ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (1, ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        (2, ["198.51.100.1, 203.0.113.9, 192.0.2.7"], "203.0.113.9"),
        (2, ["203.0.113.9"], PEER),
        (1, ["203.0.113.9:50123"], "203.0.113.9"),
        (1, ["[2001:db8::1]:50123"], "2001:db8::1"),
        (1, ["2001:DB8::1"], "2001:db8::1"),
        (1, ["unknown"], PEER),
        (1, [""], PEER),
        (1, ["203.0.113.9,"], PEER),
        (1, ["203.0.113.9, _hidden"], PEER),
        (1, ["1" * 4000], PEER),
    ],
)
def test_trusted_proxies_are_counted_from_the_right(
    proxies: int, forwarded: list[str], expected: str
) -> None:
    assert client_address(scope(*forwarded), proxies) == expected


def test_a_peer_on_a_socket_has_no_address() -> None:
    assert client_address(scope(peer=None), 0) == ""
