"""The guard: looks a name up once, and gives the addresses that may be connected to."""

from collections.abc import Sequence

from outgoing.addresses import Address
from outgoing.policy import Policy
from outgoing.resolver import Resolver, SystemResolver
from outgoing.target import Target, read_url


class AddressRefused(Exception):
    """The name leads to an address that the server may not call."""


class AddressGuard:
    """What all requests to others pass: the URL, then the addresses of its host.

    The connection goes to an address that this guard returned, never to the name: a name whose
    addresses change between the check and the connection gains nothing.
    """

    def __init__(self, policy: Policy, resolve: Resolver | None = None) -> None:
        self.policy = policy
        self._resolve = resolve or SystemResolver(absolute=not policy.inside)

    def read(self, url: str) -> Target:
        """Read the address of a webhook. Raises BadUrl."""
        return read_url(url, self.policy)

    async def addresses_of(self, target: Target) -> Sequence[Address]:
        """The addresses of the target, at least one, each allowed.

        One refused address refuses all: which of them is used must not decide.

        Raises NameNotResolved, or AddressRefused.
        """
        if target.address is not None:
            addresses: Sequence[Address] = [target.address]
        else:
            addresses = await self._resolve(target.host)
        if not all(self.policy.allows_address(address) for address in addresses):
            raise AddressRefused
        return addresses
