"""The requests of each work: the same questions for every peer, each in the form that it takes."""

import contextlib
import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from bench.race.peers import Peer
from bench.race.works import Work
from bench.shops import Shop, token_of
from schema import ids

MERCHANTS: Final = 60
STATUSES: Final = 4
ORDERS: Final = 5_000
REVIEWS: Final = 30_000
"""More than any peer reviews in a run."""

_PAGE: Final = 50
_COUNTED: Final = """SELECT merchant_id, status FROM service_order GROUP BY 1, 2
    HAVING count(*) > $1 ORDER BY 1, count(*) DESC, 2"""

Queue = tuple[int, str]
"""A merchant's orders in one status."""

Order = tuple[int, int]
"""The merchant, and the order's number."""


class TooFew(Exception):
    """The database holds too little to ask for."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Which queues, orders and reviews are asked for; drawn once from what the database holds."""

    queues: Sequence[Queue]
    orders: Sequence[Order]
    reviews: Sequence[Order]

    @classmethod
    async def draw(cls, address: str) -> "Questions":
        """From a filled database. Every queue has more than two pages. Raises TooFew."""
        connection = await asyncpg.connect(address)
        counted = await connection.fetch(_COUNTED, 2 * _PAGE)
        found = cls.among([(row[0], row[1]) for row in counted])
        if not found:
            raise TooFew("No queue has more than two pages: the race needs more orders.")
        merchants = sorted({merchant for merchant, _ in found})
        drawn = "SELECT merchant_id, id FROM service_order WHERE merchant_id = ANY($1)"
        order = "ORDER BY hashint8(id), id LIMIT"
        orders = await connection.fetch(f"{drawn} {order} {ORDERS}", merchants)
        reviews = await connection.fetch(
            f"{drawn} AND status = 'PENDING_REVIEW' {order} {REVIEWS}", merchants
        )
        await connection.close()
        return cls(found, [tuple(row) for row in orders], [tuple(row) for row in reviews])

    @classmethod
    def of_file(cls, file: Path) -> "Questions":
        """The same of an SQLite database, for pages alone."""
        with contextlib.closing(sqlite3.connect(file)) as connection:
            counted = connection.execute(_COUNTED.replace("$1", "?1"), (2 * _PAGE,)).fetchall()
        return cls(cls.among(counted), (), ())

    @staticmethod
    def among(counted: Sequence[Queue]) -> list[Queue]:
        """Sixty merchants' four fullest statuses; of merchants with fewer, what there is."""
        by_merchant: dict[int, list[Queue]] = {}
        for queue in counted:
            by_merchant.setdefault(queue[0], []).append(queue)
        fullest = sorted(by_merchant.values(), key=lambda some: (-min(len(some), STATUSES), some))
        return [queue for some in fullest[:MERCHANTS] for queue in some[:STATUSES]]


@dataclass(slots=True)
class Asking:
    """The questions as one peer takes them. ``ends`` are its own cursors, for the second pages."""

    peer: Peer
    port: int
    questions: Questions
    ends: dict[Queue, str] = field(default_factory=dict)

    def requests(self, work: Work) -> list[bytes]:
        """Whole HTTP requests, with tokens that are good for 15 minutes from now."""
        head = self._heads()
        text = work.text(self.peer.dialect)
        values = self._values(work)
        return [self._request(head(merchant), text, work, said) for merchant, said in values]

    def first_pages(self, work: Work) -> list[tuple[Queue, bytes]]:
        """The requests for the first page of each queue, from whose answers ``ends`` is filled."""
        head, text = self._heads(), work.text(self.peer.dialect)
        return [
            (queue, self._request(head(queue[0]), text, work, self._page(queue, None)))
            for queue in self.questions.queues
        ]

    def _values(self, work: Work) -> list[tuple[int, dict[str, Any]]]:
        if work.operation == "one_order":
            return [(one[0], self._order(one)) for one in self.questions.orders]
        if work.operation == "review":
            return [(one[0], self._review(one)) for one in self.questions.reviews]
        pages: list[tuple[Queue, str | None]]
        pages = [(queue, None) for queue in self.questions.queues]
        pages += [(queue, self.ends[queue]) for queue in self.questions.queues]
        random.Random(1).shuffle(pages)
        return [(queue[0], self._page(queue, after)) for queue, after in pages]

    def _page(self, queue: Queue, after: str | None) -> dict[str, Any]:
        merchant, status = queue
        own = {"merchant": str(merchant)} if self.peer.dialect == "postgraphile" else {}
        return {**own, "status": status, "after": after}

    def _order(self, order: Order) -> dict[str, Any]:
        if self.peer.dialect == "postgraphile":
            return {"merchant": str(order[0]), "number": str(order[1])}
        return {"id": ids.encode("ServiceOrder", *order)}

    def _review(self, order: Order) -> dict[str, Any]:
        own = self._order(order)
        if self.peer.dialect == "postgraphile":
            own["employee"] = str(_reviewer(order[0]).id)
        return own

    def _heads(self) -> Callable[[int], str]:
        """The headers for a merchant: a token for ours, for the others who is asking as it is."""
        known: dict[int, str] = {}

        def head(merchant: int) -> str:
            if merchant not in known:
                person = _reviewer(merchant)
                who = (
                    f"Authorization: Bearer {token_of(person)}"
                    if self.peer.dialect == "ours"
                    else f"X-Merchant: {merchant}\r\nX-Employee: {person.id}"
                )
                known[merchant] = (
                    f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{who}\r\n"
                    "Content-Type: application/json\r\nAccept: application/json\r\n"
                )
            return known[merchant]

        return head

    def _request(self, head: str, text: str, work: Work, values: dict[str, Any]) -> bytes:
        said = {"query": text, "operationName": work.asks, "variables": values}
        body = json.dumps(said).encode()
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _reviewer(merchant: int) -> Any:  # Any: an actor, whom the head and the body know by its id
    return Shop(merchant).reviewers[0]
