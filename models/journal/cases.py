"""Writing the cases of orders, which follow from their events."""

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from database.prepared import AnyConnection
from domain.clocks import Span
from domain.quality.cases import cases_of
from domain.quality.periods import day_of
from models.queries import quality_cases
from models.queries.quality_cases import CaseKey, OrderKey, Values


async def rewrite(
    connection: AnyConnection, orders: Collection[OrderKey], zones: Mapping[int, str]
) -> None:
    """Derive the cases of orders, and write those that differ from the stored ones.

    ``zones`` are the time zones of their merchants.
    """
    if not orders:
        return
    windows = await quality_cases.windows(connection)
    due = await derived(connection, orders, zones, windows)
    stored = await quality_cases.read_cases(connection, orders)
    await quality_cases.write_cases(
        connection,
        delete=[key for key, values in stored.items() if due.get(key) != values],
        insert=[values for key, values in due.items() if stored.get(key) != values],
    )


async def derived(
    connection: AnyConnection,
    orders: Collection[OrderKey],
    zones: Mapping[int, str],
    windows: Sequence[Span],
) -> dict[CaseKey, Values]:
    """The rows of the orders' cases as they follow from the events."""
    rows: dict[CaseKey, Values] = {}
    histories = await quality_cases.read_events(connection, orders)
    for (merchant_id, order_id), history in histories.items():
        zone = ZoneInfo(zones[merchant_id])
        for case in cases_of(history.events, windows):
            rows[merchant_id, order_id, case.kind, case.sequence] = {
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
