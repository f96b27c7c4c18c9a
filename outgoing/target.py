"""The address of a webhook, as text that somebody entered and as what a request needs."""

import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

import idna

from domain.outgoing import MAX_URL, UrlProblem
from outgoing.addresses import Address
from outgoing.policy import Policy

DEFAULT_PORTS: Final = {"https": 443, "http": 80}

_MAX_HOST: Final = 253
_MAX_PORT: Final = 65_535

# No library's parser: those repair what they can (tabs, backslashes, missing slashes), each in its
# own way, so that a check and a connection could read different hosts.
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#\\]*)(?P<target>[^#]*)(?P<fragment>#.*)?",
    re.DOTALL,
)
_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]%]+)(?::(?P<port>[0-9]{1,5}))?")
_TARGET: Final = re.compile(r"(?:/[!-~]*)?|\?[!-~]*")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INSIDE_NAMES: Final = frozenset(
    {"alt", "arpa", "corp", "home", "internal", "invalid", "lan", "local", "localhost", "onion"}
)
"""The last labels of names that exist only inside some network, or nowhere."""


class BadUrl(Exception):
    """The server may not call this address. It is not in the message: it may hold a secret."""

    def __init__(self, problem: UrlProblem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send a request. Only what stands in the repr may be logged."""

    scheme: str
    host: str
    """The name in ASCII and lower case, or the address without brackets."""
    port: int
    path: str = field(repr=False)
    """The path and the query."""
    address: Address | None = None
    """The address, if the host is not a name."""

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address, in the form to be stored."""
        return f"{self.scheme}://{self.host_header}{self.path}"


def read_url(text: str, policy: Policy) -> Target:
    """Read the address of a webhook. Looks up no name. Raises BadUrl."""
    if len(text) > MAX_URL:
        raise BadUrl(UrlProblem.TOO_LONG)
    match = _URL.fullmatch(text)
    if match is None:
        raise BadUrl(UrlProblem.MALFORMED)
    scheme = match["scheme"].lower()
    if scheme != "https" and not (scheme == "http" and policy.inside):
        raise BadUrl(UrlProblem.SCHEME)
    if "@" in match["authority"]:
        raise BadUrl(UrlProblem.CREDENTIALS)
    if match["fragment"] is not None:
        raise BadUrl(UrlProblem.FRAGMENT)
    authority = _AUTHORITY.fullmatch(match["authority"])
    if authority is None or _TARGET.fullmatch(match["target"]) is None:
        raise BadUrl(UrlProblem.MALFORMED)
    port = int(authority["port"] or DEFAULT_PORTS[scheme])
    if not 0 < port <= _MAX_PORT or not policy.allows_port(port):
        raise BadUrl(UrlProblem.PORT)
    host, address = _host_of(authority["host"], policy)
    path = match["target"] if match["target"].startswith("/") else f"/{match['target']}"
    return Target(scheme=scheme, host=host, port=port, path=path, address=address)


def _host_of(text: str, policy: Policy) -> tuple[str, Address | None]:
    """The host in its usual form, and its address if it is no name. Raises BadUrl."""
    if text.startswith("["):
        return _address_of(IPv6Address, text[1:-1], policy)
    try:
        host = (
            idna.encode(text.lower(), uts46=True).decode() if not text.isascii() else text.lower()
        )
    except idna.IDNAError:
        raise BadUrl(UrlProblem.HOST) from None
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # Resolvers read 127.1, 0177.0.0.1, 0x7f.1 and 2130706433 as addresses.
        return _address_of(IPv4Address, host, policy)
    if len(host) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadUrl(UrlProblem.HOST)
    if policy.inside:
        return host, None
    if len(labels) == 1 or labels[-1] in _INSIDE_NAMES:
        raise BadUrl(UrlProblem.HOST)
    if policy.is_own_host(host):
        raise BadUrl(UrlProblem.OWN)
    return host, None


def _address_of(
    kind: type[IPv4Address | IPv6Address], text: str, policy: Policy
) -> tuple[str, Address]:
    try:
        address = kind(text)
    except AddressValueError:
        raise BadUrl(UrlProblem.HOST) from None
    if not policy.allows_address(address):
        raise BadUrl(UrlProblem.ADDRESS)
    return str(address), address
