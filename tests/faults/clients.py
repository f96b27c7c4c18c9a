"""Clients who keep a ledger of what they are told, and do not rest until they are told."""

import asyncio
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from schema import ids
from tests.faults.ledger import Decided, Heard, Key, Ledger
from tests.faults.wire import Answer, Cut, Unanswered, ask
from tests.given import ITEM, Person

COME_AGAIN: Final = frozenset({"UNAVAILABLE", "OVERLOADED"})
REFUSALS: Final = "refusals { code ... on AlreadyDecided { by { name } at decision } }"
WINDOW: Final = 4
"""Reviewers choose among so many applications at either end of the queue, and so they meet."""
LONGEST_QUEUE: Final = 40
"""Of applications; then no more are submitted."""
PAUSE_S: Final = (0.02, 0.2)
LULL_S: Final = (0.1, 0.4)
"""Before a client comes again."""
SINGLE: Final[Mapping[str, dict[str, Any]]] = {
    "APPROVE": {"approve": {}},
    "REJECT": {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}},
    "RESEND": {"resend": {"goods": "新耳机", "later": True, "customerNote": "补发"}},
}


@dataclass(slots=True)
class Queue:
    """The orders of one merchant that nobody is known to have decided, by application."""

    waiting: list[list[Key]] = field(default_factory=list)

    def settle(self, orders: Sequence[Key]) -> None:
        gone = set(orders)
        left = ([one for one in orders if one not in gone] for orders in self.waiting)
        self.waiting = [orders for orders in left if orders]


@dataclass(slots=True)
class Clients:
    """All clients of all merchants, against servers of which any may be gone at any moment."""

    ports: Sequence[int]
    ledger: Ledger
    chance: random.Random
    cuts: float
    """How many of the requests the client's own connection does not survive."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def review(self, reviewer: Person, queue: Queue) -> None:
        """Decide until told to stop: single orders, and batches."""
        while not self.stop.is_set():
            await self._pause()
            if not queue.waiting:
                continue
            newest = self.chance.random() < 0.6
            ends = queue.waiting[-WINDOW:] if newest else queue.waiting[:WINDOW]
            application = self.chance.choice(ends)
            if self.chance.random() < 0.1:
                await self._note(reviewer, application[0])
            elif self.chance.random() < 0.6:
                await self._decide(reviewer, queue, self.chance.choice(application))
            else:
                await self._decide_many(reviewer, queue, application)

    async def submit(self, storefront: Person, queue: Queue) -> None:
        """Submit applications until told to stop."""
        while not self.stop.is_set():
            await self._pause()
            if len(queue.waiting) > LONGEST_QUEUE:
                continue
            ref = uuid.uuid4().hex
            said = {
                "externalRef": ref,
                "orderNumber": f"P-{ref[:8]}",
                "customerRef": "customer-1",
                "customerName": "李小花",
                "customerPhone": "13812345678",
                "items": [ITEM] * self.chance.randint(1, 4),
            }
            shape = "application { serviceOrders { id } }"
            payload = await self._persist(storefront, "submitApplication", shape, said)
            if payload["refusals"]:
                self.ledger.bug(f"an application was refused: {payload}")
            # The object is missing where the database went after the application was stored.
            orders = (payload["application"] or {}).get("serviceOrders", [])
            self.ledger.submitted[ref] = [_key(order["id"]) for order in orders]
            queue.waiting.append(self.ledger.submitted[ref])
            queue.settle([])

    async def _note(self, reviewer: Person, order: Key) -> None:
        text = uuid.uuid4().hex
        payload = await self._persist(reviewer, "addNote", "", {"id": _id(order), "text": text})
        if payload["refusals"]:
            self.ledger.bug(f"a note was refused: {payload}")
        else:
            self.ledger.noted.append((order, text))

    async def _decide(self, reviewer: Person, queue: Queue, order: Key) -> None:
        action = self.chance.choice(sorted(SINGLE))
        said = {"id": _id(order), "decision": SINGLE[action]}
        payload = await self._persist(
            reviewer, "reviewServiceOrder", "serviceOrder { status version }", said
        )
        self._enter(reviewer, order, action, payload["refusals"])
        queue.settle([order])

    async def _decide_many(self, reviewer: Person, queue: Queue, orders: Sequence[Key]) -> None:
        action = self.chance.choice(["APPROVE", "REJECT"])
        said = {"ids": [_id(order) for order in orders], "decision": SINGLE[action]}
        shape = f"results {{ done {REFUSALS} }}"
        payload = await self._persist(reviewer, "reviewServiceOrders", shape, said)
        if payload["refusals"]:
            self.ledger.bug(f"a batch was refused: {payload}")
        for order, result in zip(orders, payload["results"], strict=True):
            self._enter(reviewer, order, action, result["refusals"])
        queue.settle(orders)

    def _enter(
        self, reviewer: Person, order: Key, action: str, refusals: Sequence[dict[str, Any]]
    ) -> None:
        if not refusals:
            self.ledger.decided.append(Decided(order, reviewer.id, action))
            return
        for one in refusals:
            if one["code"] != "ALREADY_DECIDED" or one["by"]["name"] == reviewer.login:
                # Whoever comes again under the same key is told that it is done, not by whom.
                self.ledger.bug(f"{reviewer.login} was refused: {one}")
                continue
            at = datetime.fromisoformat(one["at"])
            self.ledger.heard.append(Heard(order, one["by"]["name"], one["decision"], at))

    async def _persist(
        self, who: Person, mutation: str, shape: str, said: Mapping[str, object]
    ) -> Any:
        """Ask under one key, of one server after the other, until there is an answer."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        query = (
            f"mutation($input: {kind}!) {{ {mutation}(input: $input) "
            f"{{ replayed {shape} {REFUSALS} }} }}"
        )
        body = {
            "query": query,
            "variables": {"input": {**said, "idempotencyKey": uuid.uuid4().hex}},
        }
        while True:
            try:
                answer = await ask(
                    self.chance.choice(self.ports),
                    body,
                    who.token,
                    cut=self._cut(),
                    after_s=self.chance.random() / 20,
                )
            except Unanswered:
                self.ledger.unanswered += 1
            else:
                payload = self._payload(answer, mutation)
                if payload is not None:
                    self.ledger.replayed += payload["replayed"]
                    return payload
            await asyncio.sleep(self.chance.uniform(*LULL_S))

    def _payload(self, answer: Answer, mutation: str) -> Any:
        """None if the client has to come again."""
        foreign = set(answer.codes) - COME_AGAIN
        payload = (answer.body.get("data") or {}).get(mutation)
        if foreign or answer.status not in {200, 503} or (not answer.codes and payload is None):
            self.ledger.bug(f"{mutation}: {answer.status} {answer.body}")
        if payload is None or _in_progress(payload):
            self.ledger.put_off += 1
            return None
        return payload

    def _cut(self) -> Cut | None:
        return self.chance.choice(list(Cut)) if self.chance.random() < self.cuts else None

    async def _pause(self) -> None:
        await asyncio.sleep(self.chance.uniform(*PAUSE_S))


def _in_progress(payload: Mapping[str, Any]) -> bool:
    said = [payload, *payload.get("results", ())]
    return any(one["code"] == "IN_PROGRESS" for part in said for one in part["refusals"])


def _key(id_: str) -> Key:
    return ids.key_of("ServiceOrder", id_)


def _id(order: Key) -> str:
    return ids.encode("ServiceOrder", *order)
