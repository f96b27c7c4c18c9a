"""One layout's race: the answers compared, then round after round, everybody in turn.

The peers of a work are loaded one after the other, so that what the machine does meanwhile meets
all of them alike; each round begins with another one.
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
from bench.race.works import Work

COMPARED: Final = {"queue_page": 60, "nested_page": 60, "one_order": 60, "review": 5}
"""How many answers of each peer are compared, spread over all the questions."""

WARM_S: Final = 2
ANSWERS_EACH: Final = 5
"""How many answers each connection gets in a run, by the pace of the warm-up."""

LONGEST_S: Final = 10
SHORTEST: Final = 0.8
"""Of the length that answers had in the warm-up: shorter ones are no answers."""


class Race:
    """The peers, all running, and the questions for them."""

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
        self._asking = {one.peer.name: Asking(one.peer, one.port, questions) for one in running}
        self._warm: dict[tuple[str, str], Loaded] = {}

    async def verify(self, works: Sequence[Work]) -> int:
        """How many answers were compared with those of the first peer. Raises Differs."""
        compared = 0
        for work in works:
            expected: list[Any] = []
            for one in self._running:
                found = [comparable(said) for said in self._answers(one, work)]
                expected = expected or found
                names = f"{self._running[0].peer.name} and {one.peer.name}"
                for at, (first, other) in enumerate(zip(expected, found, strict=True)):
                    compare(f"{work.name} {at}, {names}", first, other)
                compared += len(found)
                if work.operation == "review":
                    await self._put_back()
        return compared

    def _answers(self, one: Running, work: Work) -> list[Any]:
        asking = self._asking[one.peer.name]
        if work.operation.endswith("page") and not asking.ends:
            for queue, request in asking.first_pages(work):
                page = one.ask(request)["data"]["serviceOrders"]
                asking.ends[queue] = page["pageInfo"]["endCursor"]
        requests = asking.requests(work)
        step = max(len(requests) // COMPARED[work.operation], 1)
        return [one.ask(request) for request in requests[::step]]

    async def round(
        self, number: int, works: Sequence[Work], seconds: int, cores: str
    ) -> AsyncIterator[Row]:
        """Load everybody with every work; wrk runs on ``cores``."""
        for at, work in enumerate(works):
            turn = (number + at) % len(self._running)
            for one in (*self._running[turn:], *self._running[:turn]):
                yield await self._run(one, work, number, seconds, cores)

    async def _run(self, one: Running, work: Work, number: int, seconds: int, cores: str) -> Row:
        requests = self._asking[one.peer.name].requests(work)
        reviews = work.operation == "review"
        key = (one.peer.name, work.name)
        if key not in self._warm:
            half = len(requests) // 2 if reviews else 0
            self._warm[key] = load(one, requests, WARM_S, cores, offset=half)
            settle(one)
            await self._put_back() if reviews else None
        warm = self._warm[key]
        # Who is slow is loaded for longer, or a run would be over before it has found its pace.
        enough = math.ceil((warm.p50 / 1000 or WARM_S) * ANSWERS_EACH)
        found = load(
            one,
            requests,
            min(max(seconds, enough), LONGEST_S),
            cores,
            offset=0 if reviews else number * 101,
            database=self._postgresql,
        )
        settle(one)
        errors = found.errors
        if found.answer_bytes < warm.answer_bytes * SHORTEST:
            errors += found.requests
        if reviews:
            errors += max(found.requests - await self._put_back(), 0)
        return Row(
            peer=one.peer.name,
            work=work.name,
            round=number,
            per_second=found.per_second,
            p50=found.p50,
            p99=found.p99,
            server_us=found.server_us,
            database_us=found.database_us,
            memory_mb=machine.memory(one.pid),
            requests=found.requests,
            errors=errors,
        )

    async def _put_back(self) -> int:
        """How many orders had been reviewed."""
        return await self._reviews.put_back() if self._reviews else 0
