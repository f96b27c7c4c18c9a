"""Starts the server in a process, and reviews orders through it while another load runs."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx2

from bench.commands import AFTERSALES, PORT, environment, running
from bench.shops import SIGNING_KEY, Shop, token_of
from schema import ids

REVIEW: Final = """mutation($input: ReviewServiceOrderInput!) { reviewServiceOrder(input: $input) {
  serviceOrder { id status version review { reviewer { name } at } }
  refusals { code message } } }"""
REJECTED: Final = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用，无法受理"}}
Key = tuple[int, int]


@contextlib.contextmanager
def serving(url: str, **settings: str) -> Iterator[str]:
    """The address of ``aftersales serve`` on a database, without the clock."""
    with tempfile.TemporaryDirectory() as folder:
        variables = environment(
            AFTERSALES_DATA_DIR=folder,
            AFTERSALES_DATABASE_URL=url,
            AFTERSALES_SIGNING_KEY=SIGNING_KEY,
            AFTERSALES_CLOCK="false",
            **settings,
        )
        with running((AFTERSALES, "serve", "--port", PORT), variables) as address:
            yield address


@dataclass(slots=True)
class Reviewer:
    """Rejects one order after the other, with a pause between them.

    ``latencies`` holds the milliseconds of each request, ``refused`` the answers of failed ones.
    """

    address: str
    pause: float
    latencies: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def working(self, orders: Sequence[Key]) -> AsyncIterator[None]:
        task = asyncio.create_task(self._work(orders))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _work(self, orders: Sequence[Key]) -> None:
        tokens: dict[int, str] = {}
        async with httpx2.AsyncClient(timeout=60) as http:
            for merchant, order in orders:
                token = tokens.setdefault(merchant, token_of(Shop(merchant).reviewers[0]))
                id_ = ids.encode("ServiceOrder", merchant, order)
                variables = {"input": {"id": id_, "decision": REJECTED}}
                started = time.perf_counter()
                answer = await http.post(
                    f"{self.address}/graphql",
                    json={"query": REVIEW, "variables": variables},
                    headers={"Authorization": f"Bearer {token}"},
                )
                self.latencies.append((time.perf_counter() - started) * 1000)
                payload = (answer.json().get("data") or {}).get("reviewServiceOrder")
                if not payload or payload["refusals"]:
                    self.refused.append(answer.text[:300])
                await asyncio.sleep(self.pause)
