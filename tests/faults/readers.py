"""Readers of the log, who go on after their last cursor whatever happens to what they read from."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import httpx2
from websockets.exceptions import WebSocketException

from tests.faults.clients import COME_AGAIN, LULL_S
from tests.faults.ledger import Ledger
from tests.faults.readings import Reading
from tests.faults.wire import HOST, Cut, Unanswered, ask
from tests.given import Person
from tests.subscriptions.client import Closed, Errors, Subscriber

NODE: Final = "cursor event { sequence } serviceOrder { id }"
PAGE: Final = (
    f"query($after: String) {{ events(after: $after) {{ nodes {{ {NODE} }} endCursor }} }}"
)
STREAM: Final = f"subscription($after: String) {{ events(after: $after) {{ {NODE} }} }}"
SNAPSHOT: Final = "{ snapshot { cursor } }"
PAUSE_S: Final = (0.05, 0.4)
"""Between two pages."""
STAYS_S: Final = (0.5, 6.0)
"""How long a subscriber keeps a connection that does not break by itself."""
EXPECTED_CLOSES: Final = frozenset({1001, 1006, 1011, 1012, 1013})
"""With these codes a connection may be closed while servers go and come."""

Results = AsyncGenerator[Mapping[str, Any], None]
"""Any: JSON."""


class Broken(Exception):
    """A stream broke off, and can be resumed."""


class GivenUp(Exception):
    """A reader was told something that nobody should ever be told."""


@dataclass(slots=True)
class Readers:
    """All readers, against servers of which any may be gone at any moment."""

    http: httpx2.AsyncClient
    ports: Sequence[int]
    ledger: Ledger
    chance: random.Random
    cuts: float
    """How many of the requests the reader's own connection does not survive."""
    readings: list[Reading] = field(default_factory=list)

    def feed(self, who: Person, name: str) -> "asyncio.Task[None]":
        """Ask for pages from the oldest event on, again and again."""
        return asyncio.create_task(self._poll(self._reading(who, f"feed of {name}"), who))

    def socket(self, who: Person, name: str) -> "asyncio.Task[None]":
        """Subscribe over WebSockets from a snapshot on."""
        reading = self._reading(who, f"WebSocket of {name}")
        return asyncio.create_task(self._subscribe(reading, who, self._over_socket))

    def event_stream(self, who: Person, name: str) -> "asyncio.Task[None]":
        """Subscribe by server-sent events from a snapshot on."""
        reading = self._reading(who, f"event stream of {name}")
        return asyncio.create_task(self._subscribe(reading, who, self._over_events))

    def _reading(self, who: Person, name: str) -> Reading:
        reading = Reading(name, who.merchant_id)
        self.readings.append(reading)
        return reading

    async def _poll(self, reading: Reading, who: Person) -> None:
        while True:
            page = await self._answer(reading, who, PAGE, after=reading.cursor)
            for node in page["nodes"]:
                reading.enter(node)
            reading.cursor = page["endCursor"]
            await asyncio.sleep(self.chance.uniform(*PAUSE_S))

    async def _answer(self, reading: Reading, who: Person, query: str, **variables: Any) -> Any:
        """Ask one server after the other until there is an answer. Any: JSON."""
        body = {"query": query, "variables": variables}
        while True:
            cut = self.chance.choice(list(Cut)) if self.chance.random() < self.cuts else None
            try:
                answer = await ask(
                    self.chance.choice(self.ports), body, who.token, cut=cut, after_s=0.01
                )
            except Unanswered:
                pass
            else:
                if answer.status == 200 and not answer.codes:
                    return next(iter(answer.body["data"].values()))
                if not answer.codes or set(answer.codes) - COME_AGAIN:
                    self._give_up(reading, f"{answer.status} {answer.body}")
            reading.resumed += 1
            await self._lull()

    def _give_up(self, reading: Reading, why: object) -> NoReturn:
        message = f"{reading.reader}: {why}"
        self.ledger.bug(message)
        raise GivenUp(message)

    async def _subscribe(
        self, reading: Reading, who: Person, stream: "Callable[[Person, str | None], Results]"
    ) -> None:
        snapshot = await self._answer(reading, who, SNAPSHOT)
        reading.begin(snapshot["cursor"])
        while True:
            try:
                async with asyncio.timeout(self.chance.uniform(*STAYS_S)):
                    async with aclosing(stream(who, reading.cursor)) as results:
                        async for result in results:
                            self._enter(reading, result)
            except (Broken, TimeoutError):
                pass
            except Errors as ended:
                if ended.code not in COME_AGAIN:
                    self._give_up(reading, ended)
            reading.resumed += 1
            await self._lull()

    def _enter(self, reading: Reading, result: Mapping[str, Any]) -> None:
        if errors := result.get("errors"):
            raise Errors(errors)
        reading.enter(result["data"]["events"])

    async def _over_socket(self, who: Person, after: str | None) -> Results:
        """Raises Broken or Errors. Half of the connections are left without a word."""
        url = f"ws://{HOST}:{self.chance.choice(self.ports)}/graphql"
        try:
            async with Subscriber.connect(url, who.token, "en") as subscriber:
                try:
                    results = subscriber.subscribe(STREAM, {"after": after})
                    async with aclosing(results):
                        async for result in results:
                            yield result
                finally:
                    if self.chance.random() < 0.5:
                        subscriber.cut()
        except Closed as closed:
            if closed.code not in EXPECTED_CLOSES:
                self.ledger.bug(f"a WebSocket was closed: {closed}")
            raise Broken from closed
        except (OSError, WebSocketException) as error:
            raise Broken from error

    async def _over_events(self, who: Person, after: str | None) -> Results:
        """Raises Broken or Errors."""
        url = f"http://{HOST}:{self.chance.choice(self.ports)}/graphql"
        headers = {"accept": "text/event-stream", "authorization": f"Bearer {who.token}"}
        body = {"query": STREAM, "variables": {"after": after}}
        try:
            async with self.http.stream("POST", url, json=body, headers=headers) as answer:
                if answer.status_code not in {200, 503}:
                    self.ledger.bug(f"an event stream was answered with {answer.status_code}")
                async for line in answer.aiter_lines():
                    field_, _, value = line.partition(": ")
                    if field_ == "data" and value:
                        yield json.loads(value)
        except httpx2.TransportError as error:
            raise Broken from error

    async def _lull(self) -> None:
        await asyncio.sleep(self.chance.uniform(*LULL_S))


@asynccontextmanager
async def reading(tasks: "Sequence[asyncio.Task[None]]") -> AsyncIterator[None]:
    """Let the readers read while the block runs. Raises what any of them raised."""
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()
