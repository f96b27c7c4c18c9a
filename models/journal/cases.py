"""Writing the cases of orders, which follow from their events."""

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clocks import Span
from domain.quality.cases import cases_of
from domain.quality.periods import day_of
from models.queries import quality_cases
from models.queries.quality_cases import CaseKey, Values


async def rewrite(
    connection: AsyncConnection, merchant_id: int, orders: Collection[int], time_zone: str
) -> None:
    """Derive the cases of orders, and write those that differ from the stored ones."""
    if not orders:
        return
    windows = await quality_cases.windows(connection)
    due = await derived(connection, merchant_id, orders, windows, time_zone)
    stored = await quality_cases.read_cases(connection, merchant_id, orders)
    await quality_cases.write_cases(
        connection,
        merchant_id,
        delete=[key for key, values in stored.items() if due.get(key) != values],
        insert=[values for key, values in due.items() if stored.get(key) != values],
    )


async def derived(
    connection: AsyncConnection,
    merchant_id: int,
    orders: Collection[int],
    windows: Sequence[Span],
    time_zone: str,
) -> dict[CaseKey, Values]:
    """The rows of the orders' cases as they follow from the events."""
    zone, rows = ZoneInfo(time_zone), dict[CaseKey, Values]()
    histories = await quality_cases.read_events(connection, merchant_id, orders)
    for order_id, history in histories.items():
        for case in cases_of(history.events, windows):
            rows[order_id, case.kind, case.sequence] = {
                "merchant_id": merchant_id,
                "service_order_id": order_id,
                "kind": case.kind,
                "sequence": case.sequence,
                "at": case.at,
                "day": day_of(case.at, zone),
                "employee_id": case.employee_id,
                "marks": int(case.marks),
                "amount": case.amount,
                "reason_code": history.reason_code,
                "category": history.category,
            }
    return rows
