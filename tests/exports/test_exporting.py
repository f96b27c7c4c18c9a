"""An export is asked for, run by a job, and downloaded at a signed address."""

from datetime import timedelta

import pytest

from tests.client import Client
from tests.exports.running import ask, download, rows_of, run_all, see
from tests.given import World

pytestmark = pytest.mark.anyio


async def test_orders_are_exported_to_a_file(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, items=3)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, "NUMBER", "STATUS", "SKU")
    assert export == {
        "id": export["id"],
        "status": "QUEUED",
        "format": "CSV",
        "columns": ["NUMBER", "STATUS", "SKU"],
        "total": 3,
        "rowsWritten": 0,
        "bytes": None,
        "revealsContacts": False,
        "error": None,
        "url": None,
        "requestedBy": {"kind": "MAIN_ACCOUNT", "name": "店主"},
        "createdAt": given.now.isoformat(),
        "startedAt": None,
        "finishedAt": None,
        "expiresAt": None,
        "updatedAt": given.now.isoformat(),
    }
    assert await run_all(given.parts) == 1
    done = await see(owner, export)
    assert (done["status"], done["rowsWritten"]) == ("DONE", 3)
    assert done["expiresAt"] == (given.now + timedelta(days=1)).isoformat()
    content = await download(owner, done["url"])
    assert len(content) == done["bytes"]
    assert rows_of(content) == [
        ["Number", "Status", "SKU"],
        *[
            [str(order.key), "Waiting for the merchant's decision", f"SKU-{index}"]
            for index, order in enumerate(orders)
        ],
    ]
