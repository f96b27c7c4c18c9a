"""The demo as people meet it: the command, the accounts, and the server behind them."""

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner

from app import create_app
from cli import cli
from database.database import Database
from demo.create import TOTAL, create
from demo.ids import Ids
from demo.orders import SHOWCASE
from demo.people import LOGINS, PASSWORD, STOREFRONT_TOKEN
from demo.reset import reset
from demo.stand_up import NotADemo, stand_up
from demo.welcome import welcome
from domain.events import EventKind
from jobs.timers import fire_timers
from models import schema_version
from models.ids import new_id
from models.merchant import Merchant, merchants
from models.service_order import events, service_orders
from models.tables import METADATA, add
from parts import Parts
from tests.client import Client
from tests.demo.reading import FEW, KEYS, NOW, pictures_in, rows

pytestmark = pytest.mark.anyio


@pytest.fixture
async def few(database, tmp_path) -> Database:
    """A smaller demo, to be changed."""
    await create(database, pictures_in(tmp_path), NOW, lambda _count: None, orders=FEW)
    return database


@pytest.fixture
async def client(few, tmp_path, clock, schema) -> AsyncIterator[Client]:
    parts = Parts(few, KEYS, pictures_in(tmp_path), clock)
    async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as opened:
        yield opened


async def test_it_is_the_same_each_time(backend, tmp_path):
    found = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        url = await backend.fresh(folder)
        database = Database.open(url)
        await create(database, pictures_in(folder), NOW, lambda _count: None, orders=FEW)
        tables = [table for table in METADATA.sorted_tables if table.name != "account"]
        found.append([await rows(database, table) for table in tables])
        await database.close()
        await backend.release(url)
    assert found[0] == found[1]
    assert sum(map(len, found[0])) > 1_000


async def test_ids_are_like_those_of_the_server():
    assert abs((new_id() >> 22) - (Ids().at(datetime.now(UTC)) >> 22)) < 10_000
    assert Ids().fixed() == Ids().fixed()


async def test_the_first_start_shows_what_each_account_may_do(made):
    printed = StringIO()
    out = Console(file=printed, width=100)
    await welcome(made.database, out, url="http://127.0.0.1:8000", is_new=True)
    text = printed.getvalue()
    assert "read, review, note" in text
    assert "everything but the staff" in text
    for login in LOGINS:
        assert login in text


async def test_a_second_start_keeps_the_demo_and_has_a_line_for_each_account(made):
    printed = StringIO()
    out = Console(file=printed, width=100)
    is_new = await stand_up(made.database, made.pictures, NOW + timedelta(hours=5), out)
    await welcome(made.database, out, url="http://127.0.0.1:8000", is_new=is_new)
    assert not is_new
    text = printed.getvalue()
    assert "5 hours old" in text
    assert len(LOGINS) == 41
    for login in LOGINS:
        [line] = [line for line in text.splitlines() if line.startswith(f"{login} ")]
        assert len(line.split()) in (3, 4)
    assert "aftersales-demo" in text
    assert "asc_1_demo-storefront" in text
    assert "make demo-reset" in text
    assert len(await rows(made.database, service_orders)) == TOTAL


async def new_sqlite(folder) -> tuple[str, Database]:
    folder.mkdir(exist_ok=True)
    url = f"sqlite+aiosqlite:///{folder / 'aftersales.db'}"
    database = Database.open(url)
    await schema_version.upgrade(database)
    return url, database


async def test_a_reset_deletes_the_demos_database_and_pictures_and_nothing_else(tmp_path):
    url, database = await new_sqlite(tmp_path)
    pictures = pictures_in(tmp_path)
    await create(database, pictures, NOW, lambda _count: None, orders=FEW)
    await database.close()
    (tmp_path / "signing-key").write_text("kept")
    (tmp_path / "letter.txt").write_text("kept")
    printed = StringIO()
    await reset(url, tmp_path, Console(file=printed))
    assert str(tmp_path / "aftersales.db") in printed.getvalue()
    assert str(tmp_path / "pictures") in printed.getvalue()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.txt", "signing-key"]


async def test_a_reset_leaves_pictures_elsewhere_alone(tmp_path):
    url, database = await new_sqlite(tmp_path / "one")
    await create(database, pictures_in(tmp_path / "one"), NOW, lambda _count: None, orders=FEW)
    await database.close()
    await reset(url, tmp_path / "another", Console(file=StringIO()))
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["pictures"]


async def test_a_reset_deletes_nothing_that_is_not_a_demos(tmp_path):
    url, database = await new_sqlite(tmp_path)
    async with database.write() as connection:
        await add(connection, Merchant(id=1, name="真实商家", created_at=NOW))
    await database.close()
    for address in (url, "postgresql+asyncpg://db.test/desk"):
        with pytest.raises(NotADemo):
            await reset(address, tmp_path, Console(file=StringIO()))
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "aftersales.db").touch()
    with pytest.raises(NotADemo):
        await reset(
            f"sqlite+aiosqlite:///{empty / 'aftersales.db'}", empty, Console(file=StringIO())
        )
    assert (empty / "aftersales.db").exists()
    assert (tmp_path / "aftersales.db").exists()


async def test_a_reset_without_a_demo_says_so(tmp_path):
    printed = StringIO()
    url = f"sqlite+aiosqlite:///{tmp_path / 'aftersales.db'}"
    await reset(url, tmp_path, Console(file=printed))
    assert "nothing to delete" in printed.getvalue()
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_that_it_deleted_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("AFTERSALES_DATA_DIR", str(tmp_path))
    (tmp_path / "aftersales.db").touch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = CliRunner().invoke(cli, ["demo", "--reset", "--port", str(port)])
    assert result.exit_code == 1
    assert "Nothing was deleted" in result.stderr
    assert (tmp_path / "aftersales.db").exists()


async def test_another_database_is_left_alone(database, tmp_path):
    async with database.write() as connection:
        await add(connection, Merchant(id=1, name="真实商家", created_at=NOW))
    with pytest.raises(NotADemo):
        await stand_up(database, pictures_in(tmp_path), NOW, Console(file=StringIO()))
    assert len(await rows(database, merchants)) == 1


async def test_everybody_can_sign_in_and_does_what_the_role_says(client):
    desk = await client.sign_in("digital-reviewer", PASSWORD)
    counts = (await desk.ask("{ queueSummary { review { waiting overdue dueSoon } } }"))["review"]
    assert counts["waiting"] > counts["dueSoon"] >= 8
    assert counts["overdue"] == 0
    refused = await (await client.sign_in("digital-processor", PASSWORD)).ask(
        "{ viewer { permissions { permission } } }"
    )
    assert {one["permission"] for one in refused["permissions"]} == {
        *("SERVICE_ORDER_READ", "RECEIVE", "PROCESS", "NOTE")
    }


async def test_the_showcase_is_approved_in_a_batch_and_looks_like_the_rest(client, few):
    items, _ = SHOWCASE[0]
    desk = await client.sign_in("digital-reviewer", PASSWORD)
    query = """{ serviceOrders(first: 100, filter: {status: [PENDING_REVIEW]}) {
        nodes { id number application { id serviceOrders { id number } } } } }"""
    nodes = (await desk.ask(query))["nodes"]
    first = min(nodes, key=lambda node: int(node["number"]))["application"]["serviceOrders"]
    assert len(first) == items
    result = await desk.do(
        "reviewServiceOrders",
        "results { serviceOrder { status } }",
        ids=[order["id"] for order in first],
        decision={"approve": {"customerNote": "同意"}},
        atomic=True,
    )
    assert [one["serviceOrder"]["status"] for one in result["results"]] == (
        ["AWAITING_SHIPMENT"] * items
    )
    approved = await of_kind(few, EventKind.APPROVED)
    numbers = {int(order["number"]) for order in first}
    real = {shape(event) for event in approved if event.service_order_id in numbers}
    made = {shape(event) for event in approved if event.service_order_id not in numbers}
    assert len(real) == 1
    assert real < made


async def test_the_clock_approves_as_the_demo_says_it_did(few):
    before = {event.service_order_id for event in await of_kind(few, EventKind.AUTO_APPROVED)}
    swept = await fire_timers(few, NOW + timedelta(minutes=10))
    assert swept.approved >= 15
    assert swept.blocked == 0
    after = await of_kind(few, EventKind.AUTO_APPROVED)
    real = [event for event in after if event.service_order_id not in before]
    made = [event for event in after if event.service_order_id in before]
    assert {shape(event) for event in real} == {shape(event) for event in made}
    explained = {tuple(event.details["explanation"]) for event in after}
    assert len(explained) == 1


async def of_kind(database, kind):
    return [event for event in await rows(database, events) if event.kind is kind]


def shape(event):
    return event.actor_kind, event.from_status, event.to_status, tuple(event.details)


async def test_the_storefront_submits_with_the_token_that_everybody_knows(client):
    owner = await client.sign_in("home-owner", PASSWORD)
    merchant = (await owner.ask("{ viewer { merchant { id } } }"))["merchant"]["id"]
    payload = await client.as_(STOREFRONT_TOKEN).do(
        "submitApplication",
        "application { serviceOrders { status } }",
        merchantId=merchant,
        externalRef="SF-1",
        orderNumber="2611220000001",
        customerRef="C1",
        customerName="李小花",
        customerPhone="13800138000",
        items=[
            {
                "expectation": "REPAIR",
                "reason": "QUALITY.MALFUNCTION",
                "description": "煮饭夹生",
                "sku": "HM-2001",
                "name": "电饭煲",
                "quantity": 1,
                "unitPrice": "359.00",
                "paidAmount": "359.00",
            }
        ],
    )
    assert payload["application"]["serviceOrders"] == [{"status": "PENDING_REVIEW"}]


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("AFTERSALES_DATA_DIR", str(tmp_path / "data"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(cli, ["demo", "--port", str(port)])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in result.stderr
    assert not (tmp_path / "data").exists()


def test_production_gets_no_demo(tmp_path, monkeypatch):
    monkeypatch.setenv("AFTERSALES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AFTERSALES_ENVIRONMENT", "production")
    monkeypatch.setenv("AFTERSALES_SIGNING_KEY", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")
    result = CliRunner().invoke(cli, ["demo"])
    assert result.exit_code == 1
    assert "production" in result.stderr
