"""What the clients were told, held against what is in the database."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from database.database import Database
from domain.actions import Action
from domain.actors import ActorKind
from domain.clocks import CONSEQUENCES
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE
from models.application import applications
from models.service_order import events, service_orders
from tests.faults.ledger import Key, Ledger

DECISIVE: Final = sorted({EVENTS[action] for action, rule in LIFECYCLE.items() if rule.decides})
CONSEQUENT: Final = sorted({EVENTS[action] for action in CONSEQUENCES.values()} - {*DECISIVE})


@dataclass(slots=True)
class Verdict:
    """What is wrong, by kind; all are empty if nothing is."""

    by_people: int = 0
    by_the_clock: int = 0
    timers: Counter[EventKind] = field(default_factory=Counter)
    """What else the clock did."""
    lost: list[str] = field(default_factory=list)
    """Acknowledged, and not there as it was acknowledged."""
    doubled: list[str] = field(default_factory=list)
    """There more than once."""
    early: list[str] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    """Told to the loser of a race, and not so."""


async def judge(database: Database, ledger: Ledger, now: datetime) -> Verdict:
    decisions, verdict = await _decisions(database), Verdict()
    taken = [one for found in decisions.values() for one in found]
    verdict.by_the_clock = sum(one.kind is EventKind.AUTO_APPROVED for one in taken)
    verdict.by_people = len(taken) - verdict.by_the_clock
    verdict.doubled += [f"{order}: {found}" for order, found in decisions.items() if len(found) > 1]
    _check_decided(verdict, ledger, decisions)
    _check_heard(verdict, ledger, decisions)
    _check_clock(verdict, ledger, decisions, now)
    _check_timers(verdict, ledger, await _consequences(database), now)
    await _check_rows(verdict, database, decisions)
    await _check_applications(verdict, database, ledger)
    await _check_notes(verdict, database, ledger)
    return verdict


async def undecided(database: Database, orders: Sequence[Key]) -> int:
    """How many of the orders nobody has decided yet."""
    decisions = await _decisions(database)
    return sum(order not in decisions for order in orders)


async def unfired(database: Database, orders: Sequence[Key]) -> int:
    """With how many of the orders, which wait for a customer, the clock has done nothing yet."""
    consequences = await _consequences(database)
    return sum(order not in consequences for order in orders)


Decisions = Mapping[Key, Sequence[sa.Row[Any]]]  # Any: columns of all types


async def _decisions(database: Database) -> Decisions:
    return await _events(database, DECISIVE)


async def _consequences(database: Database) -> Decisions:
    """What the clock did but approve."""
    return await _events(database, CONSEQUENT)


async def _events(database: Database, kinds: Sequence[EventKind]) -> Decisions:
    found: dict[Key, list[Any]] = defaultdict(list)  # Any: rows of these columns
    of = events.c
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(
                of.merchant_id,
                of.service_order_id,
                of.kind,
                of.at,
                of.actor_kind,
                of.actor_id,
                of.actor_name,
            ).where(of.kind.in_(kinds))
        )
        for row in rows:
            found[row.merchant_id, row.service_order_id].append(row)
    return found


def _check_decided(verdict: Verdict, ledger: Ledger, decisions: Decisions) -> None:
    told = Counter(one.order for one in ledger.decided)
    verdict.doubled += [f"{order}: acknowledged {n} times" for order, n in told.items() if n > 1]
    for one in ledger.decided:
        expected = (EVENTS[Action(one.action)], ActorKind.EMPLOYEE, one.by)
        found = [(row.kind, row.actor_kind, row.actor_id) for row in decisions.get(one.order, ())]
        if expected not in found:
            verdict.lost.append(f"{one}: {found}")


def _check_heard(verdict: Verdict, ledger: Ledger, decisions: Decisions) -> None:
    for one in ledger.heard:
        found = [(row.actor_name, row.kind, row.at) for row in decisions.get(one.order, ())]
        if (one.by, EVENTS[Action(one.action)], one.at) not in found:
            verdict.untrue.append(f"{one}: {found}")


def _check_clock(verdict: Verdict, ledger: Ledger, decisions: Decisions, now: datetime) -> None:
    for order, found in decisions.items():
        for row in found:
            if row.kind is EventKind.AUTO_APPROVED:
                # What was submitted meanwhile is due in two days: for the clock it is not there.
                due = ledger.due.get(order)
                if due is None or row.at < due:
                    verdict.early.append(f"{order}: approved at {row.at}, due {due}")
    for order, due in ledger.due.items():
        if due <= now and order not in decisions:
            verdict.overdue.append(f"{order}: due {due}")


def _check_timers(verdict: Verdict, ledger: Ledger, found: Decisions, now: datetime) -> None:
    for order, rows in found.items():
        verdict.timers.update(row.kind for row in rows)
        kind, due = ledger.timers.get(order, (None, None))
        # What people decided meanwhile is due in seven days: for the clock it is not there.
        verdict.early += [
            f"{order}: {row.kind} at {row.at}, due {due}"
            for row in rows
            if due is None or row.at < due or row.kind is not kind
        ]
        if len(rows) > 1:
            verdict.doubled.append(f"{order}: {rows}")
    for order, (kind, due) in ledger.timers.items():
        if due <= now and order not in found:
            verdict.overdue.append(f"{order}: {kind}, due {due}")


async def _check_rows(verdict: Verdict, database: Database, decisions: Decisions) -> None:
    """The order's own row tells of the same decision as its event."""
    of = service_orders.c
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(of.merchant_id, of.id, of.decision, of.decided_by_id, of.decided_at)
        )
        for row in rows:
            said = row.decision and (EVENTS[row.decision], row.decided_by_id, row.decided_at)
            found = [
                (one.kind, one.actor_id, one.at)
                for one in decisions.get((row.merchant_id, row.id), ())
            ]
            if found != ([said] if said else []):
                verdict.lost.append(f"{row}: {found}")


async def _check_applications(verdict: Verdict, database: Database, ledger: Ledger) -> None:
    found: dict[str, set[Key]] = defaultdict(set)
    stored: Counter[str] = Counter()
    async with database.read() as connection:
        refs = await connection.execute(sa.select(applications.c.external_ref))
        stored.update(refs.scalars())
        rows = await connection.execute(
            sa.select(
                applications.c.external_ref, service_orders.c.merchant_id, service_orders.c.id
            ).join_from(
                service_orders,
                applications,
                (applications.c.merchant_id == service_orders.c.merchant_id)
                & (applications.c.id == service_orders.c.application_id),
            )
        )
        for row in rows:
            found[row.external_ref].add((row.merchant_id, row.id))
    verdict.doubled += [f"application {ref}" for ref, count in stored.items() if count > 1]
    for ref, orders in ledger.submitted.items():
        if not stored[ref] or (orders and found[ref] != set(orders)):
            verdict.lost.append(f"application {ref}: {found[ref]}, told {orders}")


async def _check_notes(verdict: Verdict, database: Database, ledger: Ledger) -> None:
    of = events.c
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(of.merchant_id, of.service_order_id, of.internal_note).where(
                of.kind == EVENTS[Action.NOTE]
            )
        )
        found = Counter(((row[0], row[1]), row[2]) for row in rows)
    verdict.doubled += [f"note {note}" for note, count in found.items() if count > 1]
    verdict.lost += [f"note {note}" for note in ledger.noted if not found[note]]
