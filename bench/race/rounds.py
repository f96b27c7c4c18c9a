"""The race of one layout: compares the answers, then loads all peers in turn, round by round.

Within a work the peers are loaded one after the other, so that disturbances of the machine affect
all of them alike. Each round begins with another peer.
"""

import math
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from bench.race import machine
from bench.race.answers import comparable, compare
from bench.race.load import Loaded, load, settle
from bench.race.questions import Asking, Questions
from bench.race.results import Row
from bench.race.reviews import Reviews
from bench.race.servers import Running
from bench.race.works import MIDDLE, Work

COMPARED: Final = {"queue_page": 60, "nested_page": 60, "one_order": 60, "review": 5}
"""The answers of each peer that are compared, spread over all questions."""

WARM_S: Final = 2
ANSWERS_EACH: Final = 5
"""The least answers of each connection in a run, at the pace of the warm-up."""

LONGEST_S: Final = 20
MIN_LENGTH: Final = 0.8
"""The share of the warm-up's answer length below which answers count as errors."""


Turn = tuple[Work, int]
"""A work, and how many connections send its requests."""


class Race:
    """The running peers, and the questions for them."""

    def __init__(
        self,
        running: Sequence[Running],
        questions: Questions,
        reviews: Reviews | None,
        postgresql: int | None,
    ) -> None:
        self._running = running
        self._reviews = reviews
        self._postgresql = postgresql
        self._asking = {
            server.peer.name: Asking(server.peer, server.port, questions) for server in running
        }
        self._warm: dict[tuple[str, str, int], Loaded] = {}

    async def verify(self, works: Sequence[Work]) -> int:
        """Compare all answers with the first peer's; return their number. Raises Differs."""
        compared = 0
        for work in works:
            expected: list[Any] = []
            for server in self._running:
                answers = [comparable(answer) for answer in self._answers(server, work)]
                expected = expected or answers
                names = f"{self._running[0].peer.name} and {server.peer.name}"
                for index, (first, other) in enumerate(zip(expected, answers, strict=True)):
                    compare(f"{work.name} {index}, {names}", first, other)
                compared += len(answers)
                if work.operation == "review":
                    await self._restore()
        return compared

    def _answers(self, server: Running, work: Work) -> list[Any]:
        asking = self._asking[server.peer.name]
        if work.operation.endswith("page") and not asking.ends:
            for queue, request in asking.first_pages(work):
                page = server.ask(request)["data"]["serviceOrders"]
                asking.ends[queue] = page["pageInfo"]["endCursor"]
        requests = asking.requests(work)
        step = max(len(requests) // COMPARED[work.operation], 1)
        return [server.ask(request) for request in requests[::step]]

    async def round(
        self, number: int, turns: Sequence[Turn], seconds: int, cores: str
    ) -> AsyncIterator[Row]:
        """Load every peer with every work; wrk runs on ``cores``."""
        for index, turn in enumerate(turns):
            first = (number + index) % len(self._running)
            for server in (*self._running[first:], *self._running[:first]):
                if server.peer.is_slow and turn[1] != MIDDLE:
                    continue
                yield await self._run(server, turn, number, seconds, cores)

    async def _run(self, server: Running, turn: Turn, number: int, seconds: int, cores: str) -> Row:
        work, connections = turn
        requests = self._asking[server.peer.name].requests(work)
        reviews = work.operation == "review"
        warm = await self._warmed(server, turn, requests, cores)
        # A slow peer is loaded for longer, or the run would end before it reaches a steady pace.
        enough = math.ceil((warm.p50 / 1000 or WARM_S) * ANSWERS_EACH)
        loaded = load(
            server,
            requests,
            min(max(seconds, enough), LONGEST_S),
            cores,
            connections=connections,
            offset=0 if reviews else number * 101,
            database=self._postgresql,
        )
        settle(server)
        errors = loaded.errors
        if loaded.answer_bytes < warm.answer_bytes * MIN_LENGTH:
            errors += loaded.requests
        if reviews:
            errors += max(loaded.requests - await self._restore(), 0)
        return Row(
            peer=server.peer.name,
            work=work.name,
            round=number,
            per_second=loaded.per_second,
            p50=loaded.p50,
            p99=loaded.p99,
            server_us=loaded.server_us,
            database_us=loaded.database_us,
            memory_mb=machine.memory(server.pid),
            requests=loaded.requests,
            errors=errors,
            connections=connections,
        )

    async def _warmed(
        self, server: Running, turn: Turn, requests: Sequence[bytes], cores: str
    ) -> Loaded:
        """The peer's first run of a work at a load, which does not count."""
        work, connections = turn
        key = (server.peer.name, work.name, connections)
        if key not in self._warm:
            reviews = work.operation == "review"
            half = len(requests) // 2 if reviews else 0
            self._warm[key] = load(
                server, requests, WARM_S, cores, connections=connections, offset=half
            )
            settle(server)
            await self._restore() if reviews else None
        return self._warm[key]

    async def _restore(self) -> int:
        """Restore reviewed orders; return how many there were."""
        return await self._reviews.restore() if self._reviews else 0
