"""Changing one order: a conditional update of its row, and the event that records the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from database.compiled import Row
from database.distribution import is_distributed
from database.prepared import AnyConnection, BatchablePrepared, Pair
from domain.actions import Action
from domain.actors import Actor
from domain.clocks import Span
from domain.events import EventKind
from domain.lifecycle import LIFECYCLE
from models.journal.change import Change
from models.journal.statements import PauseCheck, update_and_event, update_then_event
from models.journal.step_values import event_values, step_values, version_columns
from models.journal.waybill import new_waybill
from models.queries import calendar
from models.queries.service_orders import Order
from models.wake import needs_wake, wake


@dataclass(frozen=True, slots=True)
class UpdatedRow:
    """An order's row after an update: the driver's values of all columns, in their order."""

    dialect: sa.Dialect
    row: Row


async def record_step(
    session: AnyConnection,
    order: Order,
    action: Action,
    actor: Actor,
    change: Change,
    *,
    now: datetime,
    pauses: Sequence[Span],
) -> UpdatedRow | None:
    """Write a step. Returns None, and writes nothing, if the order changed since it was read.

    A step that sets a clock also writes nothing if the pause windows changed since ``pauses``
    were read. The rules are not asked here: ``decide`` allows a step.
    """
    row, event = step_values(order, action, actor, change, now, pauses)
    if LIFECYCLE[action].target is None:  # no clock is set
        return await _write(session, order, row, event, now=now, wakes=False)
    wakes = needs_wake(row["clock_due_at"], row["updated_at"])
    return await _write(session, order, row, event, now=now, wakes=wakes, pauses=pauses)


async def append_event(
    session: AnyConnection,
    order: Order,
    kind: EventKind,
    actor: Actor,
    change: Change,
    *,
    now: datetime,
    wakes: bool,
) -> UpdatedRow | None:
    """Write an event that is no step. Returns None, and writes nothing, if the order changed.

    ``wakes`` wakes the clocks: for a deadline that is set and ``needs_wake``. The event is never
    dated before the order's last one.
    """
    at = order.instant(now)
    row = {**change.values, **version_columns(order, kind, at)}
    event = event_values(order, kind, actor, change, at)
    return await _write(session, order, row, event, now=now, wakes=wakes)


async def _write(
    session: AnyConnection,
    order: Order,
    row: Mapping[str, Any],
    event: Mapping[str, Any],
    *,
    now: datetime,
    wakes: bool,
    pauses: Sequence[Span] | None = None,
) -> UpdatedRow | None:
    columns = tuple(row)
    parameters: dict[str, Any] = {
        "key_merchant_id": order.facts.merchant_id,
        "key_id": order.id,
        "key_version": order.facts.version,
        **{f"set_{name}": value for name, value in row.items()},
        **{f"event_{name}": value for name, value in event.items()},
    }
    waybill = new_waybill(row)
    if waybill is not None:
        parameters["waybill"] = waybill
    statement: BatchablePrepared | Pair
    is_postgresql = session.dialect.name == "postgresql"
    is_apart = is_distributed(session.dialect)
    # On SQLite a transaction locks the whole file: until it ends no window changes, no clock looks.
    check = PauseCheck.NONE
    if is_postgresql and pauses is not None:
        check = PauseCheck.UNCHANGED if pauses else PauseCheck.EMPTY
    write = update_and_event if is_postgresql and not is_apart else update_then_event
    statement = write(columns, pauses=check, adds_waybill=waybill is not None)
    if is_postgresql:
        windows = calendar.fingerprint(pauses) if pauses else None
        parameters |= {"wakes": wakes, "now": now, "windows": windows}
    rows = await statement.raw(session, **parameters)
    if rows and wakes and is_apart:
        await wake(session)
    return UpdatedRow(session.dialect, rows[0]) if rows else None
