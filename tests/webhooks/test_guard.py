"""The guard: the connection goes to an address that was checked, with TLS for the host's name."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from threading import Event

import pytest

from domain.outgoing import DeliveryFailure
from outgoing.address_guard import AddressGuard
from outgoing.addresses import Address
from outgoing.http_client import HttpClient, TimeLimits
from outgoing.policy import Policy
from outgoing.resolver import MAX_LOOKUPS, NameNotResolved, SystemResolver
from tests.webhooks.certificates import serving, trusting
from tests.webhooks.internet import PUBLIC, Names, Wires
from tests.webhooks.receiver import Receiver, Writer, answer_of

pytestmark = pytest.mark.anyio

HOST = "receiver.example"


def client_of(wires: Wires, names: Names, **limits: float) -> HttpClient:
    guard = AddressGuard(Policy(), names)
    return HttpClient(guard, tls=trusting, limits=TimeLimits(**limits), network=wires)


async def test_a_name_that_is_public_at_first_and_inside_then_is_called_at_the_public_address(
    tmp_path: Path,
) -> None:
    names = Names({HOST: [[PUBLIC], ["127.0.0.1"]]})
    async with Receiver.answering(answer_of(200), serving(tmp_path, HOST)) as receiver:
        wires = Wires(receiver.port)
        client = client_of(wires, names)
        target = client.guard.read(f"https://{HOST}/")
        first = await client.post(target, {}, b"{}")
        assert (first.failure, wires.called, names.asked) == (None, [PUBLIC], [HOST])
        second = await client.post(target, {}, b"{}")
    assert second.failure is DeliveryFailure.ADDRESS_REFUSED
    assert (wires.called, receiver.connections) == ([PUBLIC], 1)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1", PUBLIC],
        [PUBLIC, "10.0.0.1"],
        [PUBLIC, "2606:4700::1", "fd00::1"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%eth0"],
    ],
)
async def test_a_name_with_an_address_inside_is_not_called(addresses: list[str]) -> None:
    wires = Wires(1)
    client = client_of(wires, Names({HOST: [addresses]}))
    target = client.guard.read(f"https://{HOST}/")
    answer = await client.post(target, {}, b"{}")
    assert (answer.status, answer.failure) == (None, DeliveryFailure.ADDRESS_REFUSED)
    assert await client.check(target) is DeliveryFailure.ADDRESS_REFUSED
    assert wires.called == []


async def test_a_name_that_does_not_exist_is_a_failure() -> None:
    client = client_of(Wires(1), Names({}))
    target = client.guard.read(f"https://{HOST}/")
    assert (await client.post(target, {}, b"{}")).failure is DeliveryFailure.DNS
    assert await client.check(target) is DeliveryFailure.DNS


async def test_a_public_name_passes_the_check() -> None:
    client = client_of(Wires(1), Names({HOST: [[PUBLIC]]}))
    assert await client.check(client.guard.read(f"https://{HOST}/")) is None


@pytest.mark.parametrize("certified", ["other.example", "example", "93.184.216.34"])
async def test_a_certificate_of_another_host_is_refused(tmp_path: Path, certified: str) -> None:
    async with Receiver.answering(answer_of(200), serving(tmp_path, certified)) as receiver:
        client = client_of(Wires(receiver.port), Names({HOST: [[PUBLIC]]}))
        answer = await client.post(client.guard.read(f"https://{HOST}/"), {}, b"{}")
    assert (answer.status, answer.failure) == (None, DeliveryFailure.TLS)
    assert receiver.requests == []


async def test_a_certificate_for_the_address_itself_is_accepted(tmp_path: Path) -> None:
    async with Receiver.answering(answer_of(200), serving(tmp_path, PUBLIC)) as receiver:
        client = client_of(Wires(receiver.port), Names({}))
        answer = await client.post(client.guard.read(f"https://{PUBLIC}:8443/"), {}, b"{}")
    assert answer.delivered
    assert receiver.requests[0].headers["host"] == f"{PUBLIC}:8443"


async def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    context = serving(tmp_path, HOST, expired=True)
    async with Receiver.answering(answer_of(200), context) as receiver:
        client = client_of(Wires(receiver.port), Names({HOST: [[PUBLIC]]}))
        answer = await client.post(client.guard.read(f"https://{HOST}/"), {}, b"{}")
    assert answer.failure is DeliveryFailure.TLS


async def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    async with Receiver.answering(answer_of(200), serving(tmp_path, HOST)) as receiver:
        guard = AddressGuard(Policy(), Names({HOST: [[PUBLIC]]}))
        client = HttpClient(guard, network=Wires(receiver.port))
        answer = await client.post(guard.read(f"https://{HOST}/"), {}, b"{}")
    assert answer.failure is DeliveryFailure.TLS


async def test_a_receiver_that_does_not_speak_tls_is_a_failure() -> None:
    async with Receiver.answering(answer_of(200)) as receiver:
        client = client_of(Wires(receiver.port), Names({HOST: [[PUBLIC]]}), tls=0.2)
        answer = await client.post(client.guard.read(f"https://{HOST}/"), {}, b"{}")
    assert answer.failure is DeliveryFailure.TLS


async def test_a_receiver_that_ends_within_its_answer_over_tls_is_a_failure(tmp_path: Path) -> None:
    async def cut(writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort")
        await writer.drain()
        writer.transport.abort()

    async with Receiver.answering(cut, serving(tmp_path, HOST)) as receiver:
        client = client_of(Wires(receiver.port), Names({HOST: [[PUBLIC]]}))
        answer = await client.post(client.guard.read(f"https://{HOST}/"), {}, b"{}")
    assert answer.failure is DeliveryFailure.PROTOCOL


async def test_the_resolver_of_the_system_knows_this_machine() -> None:
    addresses = await SystemResolver(absolute=False)("localhost")
    assert all(address.is_loopback for address in addresses)
    assert addresses


async def test_the_resolver_never_tries_a_name_within_the_domains_of_this_machine() -> None:
    names: list[str] = []

    def look_up(name: str) -> Sequence[Address]:
        names.append(name)
        return ()

    for absolute in (True, False):
        with pytest.raises(NameNotResolved):
            await SystemResolver(absolute=absolute, look_up=look_up)(HOST)
    assert names == [f"{HOST}.", HOST]


async def test_a_name_without_an_answer_takes_one_thread_and_the_others_are_looked_up() -> None:
    go_on, names = Event(), list[str]()

    def look_up(name: str) -> Sequence[Address]:
        names.append(name)
        if name != "quick.":
            go_on.wait()
        return ()

    resolve = SystemResolver(look_up=look_up)
    slow = [asyncio.create_task(resolve("slow")) for _ in range(100)]
    await asyncio.sleep(0)
    with pytest.raises(NameNotResolved):
        await resolve("quick")
    assert names == ["slow.", "quick."]
    go_on.set()
    results = await asyncio.gather(*slow, return_exceptions=True)
    assert {type(result) for result in results} == {NameNotResolved}


async def test_names_without_an_answer_take_a_limited_number_of_threads() -> None:
    go_on = Event()

    def look_up(_: str) -> Sequence[Address]:
        go_on.wait()
        return [ip_address(PUBLIC)]

    resolve = SystemResolver(look_up=look_up)
    slow = [asyncio.create_task(resolve(f"slow-{number}")) for number in range(MAX_LOOKUPS)]
    await asyncio.sleep(0)
    with pytest.raises(NameNotResolved):
        await resolve("late")
    go_on.set()
    assert await asyncio.gather(*slow) == [[ip_address(PUBLIC)]] * MAX_LOOKUPS
    assert await resolve("late") == [ip_address(PUBLIC)]
