"""The rows that the benches measure with are such as the desk itself would have left behind."""

from datetime import UTC, datetime
from pathlib import Path

import obstore.store
import pytest
import sqlalchemy as sa

from app import create_app
from bench.fill import fill, fill_sqlite
from bench.shops import KEYS, Shop, token_of
from database.addresses import file_of
from database.database import Database
from doctor.examine import examine
from doctor.faults import Fault
from doctor.finding import Finding
from domain.statuses import Status
from jobs.timers import fire_timers
from models.clock import WallClock
from models.service_order import events, service_orders
from parts import Parts
from resolvers.pictures import Pictures
from tests.client import Client

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def past_any_pooler(runs_on: str) -> None:
    if runs_on == "pgbouncer":
        pytest.skip("COPY fills a database past the pooler")


ORDERS, MERCHANTS = 400, 3
AFTER_ALL = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
async def filled(database: Database, database_url: str) -> Database:
    file = file_of(database_url)
    if file is None:
        await fill(database_url, ORDERS, MERCHANTS)
    else:
        await fill_sqlite(file, ORDERS, MERCHANTS)
    return database


async def faults(database: Database, pictures: Pictures) -> list[str]:
    """All but that nobody took the pictures, and that no event tells who is in charge."""
    found: list[Finding] = []
    async with database.read() as connection:
        await examine(connection, pictures, AFTER_ALL, found.append)
    return [one.line() for one in found if not (one.is_note or is_expected(one))]


def is_expected(finding: Finding) -> bool:
    is_unassigned = finding.fault is Fault.ROW_DIFFERS and finding.line().endswith(": assignee_id")
    return finding.fault is Fault.PICTURE_LOST or is_unassigned


async def test_what_is_filled_is_sound_before_the_sweep_and_after(
    filled: Database, tmp_path: Path
) -> None:
    pictures = Pictures(obstore.store.LocalStore(str(tmp_path / "pictures"), mkdir=True), KEYS)
    assert await faults(filled, pictures) == []
    async with filled.read() as connection:
        counted = await connection.execute(
            sa.select(service_orders.c.status, sa.func.count()).group_by(service_orders.c.status)
        )
        by_status: dict[Status, int] = {row[0]: row[1] for row in counted}
        told = await connection.scalar(sa.select(sa.func.count()).select_from(events))
    assert sum(by_status.values()) == ORDERS
    assert set(by_status) == set(Status)
    assert told is not None
    assert 2 * ORDERS < told < 3 * ORDERS
    swept = await fire_timers(filled, AFTER_ALL)
    assert swept.approved == by_status[Status.PENDING_REVIEW]
    assert await faults(filled, pictures) == []


async def test_the_people_of_the_benches_may_ask_with_their_tokens(
    filled: Database, tmp_path: Path
) -> None:
    pictures = Pictures(obstore.store.LocalStore(str(tmp_path / "pictures"), mkdir=True), KEYS)
    app = create_app(Parts(filled, KEYS, pictures, WallClock()), runs_clock=False)
    async with Client.of(app) as client:
        reviewer = client.as_(token_of(Shop(1).reviewers[0]))
        found = await reviewer.ask("{ viewer { name permissions { permission } } }")
        assert found["name"] == Shop(1).reviewers[0].name
        page = await reviewer.ask(
            "{ serviceOrders(filter: {status: [PENDING_REVIEW]}) { nodes { id } } }"
        )
        decision = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}}
        id_ = page["nodes"][0]["id"]
        assert await reviewer.codes("reviewServiceOrder", id=id_, decision=decision) == []
