"""The client that sends webhooks and fetches documents: one request to a checked address."""

import asyncio
import contextlib
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus
from typing import Final

from httpcore2 import (
    URL,
    AnyIOBackend,
    AsyncHTTP11Connection,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    NetworkError,
    ProtocolError,
    Request,
    default_ssl_context,
)

from domain.outgoing import DeliveryFailure
from outgoing.address_guard import AddressGuard, AddressRefused
from outgoing.addresses import Address
from outgoing.answer import KEPT_BODY, Answer, retry_after_of, text_of
from outgoing.bounded_stream import BoundedStream, TooManyBytes
from outgoing.resolver import NameNotResolved
from outgoing.target import Target

USER_AGENT: Final = "aftersales"

MAX_HEADERS: Final = 65_536
"""Bytes up to the end of an answer's headers."""

MAX_BODY: Final = 16_384
"""Bytes of an answer's body that are read. The rest is not waited for."""

MAX_DOCUMENT: Final = 65_536
"""Bytes of a document's body. A longer one is not read to its end."""

MAX_PER_HOST: Final = 16
"""Connections of a process to one host, whichever merchants they are for."""

MAX_ADDRESSES: Final = 4
"""Addresses of a host that are tried."""


# Its debug lines hold the headers of answers.
logging.getLogger("httpcore2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits:
    """How many seconds each part of a request may take, and the whole."""

    resolve: float = 2
    connect: float = 5
    tls: float = 5
    total: float = 15


@dataclass(frozen=True, slots=True)
class Document:
    """A whole answer."""

    status: int
    body: bytes = field(repr=False)


class NotFetched(Exception):
    """There is no whole answer."""

    def __init__(self, failure: DeliveryFailure) -> None:
        super().__init__(failure)
        self.failure = failure


class HostBusy(Exception):
    """This process has enough connections to the host. Nothing was sent: it is no attempt."""


class _Failed(Exception):
    def __init__(self, failure: DeliveryFailure) -> None:
        super().__init__(failure)
        self.failure = failure


@dataclass(slots=True)
class _Received:
    """What has been received so far. It stays when the rest of the answer fails."""

    status: int | None = None
    retry_after: str | None = None
    body: bytes = b""
    most: int = MAX_BODY
    """Bytes of the body that are read."""
    kept: int = KEPT_BODY
    is_whole: bool = False
    """Whether a longer body is a failure."""


class HttpClient:
    """Sends requests to addresses that others chose.

    It knows no proxy, keeps no cookie, follows no redirect and decodes no body. Each request has a
    connection of its own: a host that is kept waiting costs nobody else a place in a pool.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        tls: Callable[[], ssl.SSLContext] = default_ssl_context,
        limits: TimeLimits | None = None,
        network: AsyncNetworkBackend | None = None,
    ) -> None:
        """``tls`` gives the certificates to trust; by default those of the operating system."""
        self.guard = guard
        self._make_tls = tls
        self._limits = limits or TimeLimits()
        self._network = network or AnyIOBackend()
        self._connections = Counter[str]()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made for the first request: reading certificates takes 20 ms, and few processes send."""
        context = self._make_tls()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def has_room(self, target: Target) -> bool:
        """Whether ``post`` would not raise HostBusy now."""
        return self._connections[target.host] < MAX_PER_HOST

    async def check(self, target: Target) -> DeliveryFailure | None:
        """Why a request cannot be sent, as far as the addresses of the host tell."""
        try:
            await self._addresses_of(target)
        except _Failed as failed:
            return failed.failure
        return None

    async def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request with a JSON body, and read the answer. Raises HostBusy, and nothing else.

        ``headers`` are those of the message; the client adds those of the connection.
        """
        now = asyncio.get_running_loop().time
        started_at, received = now(), _Received()
        with self._place(target.host):
            failure = await self._exchange(target, _request(target, headers, body), received)
        return Answer(
            status=received.status,
            failure=failure,
            duration=timedelta(seconds=now() - started_at),
            text=text_of(received.body),
            retry_after=received.retry_after,
        )

    async def fetch(
        self, target: Target, headers: Mapping[str, str], form: bytes | None = None
    ) -> Document:
        """GET a document, or POST a form, and read the whole answer, 64 KiB at most.

        Raises HostBusy or NotFetched.
        """
        received = _Received(most=MAX_DOCUMENT, kept=MAX_DOCUMENT, is_whole=True)
        if form is None:
            request = _request(target, headers, b"", method="GET")
        else:
            kind = {"content-type": "application/x-www-form-urlencoded"}
            request = _request(target, {**kind, **headers}, form)
        with self._place(target.host):
            failure = await self._exchange(target, request, received)
        if failure is not None or received.status is None:
            raise NotFetched(failure or DeliveryFailure.PROTOCOL)
        return Document(received.status, received.body)

    @contextmanager
    def _place(self, host: str) -> Iterator[None]:
        if self._connections[host] >= MAX_PER_HOST:
            raise HostBusy
        self._connections[host] += 1
        try:
            yield
        finally:
            self._connections[host] -= 1
            if not self._connections[host]:
                del self._connections[host]

    async def _exchange(
        self, target: Target, request: Request, received: _Received
    ) -> DeliveryFailure | None:
        try:
            async with asyncio.timeout(self._limits.total):
                addresses = await self._addresses_of(target)
                stream = await self._connect(target, addresses)
                try:
                    await _receive(stream, request, received)
                finally:
                    await stream.aclose()
        except _Failed as failed:
            return failed.failure
        except TimeoutError:
            return DeliveryFailure.TIMEOUT
        except TooManyBytes:
            return DeliveryFailure.TOO_LARGE
        # The last one: anyio lets errors of a broken TLS record through.
        except (NetworkError, ProtocolError, OSError):
            return DeliveryFailure.PROTOCOL
        return _failure_of(received.status)

    async def _addresses_of(self, target: Target) -> Sequence[Address]:
        try:
            async with asyncio.timeout(self._limits.resolve):
                return await self.guard.addresses_of(target)
        except (NameNotResolved, TimeoutError):
            raise _Failed(DeliveryFailure.DNS) from None
        except AddressRefused:
            raise _Failed(DeliveryFailure.ADDRESS_REFUSED) from None

    async def _connect(self, target: Target, addresses: Sequence[Address]) -> AsyncNetworkStream:
        stream = await self._connect_to_any(addresses[:MAX_ADDRESSES], target.port)
        if target.scheme == "http":
            return stream
        try:
            async with asyncio.timeout(self._limits.tls):
                return await stream.start_tls(self._tls, server_hostname=target.host)
        except (NetworkError, TimeoutError, OSError):
            await stream.aclose()
            raise _Failed(DeliveryFailure.TLS) from None

    async def _connect_to_any(self, addresses: Sequence[Address], port: int) -> AsyncNetworkStream:
        """Connect to the first address that accepts. Each has its share of the time."""
        share = self._limits.connect / len(addresses)
        for address in addresses:
            # The text of an address is connected to as it is: nothing looks it up again.
            with contextlib.suppress(NetworkError, TimeoutError, OSError):
                async with asyncio.timeout(share):
                    return await self._network.connect_tcp(str(address), port)
        raise _Failed(DeliveryFailure.CONNECT)


async def _receive(stream: AsyncNetworkStream, request: Request, received: _Received) -> None:
    """Send the request, and read the answer up to its limits."""
    bounded = BoundedStream(stream, MAX_HEADERS)
    connection = AsyncHTTP11Connection(request.url.origin, bounded)
    response = await connection.handle_async_request(request)
    received.status = response.status
    for name, value in response.headers:
        if name.lower() == b"retry-after":
            received.retry_after = retry_after_of(value)
    bounded.allowance = received.most
    try:
        async with aclosing(response.aiter_stream()) as chunks:
            async for chunk in chunks:
                received.body += chunk[: received.kept - len(received.body)]
    except TooManyBytes:
        if received.is_whole:
            raise
        # Otherwise the status has come: the rest does not matter.


def _request(
    target: Target, headers: Mapping[str, str], body: bytes, method: str = "POST"
) -> Request:
    lines = {
        "host": target.host_header,
        "user-agent": USER_AGENT,
        "content-type": "application/json",
        "content-length": str(len(body)),
        "accept-encoding": "identity",
        "connection": "close",
        **headers,
    }
    if method == "GET":
        lines = {name: lines[name] for name in lines if not name.startswith("content-")}
    url = URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    return Request(method, url, headers=list(lines.items()), content=body)


def _failure_of(status: int | None) -> DeliveryFailure | None:
    if status is None or status < HTTPStatus.OK:
        return DeliveryFailure.PROTOCOL
    is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return DeliveryFailure.REDIRECT if is_redirect else None
