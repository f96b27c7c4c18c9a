"""A month of orders becomes a file as the page shows."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from domain.permissions import Permission
from tests.given import World
from tests.integrating.running import printed
from tests.serving.process import Command

pytestmark = pytest.mark.anyio


async def test_the_orders_of_some_days_are_exported_to_a_file(
    given: World, server: Command, programs: Path
) -> None:
    shop = await given.merchant()
    employee = await given.employee(shop, Permission.EXPORT, Permission.SERVICE_ORDER_READ)
    await given.application(shop, 3)
    file = programs / "orders.csv"
    days = [(given.now + timedelta(days=days)).date().isoformat() for days in (-1, 2)]
    url = f"http://127.0.0.1:{server.port}/graphql"
    await printed(programs / "export.py", url, employee.token, *days, file)
    _, *rows = csv.reader(file.read_text("utf-8-sig").splitlines())
    assert len(rows) == 3
    assert {row[3] for row in rows} == {"蓝牙耳机"}
