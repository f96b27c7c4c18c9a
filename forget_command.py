"""The command `aftersales forget`: erases a customer, and prints what it erased."""

from collections import Counter
from collections.abc import Sequence

import typer

from domain.refusals.refusal import BadInput, Refused
from jobs.forget import Forgotten, forget
from models.clock import SandboxClock
from models.queries import merchants
from parts import Parts
from schema import ids
from startup import err, load_settings, open_parts, out, require_current, run

SHOWN = 20
"""The most numbers of orders that a line names."""


def forget_customer(customer: str, merchant: str | None, *, dry_run: bool) -> None:
    """Erase the customer at a merchant, or at all merchants; with ``dry_run`` only tell of it."""
    merchant_id = None if merchant is None else _merchant_id(merchant)
    parts = open_parts(load_settings())
    run(parts, _forget(parts, customer, merchant_id, dry_run=dry_run))


def _merchant_id(text: str) -> int:
    """The number of a merchant, from the number itself or the API's id."""
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        return ids.merchant_of(text)
    except (BadInput, Refused):
        err.print(f"{text} is neither a merchant's number nor its id.", markup=False)
        raise typer.Exit(2) from None


async def _forget(parts: Parts, customer: str, merchant_id: int | None, *, dry_run: bool) -> None:
    await require_current(parts.database)
    await parts.clock.measure(parts.database)
    if isinstance(parts.clock, SandboxClock):
        await parts.clock.follow(parts.database)
    if merchant_id is not None:
        async with parts.database.read() as connection:
            if await merchants.enrolment(connection, merchant_id) is None:
                err.print(f"There is no merchant {merchant_id}.")
                raise typer.Exit(2)
    results = await forget(
        parts.database,
        customer,
        merchant_id=merchant_id,
        now=parts.clock.now(),
        is_trial=dry_run,
    )
    for line in report(results, dry_run=dry_run):
        out.print(line, markup=False, soft_wrap=True)


def report(results: Sequence[Forgotten], *, dry_run: bool) -> list[str]:
    """The lines that say what came of it. They name orders, and nothing of the customer."""
    if not results:
        return ["Nothing of this customer is stored."]
    done = "would be erased" if dry_run else "erased"
    lines = []
    for result in results:
        erasure, prefix = result.erasure, f"merchant {result.merchant_id}:"
        if erasure.erased:
            lines.append(f"{prefix} orders {done}: {_numbers(erasure.erased)}")
        for standing in sorted(Counter(erasure.passed.values())):
            passed = [id_ for id_, stands in erasure.passed.items() if stands is standing]
            lines.append(f"{prefix} passed over, {_WHY[standing]}: {_numbers(passed)}")
        pictures = len(erasure.pictures.union(result.uploads))
        if pictures:
            when = "would be deleted" if dry_run else "are deleted within a quarter of an hour"
            lines.append(f"{prefix} pictures that no other order uses {when}: up to {pictures}")
    return lines


_WHY = {
    "UNFINISHED": "not finished",
    "ESCALATED": "waiting for a ruling of the platform",
    "ERASABLE": "another order of the application is not finished",
    "ERASED": "erased before",
}


def _numbers(numbers: Sequence[int]) -> str:
    more = len(numbers) - SHOWN
    shown = ", ".join(map(str, numbers[:SHOWN]))
    return f"{shown} and {more} more" if more > 0 else shown
