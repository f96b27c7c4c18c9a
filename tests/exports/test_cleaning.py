"""The file of an export is kept for a day, and that of a failed or cancelled one is deleted."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from database.availability import Unreachable
from domain.exports import CLEANED_AFTER
from jobs.exports.clean import clean
from jobs.exports.exporting import Exporting
from tests.client import Client
from tests.conftest import StoppedClock
from tests.exports.running import ask, run_all, run_and_stop, see, stored
from tests.given import World

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def test_the_file_is_kept_for_a_day(
    client: Client, given: World, clock: StoppedClock, tmp_path: Path
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    export = await ask(owner)
    await run_all(given.parts)
    clock.pass_(DAY - timedelta(seconds=1))
    assert await clean(given.parts.exporting) == 0
    assert (await see(owner, export))["url"] is not None
    clock.pass_(timedelta(seconds=1))
    assert (await see(owner, export))["url"] is None
    assert len(stored(tmp_path)) == 1
    assert await clean(given.parts.exporting) == 1
    assert stored(tmp_path) == []
    expired = await see(owner, export)
    assert (expired["status"], expired["rowsWritten"]) == ("EXPIRED", 0)
    assert await clean(given.parts.exporting) == 0


async def test_the_files_of_every_attempt_are_deleted(
    client: Client, given: World, clock: StoppedClock, tmp_path: Path
) -> None:
    """A process was killed after it had stored its file, before it said so."""
    shop = await given.merchant()
    await given.order(shop)
    await ask(client.as_(shop.owner.token), "CONTACT_NAME")
    await run_and_stop(given.parts)
    await run_all(given.parts)
    [file] = stored(tmp_path)
    file.with_name(file.name.replace("-2.", "-1.")).write_text("half a file")
    clock.pass_(DAY)
    await clean(given.parts.exporting)
    assert stored(tmp_path) == []


async def test_what_an_upload_left_after_a_cancellation_is_deleted(
    client: Client, given: World, clock: StoppedClock, tmp_path: Path
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    export = await ask(owner)
    files = given.parts.export_files

    class Files:
        async def put(self, merchant_id: int, name: str, file: Path) -> None:
            assert await owner.codes("cancelExport", id=export["id"]) == []
            await files.put(merchant_id, name, file)

        async def delete(self, *_: object) -> None:
            raise Unreachable("away")

    await run_all(given.parts, files=Files())
    assert (await see(owner, export))["status"] == "CANCELLED"
    assert len(stored(tmp_path)) == 1
    clock.pass_(CLEANED_AFTER)
    assert await clean(given.parts.exporting) == 1
    assert stored(tmp_path) == []
    assert (await see(owner, export))["status"] == "CANCELLED"


async def test_a_store_that_is_away_keeps_the_row_for_the_next_time(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    export = await ask(owner)
    await run_all(given.parts)
    clock.pass_(DAY)

    class Away:
        async def put(self, *_: Any) -> None:
            raise Unreachable("away")

        delete = put

    exporting: Exporting = replace(given.parts.exporting, files=Away())
    with pytest.raises(Unreachable):
        await clean(exporting)
    assert (await see(owner, export))["status"] == "DONE"
    assert await clean(given.parts.exporting) == 1
    assert (await see(owner, export))["status"] == "EXPIRED"
