"""Submitting many applications by one request: each in its own transaction, under its own key."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.refusals.intake import InvalidInput
from domain.refusals.refusal import BadInput, Refusal, Refused
from resolvers.applications.submit import ApplicationKey, Submission, submit
from resolvers.context import Context
from resolvers.idempotency import open_claim

MAX_APPLICATIONS: Final = 100

CONCURRENCY: Final = 4
"""Transactions of one request at a time. A process has 8 connections for all its writers."""

PATH: Final = "applications"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An application of the request, with its idempotency key and the hash of its input."""

    key: str
    request_hash: str
    merchant_id: int | None
    submission: Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The accepted application and whether it was submitted before, or why it was refused."""

    key: ApplicationKey | None = None
    replayed: bool = False
    refusals: Sequence[Refusal] = ()


Indexed = tuple[int, Entry]


async def submit_many(context: Context, entries: Sequence[Entry | Result]) -> list[Result]:
    """Submit the entries. What stands in the place of an entry is its result already.

    An outage ends the request: what was submitted until then answers again by its key.
    """
    results = [Result() if isinstance(entry, Entry) else entry for entry in entries]

    async def submit_purchase(purchase: Sequence[Indexed]) -> None:
        for index, entry in purchase:
            async with places:
                results[index] = await _submit_one(context, index, entry)

    places = asyncio.Semaphore(CONCURRENCY)
    try:
        async with asyncio.TaskGroup() as tasks:
            for purchase in _by_purchase(entries):
                tasks.create_task(submit_purchase(purchase))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None  # the first one cancelled the others, or is the same
    return results


def refused(index: int, refusals: Sequence[Refusal]) -> Result:
    """The result of an application that was refused; the paths lead into the request."""
    path = (PATH, str(index))
    return Result(refusals=[replace(refusal, path=(*path, *refusal.path)) for refusal in refusals])


def invalid(index: int, bad: BadInput) -> Result:
    """The result of an application whose input is bad by itself."""
    return Result(refusals=[InvalidInput.of(bad, PATH, str(index))])


def _by_purchase(entries: Sequence[Entry | Result]) -> list[list[Indexed]]:
    """The entries by purchase. Those of one purchase compete for its units, in the order given."""
    purchases: dict[tuple[int | None, str], list[Indexed]] = {}
    for index, entry in enumerate(entries):
        if isinstance(entry, Entry):
            purchase = (entry.merchant_id, entry.submission.order_number)
            purchases.setdefault(purchase, []).append((index, entry))
    return list(purchases.values())


async def _submit_one(context: Context, index: int, entry: Entry) -> Result:
    own = replace(context, mutation=None)  # a claim is its mutation's, and each entry has its own
    try:
        with open_claim(own, entry.key, entry.request_hash) as claim:
            key, is_repeated = await submit(own, entry.submission, entry.merchant_id)
            return Result(key=key, replayed=is_repeated or claim.replayed)
    except Refused as error:
        return refused(index, error.refusals)
    except BadInput as error:
        return invalid(index, error)
