"""The policy: which addresses the server may call."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from outgoing.addresses import Address, Network, embedded_in, is_public, is_within

PORTS: Final = frozenset({443, 8443})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which addresses the server may call.

    ``inside`` opens http, all ports and all addresses, for development alone. ``own_hosts`` and
    ``own_networks`` are the platform's, which are closed though they are public.
    """

    inside: bool = False
    own_hosts: Collection[str] = ()
    own_networks: Collection[Network] = ()

    def allows_port(self, port: int) -> bool:
        return self.inside or port in PORTS

    def allows_address(self, address: Address) -> bool:
        if self.inside:
            return True
        return is_public(address) and not self._is_own(address)

    def is_own_host(self, host: str) -> bool:
        """Whether the host is the platform's, or a name below it."""
        return not self.inside and any(
            host == own or host.endswith(f".{own}") for own in self.own_hosts
        )

    def _is_own(self, address: Address) -> bool:
        embedded = embedded_in(address)
        return is_within(address, self.own_networks) or (
            embedded is not None and is_within(embedded, self.own_networks)
        )
