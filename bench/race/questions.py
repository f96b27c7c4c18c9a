"""The requests of each work: the same questions for every peer, in its own dialect."""

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
"""More reviews than any peer completes in a run."""

_PAGE: Final = 50
_COUNTED: Final = """SELECT merchant_id, status FROM service_order GROUP BY 1, 2
    HAVING count(*) > $1 ORDER BY 1, count(*) DESC, 2"""

Queue = tuple[int, str]
"""A merchant's orders in one status."""

Order = tuple[int, int]
"""The ids of the merchant and the order."""


class TooFew(Exception):
    """The database has too few orders for the race."""


@dataclass(frozen=True, slots=True)
class Questions:
    """The queues, orders and reviews that all peers are asked for, drawn once from the database."""

    queues: Sequence[Queue]
    orders: Sequence[Order]
    reviews: Sequence[Order]

    @classmethod
    async def draw(cls, address: str) -> "Questions":
        """Draw from a filled database. Every queue has more than two pages. Raises TooFew."""
        connection = await asyncpg.connect(address)
        counted = await connection.fetch(_COUNTED, 2 * _PAGE)
        queues = cls.among([(row[0], row[1]) for row in counted])
        if not queues:
            raise TooFew("No queue has more than two pages: the race needs more orders.")
        merchants = sorted({merchant for merchant, _ in queues})
        select = "SELECT merchant_id, id FROM service_order WHERE merchant_id = ANY($1)"
        order = "ORDER BY hashint8(id), id LIMIT"
        orders = await connection.fetch(f"{select} {order} {ORDERS}", merchants)
        reviews = await connection.fetch(
            f"{select} AND status = 'PENDING_REVIEW' {order} {REVIEWS}", merchants
        )
        await connection.close()
        return cls(queues, [tuple(row) for row in orders], [tuple(row) for row in reviews])

    @classmethod
    def of_file(cls, file: Path) -> "Questions":
        """Draw from an SQLite database, for pages only."""
        with contextlib.closing(sqlite3.connect(file)) as connection:
            counted = connection.execute(_COUNTED.replace("$1", "?1"), (2 * _PAGE,)).fetchall()
        return cls(cls.among(counted), (), ())

    @staticmethod
    def among(counted: Sequence[Queue]) -> list[Queue]:
        """The four fullest queues of each of sixty merchants; fewer if a merchant has fewer."""
        by_merchant: dict[int, list[Queue]] = {}
        for queue in counted:
            by_merchant.setdefault(queue[0], []).append(queue)
        fullest = sorted(
            by_merchant.values(), key=lambda queues: (-min(len(queues), STATUSES), queues)
        )
        return [queue for queues in fullest[:MERCHANTS] for queue in queues[:STATUSES]]


@dataclass(slots=True)
class Asking:
    """The questions in a peer's dialect. ``ends`` are its cursors, for the second pages."""

    peer: Peer
    port: int
    questions: Questions
    ends: dict[Queue, str] = field(default_factory=dict)

    def requests(self, work: Work) -> list[bytes]:
        """Complete HTTP requests, with tokens that are valid for 15 minutes from now."""
        head = self._heads()
        text = work.text(self.peer.dialect)
        values = self._values(work)
        return [
            self._request(head(merchant), text, work, variables) for merchant, variables in values
        ]

    def first_pages(self, work: Work) -> list[tuple[Queue, bytes]]:
        """The requests for the first page of each queue, whose answers fill ``ends``."""
        head, text = self._heads(), work.text(self.peer.dialect)
        return [
            (queue, self._request(head(queue[0]), text, work, self._page(queue, None)))
            for queue in self.questions.queues
        ]

    def _values(self, work: Work) -> list[tuple[int, dict[str, Any]]]:
        if work.operation == "one_order":
            return [(order[0], self._order(order)) for order in self.questions.orders]
        if work.operation == "review":
            return [(order[0], self._review(order)) for order in self.questions.reviews]
        pages: list[tuple[Queue, str | None]]
        pages = [(queue, None) for queue in self.questions.queues]
        pages += [(queue, self.ends[queue]) for queue in self.questions.queues]
        random.Random(1).shuffle(pages)
        return [(queue[0], self._page(queue, after)) for queue, after in pages]

    def _page(self, queue: Queue, after: str | None) -> dict[str, Any]:
        merchant, status = queue
        extra = {"merchant": str(merchant)} if self.peer.dialect == "postgraphile" else {}
        return {**extra, "status": status, "after": after}

    def _order(self, order: Order) -> dict[str, Any]:
        if self.peer.dialect == "postgraphile":
            return {"merchant": str(order[0]), "number": str(order[1])}
        return {"id": ids.encode("ServiceOrder", *order)}

    def _review(self, order: Order) -> dict[str, Any]:
        variables = self._order(order)
        if self.peer.dialect == "postgraphile":
            variables["employee"] = str(_reviewer(order[0]).id)
        return variables

    def _heads(self) -> Callable[[int], str]:
        """The headers for a merchant: a token for this server, plain ids for the others."""
        heads: dict[int, str] = {}

        def head(merchant: int) -> str:
            if merchant not in heads:
                reviewer = _reviewer(merchant)
                identity = (
                    f"Authorization: Bearer {token_of(reviewer)}"
                    if self.peer.dialect == "ours"
                    else f"X-Merchant: {merchant}\r\nX-Employee: {reviewer.id}"
                )
                heads[merchant] = (
                    f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{identity}\r\n"
                    "Content-Type: application/json\r\nAccept: application/json\r\n"
                )
            return heads[merchant]

        return head

    def _request(self, head: str, text: str, work: Work, variables: dict[str, Any]) -> bytes:
        payload = {"query": text, "operationName": work.asks, "variables": variables}
        body = json.dumps(payload).encode()
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _reviewer(merchant: int) -> Any:  # Any: an actor; only its id is used
    return Shop(merchant).reviewers[0]
