"""The doctor finds nothing where nothing is wrong, and what is wrong by its name."""

import os
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from doctor.faults import FAULTS, Fault
from doctor.orders import _COMPARED
from doctor.references import LOOSE
from models.application import Application
from models.evidence import Evidence
from models.quality import QualityCase
from models.service_order import service_orders
from models.tables import METADATA, table_of
from tests.doctor.conftest import Desk

pytestmark = pytest.mark.anyio

F = Fault


async def damage(connection: AsyncConnection, *statements: str) -> None:
    """Change rows behind the server's back. What foreign keys say is not heard.

    ``{json}`` is where PostgreSQL has to be told that a text is JSON.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    await connection.exec_driver_sql(
        "PRAGMA defer_foreign_keys = ON"
        if is_sqlite
        else "SET LOCAL session_replication_role = replica"
    )
    for statement in statements:
        said = statement.replace("{json}", "" if is_sqlite else "::json")
        changed = await connection.exec_driver_sql(said)
        assert changed.rowcount or statement.startswith("DROP"), statement


def one(where: str) -> str:
    return f"(SELECT min(id) FROM service_order WHERE {where})"


def with_event(kind: str, where: str = "true") -> str:
    """An order that has such an event, called e; the order is o."""
    return (
        "(SELECT min(o.id) FROM service_order o JOIN service_order_event e ON"
        f" e.service_order_id = o.id AND e.merchant_id = o.merchant_id"
        f" WHERE e.kind = '{kind}' AND {where})"
    )


def ended_by(kind: str) -> str:
    """An order that ended with such an event, of a merchant whose cases are not compared."""
    others = "o.merchant_id > (SELECT min(merchant_id) FROM quality_head)"
    return with_event(kind, f"e.sequence = o.version AND {others}")


def row(columns: str, where: str) -> str:
    return f"UPDATE service_order SET {columns} WHERE id = {one(where)}"


def event(columns: str, order: str, which: str) -> str:
    return f"UPDATE service_order_event SET {columns} WHERE service_order_id = {order} AND {which}"


def copied(model: Any, **changed: str) -> str:
    """A row inserted that is like another but for what is given."""
    table = table_of(model)
    names = [column.name for column in table.columns]
    values = ", ".join(changed.get(name, name) for name in names)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM {table.name} LIMIT 1"
    )


SHOWN = """replace(CAST({column} AS TEXT), '"sha256":"', '"sha256":"0'){{json}}"""
ON_ITS_WAY = "status = 'AWAITING_RECEIPT' AND inbound IS NOT NULL"
CLOSED = "status = 'COMPLETED' AND review_address IS NOT NULL"
NEVER_REFUNDED = (
    f"{CLOSED} AND NOT EXISTS (SELECT 1 FROM refund r"
    " WHERE r.merchant_id = service_order.merchant_id AND r.service_order_id = service_order.id)"
)
"""Without its events such an order lacks no refund."""
BEFORE = (
    "(SELECT b.at FROM service_order_event b WHERE b.merchant_id = service_order_event.merchant_id"
    " AND b.service_order_id = service_order_event.service_order_id"
    " AND b.sequence = service_order_event.sequence - 1)"
)
LAST = (
    "(SELECT max(at) FROM service_order_event e"
    " WHERE e.merchant_id = service_order.merchant_id AND e.service_order_id = service_order.id)"
)
COUNTED = (
    "(SELECT min(service_order_id) FROM quality_case WHERE kind = 'END'"
    " AND merchant_id = (SELECT min(merchant_id) FROM quality_head))"
)
"""An order of the merchant whose cases are compared."""
ENDINGS = ("FEEDBACK_EXPIRED", "SHIPMENT_EXPIRED", "AUTO_CONFIRMED")
"""The automatic steps that end an order."""
PAID = (
    "(SELECT min(r.id) FROM refund r JOIN service_order o ON o.id = r.service_order_id"
    " WHERE r.status = 'SUCCEEDED' AND o.status = 'COMPLETED')"
)
"""A refund that was paid before its order ended."""
NOTED = with_event("NOTED", "e.sequence < o.version AND e.sequence > 1")
JUST_NOTED = with_event("NOTED", "e.sequence = o.version AND o.version > 1")
ITS_VERSION = "(SELECT version FROM service_order WHERE id = service_order_id)"
APPROVED = one("status = 'AWAITING_SHIPMENT' AND version = 2 AND decision = 'APPROVE'")

DAMAGES: dict[str, tuple[list[str], set[Fault]]] = {
    "a case that is missing": (
        [f"DELETE FROM quality_case WHERE service_order_id = {COUNTED} AND kind = 'END'"],
        {F.QUALITY_DIFFERS},
    ),
    "a case that follows from no event": (
        [copied(QualityCase, sequence="1000")],
        {F.QUALITY_DIFFERS},
    ),
    "a case that took longer": (
        [f"UPDATE quality_case SET amount = amount + 1 WHERE service_order_id = {COUNTED}"],
        {F.QUALITY_DIFFERS},
    ),
    "a copy of return address rules that there are none of": (
        [
            (
                "UPDATE merchant SET address_rules ="
                """ '{"version":1,"rules":[["CATEGORY","手机","1"]],"addresses":{}}'{json}"""
            )
        ],
        {F.COPY_DIFFERS},
    ),
    "an event is missing": (
        [
            (
                f"DELETE FROM service_order_event WHERE service_order_id = {NOTED}"
                " AND kind = 'NOTED' AND sequence > 1"
            )
        ],
        {F.FEED_DIFFERS, F.EVENTS_INCOMPLETE},
    ),
    "all events are missing": (
        [f"DELETE FROM service_order_event WHERE service_order_id = {one(NEVER_REFUNDED)}"],
        {F.FEED_DIFFERS, F.EVENTS_INCOMPLETE},
    ),
    "the first event is another": (
        [event("kind = 'NOTED'", one(CLOSED), "sequence = 1")],
        {F.EVENTS_INCOMPLETE, F.CUSTOMER_SEQUENCE_BROKEN},
    ),
    "an event before the one that it follows": (
        [
            event(
                "at = '2020-01-01 00:00:00.000000'",
                NOTED,
                f"kind = 'NOTED' AND sequence > 1 AND sequence < {ITS_VERSION}",
            )
        ],
        {F.EVENTS_DESCEND},
    ),
    "an event in the future": (
        [
            event("at = '2030-01-01 00:00:00.000000'", JUST_NOTED, f"sequence = {ITS_VERSION}"),
            f"UPDATE service_order SET updated_at = {LAST} WHERE id = {JUST_NOTED}",
        ],
        {F.EVENT_IN_FUTURE},
    ),
    "a pause of an order that ends before it begins": (
        [
            row(
                'review_pauses = \'[{"from": "2026-11-02T00:00:00+00:00",'
                ' "to": "2026-11-01T00:00:00+00:00"}]\'{json}',
                CLOSED,
            )
        ],
        {F.PAUSE_REVERSED, F.CLOCK_DIFFERS},
    ),
    "a pause of the platform that ends before it begins": (
        [
            (
                "INSERT INTO pause_window (id, name, start_at, end_at, declared_by, declared_at)"
                " VALUES (1, 'x', '2020-02-01 00:00:00.000000', '2020-01-01 00:00:00.000000', 'x',"
                " '2020-01-01 00:00:00.000000')"
            )
        ],
        {F.PAUSE_REVERSED},
    ),
    "a review that is due before its time": (
        [
            row(
                "review_due_at = review_started_at, clock_due_at = review_started_at",
                "status = 'PENDING_REVIEW'",
            )
        ],
        {F.CLOCK_DIFFERS, F.COUNTERS_DIFFER},
    ),
    "an event begins elsewhere": (
        [event("from_status = 'COMPLETED'", one(CLOSED), "sequence = 2")],
        {F.STATUSES_BROKEN},
    ),
    "an event ends elsewhere": (
        [event("to_status = 'REJECTED'", one(CLOSED), "sequence = 2")],
        {F.STATUSES_BROKEN},
    ),
    "a customer's step by somebody else": (
        [event("actor_kind = 'EMPLOYEE'", with_event("CONFIRMED"), "kind = 'CONFIRMED'")],
        {F.STEP_NOT_ALLOWED},
    ),
    "a step by the platform": (
        [event("actor_kind = 'PLATFORM'", with_event("SHIPPED"), "kind = 'SHIPPED'")],
        {F.STEP_NOT_ALLOWED},
    ),
    "an approval without an address": (
        [
            event("details = NULL", APPROVED, "kind = 'APPROVED'"),
            (
                "UPDATE service_order SET review_address = NULL, review_address_rule = NULL"
                f" WHERE id = {APPROVED}"
            ),
        ],
        {F.STEP_NOT_ALLOWED},
    ),
    "two decisions": (
        [
            (
                "INSERT INTO service_order_event (merchant_id, service_order_id, sequence,"
                " customer_sequence, kind, at, actor_kind, actor_id, actor_name, from_status,"
                " to_status, customer_note, details)"
                " SELECT merchant_id, service_order_id, 3, 3, kind, at, actor_kind,"
                " actor_id, actor_name, to_status, to_status, customer_note, details"
                " FROM service_order_event"
                f" WHERE service_order_id = {APPROVED} AND sequence = 2"
            ),
            f"UPDATE service_order SET version = 3, customer_version = 3 WHERE id = {APPROVED}",
        ],
        {F.FEED_DIFFERS, F.DECIDED_TWICE},
    ),
    "approved before its time": (
        [
            event(
                f"at = {BEFORE}",
                with_event("AUTO_APPROVED", "o.status = 'COMPLETED'"),
                "kind = 'AUTO_APPROVED'",
            ),
        ],
        {F.ACTED_EARLY, F.EXPLANATION_WRONG, F.ROW_DIFFERS},
    ),
    "another explanation": (
        [
            event(
                """details = replace(CAST(details AS TEXT), '"dueAt"', '"due"'){json}""",
                with_event("AUTO_APPROVED"),
                "kind = 'AUTO_APPROVED'",
            )
        ],
        {F.EXPLANATION_WRONG},
    ),
    **{
        f"{kind} before its time": (
            [
                event(f"at = {BEFORE}", ended_by(kind), f"kind = '{kind}'"),
                (
                    f"UPDATE service_order SET updated_at = {LAST}, customer_updated_at = {LAST},"
                    f" finished_at = {LAST} WHERE id = {ended_by(kind)}"
                ),
            ],
            {F.ACTED_EARLY, F.EXPLANATION_WRONG},
        )
        for kind in ENDINGS
    },
    **{
        f"another explanation of {kind}": (
            [
                event(
                    """details = replace(CAST(details AS TEXT), '"dueAt"', '"due"'){json}""",
                    ended_by(kind),
                    f"kind = '{kind}'",
                )
            ],
            {F.EXPLANATION_WRONG},
        )
        for kind in ENDINGS
    },
    "a customer's number left out": (
        [event("customer_sequence = customer_sequence + 1", one(CLOSED), "sequence = 2")],
        {F.CUSTOMER_SEQUENCE_BROKEN},
    ),
    "a note that the customer can see": (
        [event("customer_sequence = 1", NOTED, "kind = 'NOTED' AND sequence > 1")],
        {F.CUSTOMER_SEQUENCE_BROKEN},
    ),
    "a refund pending that nobody submitted": (
        [row("pending_refunds = 1", CLOSED)],
        {F.REFUNDS_DIFFER, F.ROW_DIFFERS},
    ),
    "a refund that was paid and is not": (
        [f"UPDATE refund SET status = 'FAILED' WHERE id = {PAID}"],
        {F.REFUNDS_DIFFER},
    ),
    "a refund that was forgotten": (
        [f"DELETE FROM refund WHERE id = {PAID}"],
        {F.REFUNDS_DIFFER},
    ),
    "a refund that nobody reported": (
        [
            event(
                "kind = 'REPLIED', actor_kind = 'CUSTOMER'",
                f"(SELECT service_order_id FROM refund WHERE id = {PAID})",
                "kind = 'REFUND_SETTLED'",
            )
        ],
        {F.REFUNDS_DIFFER, F.ROW_DIFFERS, F.STEP_NOT_ALLOWED},
    ),
    "a refund of more than was paid": (
        [f"UPDATE refund SET amount = amount * 1000 WHERE id = {PAID}"],
        {F.REFUNDED_TOO_MUCH},
    ),
    "a refund of more freight than was paid": (
        [f"UPDATE refund SET freight = 100000000 WHERE id = {PAID}"],
        {F.REFUNDED_TOO_MUCH},
    ),
    "a refund of another item": (
        [f"UPDATE refund SET sku = 'x' WHERE id = {PAID}"],
        {F.COPY_DIFFERS},
    ),
    "a pause that was withdrawn before it was declared": (
        [
            (
                "UPDATE pause_window SET withdrawn_by = 'x',"
                " withdrawn_at = '2020-01-01 00:00:00.000000' WHERE name = '中秋'"
            )
        ],
        {F.PAUSE_REVERSED, F.QUALITY_DIFFERS},
    ),
    "a clock moved by no pause": (
        [
            event(
                """details = replace(CAST(details AS TEXT), '国庆', '元旦'){json}""",
                with_event(
                    "CLOCK_MOVED", "o.status = 'AWAITING_SHIPMENT' AND decision = 'APPROVE'"
                ),
                "kind = 'CLOCK_MOVED'",
            )
        ],
        {F.CLOCK_DIFFERS},
    ),
    "a deadline that is another": (
        [row("clock_due_at = clock_started_at", "status = 'AWAITING_SHIPMENT'")],
        {F.CLOCK_DIFFERS},
    ),
    "a review clock that has less left": (
        [row("review_left_ms = review_left_ms - 1", "status = 'AWAITING_FEEDBACK'")],
        {F.CLOCK_DIFFERS},
    ),
    "a review that is due otherwise": (
        [row("review_due_at = review_started_at", CLOSED)],
        {F.CLOCK_DIFFERS},
    ),
    "the phone that searches compare is another": (
        [
            (
                "UPDATE application SET phone_key = '1' WHERE id ="
                f" (SELECT application_id FROM service_order WHERE id = {one(CLOSED)})"
            )
        ],
        {F.SEARCH_DIFFERS},
    ),
    "a waybill that no search finds": (
        [f"DELETE FROM service_order_waybill WHERE service_order_id = {one(ON_ITS_WAY)}"],
        {F.SEARCH_DIFFERS},
    ),
    "a target before the order": (
        [
            event(
                """details = '{"targetAt": "2020-01-01T00:00:00+00:00"}'{json}""",
                one(CLOSED),
                "sequence = 1",
            )
        ],
        {F.TARGET_WRONG},
    ),
    "a target that no event set": (
        [row("target_at = '2020-01-01 00:00:00.000000'", "status = 'PENDING_REVIEW'")],
        {F.ROW_DIFFERS, F.COUNTERS_DIFFER},
    ),
    "another customer": ([row("customer_ref = 'x'", CLOSED)], {F.COPY_DIFFERS}),
    "another purchase": ([row("order_number = 'x'", CLOSED)], {F.COPY_DIFFERS}),
    "an application without an order": (
        [copied(Application, id="1", external_ref="'x'")],
        {F.APPLICATION_EMPTY},
    ),
    "an order in another queue": (
        [row("status = 'AWAITING_PROCESSING'", "status = 'AWAITING_RECEIPT'")],
        {F.ROW_DIFFERS, F.COUNTERS_DIFFER},
    ),
    "attempts from two on": (
        [
            (
                "UPDATE enrolment_attempt SET number = number + 1"
                " WHERE merchant_id = (SELECT id FROM merchant WHERE enrolment = 'PENDING_REVIEW')"
            )
        ],
        {F.NUMBERS_BROKEN},
    ),
    "suspensions from two on": (["UPDATE suspension SET number = 2"], {F.NUMBERS_BROKEN}),
    "a merchant that goes on while suspended": (
        ["UPDATE merchant SET enrolment = 'ENABLED' WHERE enrolment = 'SUSPENDED'"],
        {F.ENROLMENT_DIFFERS},
    ),
    "a merchant admitted without being so": (
        ["UPDATE merchant SET enrolment = 'ENABLED' WHERE enrolment = 'REJECTED'"],
        {F.ENROLMENT_DIFFERS},
    ),
    "no default address": (
        [
            (
                "UPDATE return_address SET is_default = false"
                " WHERE merchant_id = (SELECT min(id) FROM merchant)"
            )
        ],
        {F.DEFAULT_ADDRESS},
    ),
    "two default addresses": (
        ["DROP INDEX uq_return_address_default", "UPDATE return_address SET is_default = true"],
        {F.DEFAULT_ADDRESS},
    ),
    "an employee with another name": (
        ["UPDATE account SET name = 'x' WHERE login = 'food-reviewer'"],
        {F.STAFF_DIFFERS},
    ),
    "an employee who can still sign in": (
        ["UPDATE employee SET disabled_at = created_at WHERE login = 'food-reviewer'"],
        {F.STAFF_DIFFERS},
    ),
    "an account with another kind": (
        ["UPDATE account SET kind = 'MAIN_ACCOUNT' WHERE login = 'food-reviewer'"],
        {F.STAFF_DIFFERS},
    ),
    "no main account": (
        [
            "UPDATE employee SET is_main = false WHERE login = 'food-owner'",
            "UPDATE account SET kind = 'EMPLOYEE' WHERE login = 'food-owner'",
        ],
        {F.STAFF_DIFFERS},
    ),
    "an account without an employee": (
        [
            (
                "DELETE FROM employee_role WHERE employee_id ="
                " (SELECT id FROM employee WHERE login = 'food-readonly')"
            ),
            "DELETE FROM employee WHERE login = 'food-readonly'",
        ],
        {F.STAFF_DIFFERS},
    ),
    "pauses that overlap": (
        [
            (
                "INSERT INTO pause_window (id, name, start_at, end_at, declared_by, declared_at)"
                " SELECT 1, 'x', start_at, end_at, 'x', end_at FROM pause_window"
                " WHERE name = '中秋'"
            )
        ],
        {F.PAUSES_OVERLAP, F.QUALITY_DIFFERS},
    ),
    "a customer's picture nobody uploaded": (
        [f"UPDATE service_order SET pictures = {SHOWN.format(column='pictures')}"],
        {F.PICTURE_UNKNOWN},
    ),
    "a reviewer's picture nobody uploaded": (
        [f"UPDATE service_order SET review_pictures = {SHOWN.format(column='review_pictures')}"],
        {F.PICTURE_UNKNOWN},
    ),
    "an answer's picture nobody uploaded": (
        [
            (
                f"UPDATE service_order_event SET details = {SHOWN.format(column='details')}"
                " WHERE kind = 'RESPONDED'"
            )
        ],
        {F.PICTURE_UNKNOWN},
    ),
    "pictures that were forgotten": (
        ["DELETE FROM evidence_upload", "DELETE FROM evidence"],
        {F.PICTURE_UNKNOWN},
    ),
    "a picture without a file": (
        [copied(Evidence, sha256=f"'{'e' * 64}'")],
        {F.PICTURE_LOST},
    ),
    "a picture of another size": (
        ["UPDATE evidence SET bytes = bytes + 1"],
        {F.PICTURE_DIFFERS},
    ),
    "an employee whom the history does not know": (
        [
            (
                "UPDATE employee SET extra_permissions = '[\"EXPORT\"]'{json}"
                " WHERE id IN (SELECT employee_id FROM staff_event)"
            )
        ],
        {F.STAFF_HISTORY_DIFFERS},
    ),
    "a gap in the history of staff": (
        ["UPDATE staff_event SET sequence = sequence + 7"],
        {F.STAFF_HISTORY_DIFFERS},
    ),
    "a session that was used before it began": (
        [("UPDATE sign_in SET last_used_at = expires_at WHERE id = (SELECT max(id) FROM sign_in)")],
        {F.ACCOUNT_WRONG},
    ),
    "an identity of another merchant's account": (
        ["UPDATE identity SET owner_id = 0"],
        {F.ACCOUNT_WRONG},
    ),
    "a provider of no merchant": (
        ["UPDATE identity_provider SET owner_id = 5"],
        {F.ACCOUNT_WRONG},
    ),
    "a code that expired before it was issued": (
        ["UPDATE password_reset SET expires_at = created_at"],
        {F.ACCOUNT_WRONG},
    ),
    "places of events that do not exist": (
        ["UPDATE event_feed SET sequence = sequence + 100 WHERE sequence > 1"],
        {F.FEED_DIFFERS},
    ),
    "an event without a place": (
        [
            (
                "DELETE FROM event_feed WHERE sequence = 2 AND service_order_id ="
                " (SELECT max(id) FROM service_order WHERE version > 2)"
            )
        ],
        {F.FEED_DIFFERS},
    ),
    "a feed that ends before its head": (
        ["UPDATE feed_head SET position = position + 1"],
        {F.FEED_DIFFERS},
    ),
    "an event with two places": (
        [
            (
                "INSERT INTO event_outbox (merchant_id, service_order_id, sequence, at)"
                " SELECT merchant_id, service_order_id, sequence, placed_at FROM event_feed LIMIT 1"
            )
        ],
        {F.FEED_DIFFERS},
    ),
    "pauses of a clock that are none": (
        [row("review_pauses = '[{{}}]'{{json}}".format(), CLOSED)],
        {F.UNREADABLE},
    ),
    "an order that counts as erased": (
        [row("personal_data_erased_at = updated_at", CLOSED)],
        {F.ROW_DIFFERS, F.PERSONAL_DATA_LEFT},
    ),
    "details that are none": (
        [event("details = '[]'{json}", with_event("AUTO_APPROVED"), "kind = 'AUTO_APPROVED'")],
        {F.ROW_DIFFERS, F.STEP_NOT_ALLOWED, F.EXPLANATION_WRONG},
    ),
}


async def test_a_desk_with_a_long_history_has_nothing_wrong(desk: Desk) -> None:
    assert [finding.line() for finding in await desk.examine()] == []


@pytest.mark.parametrize("name", DAMAGES)
async def test_damage_is_found_by_its_name(desk: Desk, name: str) -> None:
    statements, expected = DAMAGES[name]
    async with desk.database.writing.connect() as connection:
        await damage(connection, *statements)
        found = await desk.examine(connection)
        await connection.rollback()
    assert {finding.fault for finding in found} == expected, [one.line() for one in found]


WRONG_BY_TYPE: dict[type, str] = {
    sa.Integer: "{column} + 1",
    sa.BigInteger: "{column} + 1",
    sa.Boolean: "NOT {column}",
    sa.JSON: "'{{}}'{{json}}",
    sa.Text: "'x'",
    UTCDateTime: "applied_at",
    AutoString: "'x'",
}
"""SQL for another value than a column has, by its type."""
WRONG = {
    "satisfaction": "9",
    "status": "'REJECTED'",
    "last_action": "'NOTE'",
    "decision": "'REJECT'",
    "decided_by_kind": "'PLATFORM'",
    "decided_at": "applied_at",
    "review_address": "NULL",
    "applied_at": "updated_at",
    "updated_at": "applied_at",
    "finished_at": "NULL",
    "assignee_id": (
        "(SELECT min(id) FROM employee WHERE employee.merchant_id = service_order.merchant_id)"
    ),
    "earlier_freight": "7",
}
"""The same for enums and instants, where it depends on the order that is damaged."""


def wrong(column: str) -> str:
    type_ = type(service_orders.c[column].type)
    if column not in WRONG and type_ not in WRONG_BY_TYPE:
        message = f"Add a wrong {column} to WRONG in tests/doctor/test_examine.py"
        raise LookupError(message)
    return WRONG.get(column) or WRONG_BY_TYPE[type_].format(column=column)


@pytest.mark.parametrize("column", _COMPARED)
async def test_a_column_that_is_not_what_the_events_say_is_named(desk: Desk, column: str) -> None:
    async with desk.database.writing.connect() as connection:
        await damage(connection, row(f"{column} = {wrong(column)}", CLOSED))
        found = await desk.examine(connection)
        await connection.rollback()
    [finding] = [one for one in found if one.fault is F.ROW_DIFFERS]
    assert finding.detail == column
    assert finding.order_id is not None
    others = {one.fault for one in found} - {F.ROW_DIFFERS}
    assert others == _TOO.get(column, set())


_TOO = {
    "applied_at": {F.COPY_DIFFERS},
    "auto_approval_blocked": {F.COUNTERS_DIFFER},
    "pending_refunds": {F.REFUNDS_DIFFER},
    "personal_data_erased_at": {F.PERSONAL_DATA_LEFT},
}
"""What else is wrong then: the application has the same, or a counter counts it."""


REFERENCES = [
    *(
        [element.parent for element in constraint.elements]
        for table in METADATA.sorted_tables
        # In one order in every process of a test run: a set has another one in each.
        for constraint in sorted(table.foreign_key_constraints, key=lambda one: str(one.name))
    ),
    *([own for own, _ in pairs] for pairs in LOOSE),
]


@pytest.mark.parametrize(
    "columns", REFERENCES, ids=lambda columns: f"{columns[0].table.name}.{columns[-1].name}"
)
async def test_a_reference_to_nothing_is_found(desk: Desk, columns: list[Any]) -> None:
    table, column = columns[0].table, columns[-1]
    key = table.primary_key.columns
    async with desk.database.writing.connect() as connection:
        first = (await connection.execute(sa.select(*key).limit(1))).one_or_none()
        if first is None:
            pytest.fail(f"the desk has no {table.name} to damage")
        await damage(connection)
        same = [own == value for own, value in zip(key, first, strict=True)]
        nowhere = 999 if isinstance(column.type, sa.Integer) else "999"
        await connection.execute(sa.update(table).where(*same).values({column.name: nowhere}))
        found = await desk.examine(connection)
        await connection.rollback()
    assert [
        one.detail
        for one in found
        if one.fault is F.REFERENCE_DANGLING and one.detail.startswith(f"{table.name} (")
    ], [one.line() for one in found]


async def test_a_file_that_belongs_to_no_picture_is_found_once_no_upload_can_want_it(
    desk: Desk,
) -> None:
    (merchant, *_) = sorted(path for path in desk.folder.iterdir())
    picture = next(merchant.glob("*/*"))
    stray = merchant / "ab" / ("ab" + "0" * 62)
    stray.parent.mkdir(exist_ok=True)
    # A thumbnail is its picture's, and stray without it.
    files = [stray, *(file.with_name(f"{file.name}-160") for file in (stray, picture))]
    for file in files:
        file.write_bytes(b"x")
    assert await desk.examine() == []
    for file in files:
        old = file.stat().st_mtime - timedelta(hours=2).total_seconds()
        os.utime(file, (old, old))
    findings = await desk.examine()
    assert [finding.detail for finding in findings] == [stray.name, f"{stray.name}-160"]
    for finding in findings:
        assert (finding.fault, finding.merchant_id) == (F.PICTURE_ORPHANED, int(merchant.name))
    for file in files:
        file.unlink()


async def test_a_folder_that_is_no_merchant_s_is_found(desk: Desk) -> None:
    for name in ("17", "lost"):
        stray = desk.folder / name / "ab" / "abc"
        stray.parent.mkdir(parents=True)
        stray.write_bytes(b"x")
        [finding] = await desk.examine()
        assert finding.fault is F.PICTURE_ORPHANED
        assert name in finding.detail
        stray.unlink()
        stray.parent.rmdir()
        stray.parent.parent.rmdir()


async def test_a_clock_that_stands_still_is_a_note(desk: Desk) -> None:
    later = desk.now + timedelta(days=10)
    [finding] = await desk.examine(now=later)
    assert (finding.fault, finding.is_note) == (F.OVERDUE, True)


def test_every_fault_is_caused_here() -> None:
    caused = set().union(*(faults for _, faults in DAMAGES.values()))
    elsewhere = {F.REFERENCE_DANGLING, F.PICTURE_ORPHANED, F.OVERDUE, F.COMMITS_LOST}
    assert caused | elsewhere == set(Fault) == set(FAULTS)
    assert caused & elsewhere == set()
