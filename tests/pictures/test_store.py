"""A store of pictures that is full, refuses or hangs: what clients are told, and what the log."""

import asyncio
import logging
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import obstore.store
import pytest
from obstore.store import ObjectStore

from app import create_app
from database.connection_limiter import Overloaded
from domain.desk.evidence import PICTURE_BYTES_LIMIT
from parts import Parts
from resolvers.pictures import Pictures
from resolvers.store_availability import StoreAvailability, StoreUnreachable
from tests.client import Client, Failed
from tests.given import World, jpeg

pytestmark = pytest.mark.anyio

SHORT = timedelta(seconds=0.3)


def pictures_in(store: ObjectStore, parts: Parts, longest: timedelta = SHORT) -> Pictures:
    return Pictures(
        store,
        parts.keys,
        decoders=parts.pictures.decoders,
        reads=StoreAvailability("reading", longest),
        writes=StoreAvailability("writing", longest),
    )


@asynccontextmanager
async def served(parts: Parts, pictures: Pictures, schema) -> AsyncIterator[Client]:
    app = create_app(replace(parts, pictures=pictures), runs_clock=False, schema=schema)
    async with Client.of(app) as client:
        yield client
    await pictures.close()


async def failed_upload(client: Client, data: bytes) -> Failed:
    with pytest.raises(Failed) as failure:
        await client.upload(data)
    return failure.value


def is_unavailable(response: httpx2.Response) -> bool:
    [error] = response.json()["errors"]
    said = (response.status_code, error["extensions"]["code"], response.headers["retry-after"])
    return said == (503, "UNAVAILABLE", "1")


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What is in the log from warnings up, with nothing of it a traceback."""
    found = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert not any(one.exc_info for one in found)
    return [one.getMessage() for one in found]


@asynccontextmanager
async def s3(answer: bytes | None) -> AsyncIterator[ObjectStore]:
    """A bucket whose server answers every request the same, or swallows it."""

    opened: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.add(writer)
        with_body = await reader.readuntil(b"\r\n\r\n")
        if answer is not None:
            assert with_body
            writer.write(answer)
            await writer.drain()
        else:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield obstore.store.S3Store(
        "pictures",
        endpoint=f"http://127.0.0.1:{port}",
        region="x",
        access_key_id="key-of-the-bucket",
        secret_access_key="secret-of-the-bucket",
        client_options={"allow_http": True, "timeout": "2s"},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=2)},
    )
    server.close()
    for writer in opened:
        writer.transport.abort()
    await server.wait_closed()


def said(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize(
    "answer",
    [None, said("403 Forbidden"), said("500 Internal Server Error"), said("507 Full")],
    ids=["hangs", "refuses", "fails", "full"],
)
async def test_a_bucket_that_does_not_work_is_unavailable_and_said_once(
    parts: Parts,
    given: World,
    schema,
    answer: bytes | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = await given.merchant()
    async with s3(answer) as store, served(parts, pictures_in(store, parts), schema) as client:
        owner = client.as_(shop.owner.token)
        url = parts.pictures.url(shop.id, (await parts.pictures.put(shop.id, jpeg())))
        for _ in range(3):
            failed = await failed_upload(owner, jpeg())
            assert failed.codes == ["UNAVAILABLE"]
            assert failed.errors[0]["message"].startswith("The store of pictures")
            assert failed.extensions["retryAfter"] == 1.0
            assert is_unavailable(await client.http.get(url))
        for path in ("/healthz", "/readyz"):
            assert (await client.http.get(path)).status_code == 200
        assert (await client.http.get("/readyz")).json() == {"status": "ok", "pictures": "away"}
        assert (await owner.ask("{ viewer { name } }"))["name"] == "店主"
    failures = warnings_of(caplog)
    assert [one.partition(":")[0] for one in failures] == [
        "the store of pictures fails at writing",
        "the store of pictures fails at reading",
    ]
    assert "of-the-bucket" not in caplog.text


async def test_an_upload_whose_picture_was_not_stored_has_status_503(
    parts: Parts, given: World, schema
) -> None:
    shop = await given.merchant()
    async with (
        s3(said("403 Forbidden")) as store,
        served(parts, pictures_in(store, parts), schema) as client,
    ):
        response = await client.http.post(
            "/graphql",
            data={
                "operations": '{"query": "mutation($f: Upload!) { uploadEvidence(input:'
                ' {file: $f}) { evidence { id } } }", "variables": {"f": null}}',
                "map": '{"0": ["variables.f"]}',
            },
            files={"0": ("x", jpeg())},
            headers={"authorization": f"Bearer {shop.owner.token}"},
        )
    assert is_unavailable(response)


async def test_a_folder_that_comes_back_is_said_to_and_serves_again(
    parts: Parts, given: World, schema, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shop, folder = await given.merchant(), tmp_path / "store"
    store = obstore.store.LocalStore(str(folder), mkdir=True)
    async with served(parts, pictures_in(store, parts, timedelta(minutes=1)), schema) as client:
        owner = client.as_(shop.owner.token)
        url = (await owner.upload(jpeg()))["evidence"]["url"]
        kept = folder.rename(tmp_path / "elsewhere")
        folder.touch()  # a file where the folder was: nothing under it can be opened
        for _ in range(2):
            assert (await failed_upload(owner, jpeg(33))).codes == ["UNAVAILABLE"]
            assert is_unavailable(await client.http.get(url))
        folder.unlink()
        kept.rename(folder)
        assert (await client.http.get("/readyz")).json()["pictures"] == "away"
        assert (await client.http.get(url)).status_code == 200
        assert (await owner.upload(jpeg(33)))["evidence"]["width"] == 33
        assert (await client.http.get("/readyz")).json() == {"status": "ok"}
    assert [one.partition(":")[0] for one in warnings_of(caplog)] == [
        "the store of pictures fails at writing",
        "the store of pictures fails at reading",
        "the store of pictures answers again at reading",
        "the store of pictures answers again at writing",
    ]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    said = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if mount is None or subprocess.run(said, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_takes_no_pictures_and_still_gives_them(
    parts: Parts, given: World, schema, small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shop = await given.merchant()
    store = obstore.store.LocalStore(str(small_disk))
    async with served(parts, pictures_in(store, parts, timedelta(minutes=1)), schema) as client:
        owner = client.as_(shop.owner.token)
        url = (await owner.upload(jpeg()))["evidence"]["url"]
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(PICTURE_BYTES_LIMIT))
        for _ in range(3):
            assert (await failed_upload(owner, jpeg(400, 300))).codes == ["UNAVAILABLE"]
        assert (await client.http.get(url)).status_code == 200
        filler.unlink()
        assert (await owner.upload(jpeg(400, 300)))["evidence"]["width"] == 400
    first, last = warnings_of(caplog)
    assert first.startswith("the store of pictures fails at writing: ")
    assert "No space left on device" in first
    assert last == "the store of pictures answers again at writing"


async def test_files_that_hang_cost_a_bounded_number_of_threads_and_end_by_themselves(
    tmp_path: Path, parts: Parts, given: World
) -> None:
    """Whoever opens a pipe to which nobody writes waits like one whose network folder is gone."""
    shop, folder = await given.merchant(), tmp_path / "store"
    store = obstore.store.LocalStore(str(folder), mkdir=True)
    reading = StoreAvailability("reading", SHORT, max_requests=2)
    pictures = Pictures(store, parts.keys, decoders=parts.pictures.decoders, reads=reading)
    picture = await pictures.put(shop.id, jpeg())
    file = folder / str(shop.id) / picture.sha256[:2] / picture.sha256
    data = file.read_bytes()
    file.unlink()
    os.mkfifo(file)

    async def fetch() -> object:
        try:
            return await pictures.fetch(shop.id, picture.sha256)
        except (StoreUnreachable, Overloaded) as error:
            return type(error)

    started = time.monotonic()
    answers = await asyncio.gather(*[fetch() for _ in range(20)])
    assert time.monotonic() - started < 30
    # Two hang and are given up; the places are theirs, so that nobody else hangs.
    assert sorted(map(str, answers)) == sorted(map(str, [StoreUnreachable] * 2 + [Overloaded] * 18))
    # Those who hang are let go; then there is a place for others.
    writer = os.open(file, os.O_WRONLY)
    os.close(writer)
    file.unlink()
    file.write_bytes(data)
    async with asyncio.timeout(60):
        while await fetch() != data:  # noqa: ASYNC110 - a thread that ends tells nobody
            await asyncio.sleep(0.05)
    await pictures.close()


Work = Callable[[Pictures], Awaitable[object]]


@pytest.mark.parametrize(
    "work", [lambda one: one.folders(), lambda one: one.files("1", "ab")], ids=["folders", "files"]
)
async def test_looking_through_a_store_that_refuses_raises_the_same(
    parts: Parts, work: Work
) -> None:
    async with s3(said("403 Forbidden")) as store:
        with pytest.raises(StoreUnreachable) as failure:
            await work(pictures_in(store, parts))
    assert "\n" not in str(failure.value)


async def test_a_picture_that_is_not_there_is_no_sign_of_a_sick_store(
    parts: Parts,
) -> None:
    assert await parts.pictures.fetch(1, "0" * 64) is None
    assert not parts.pictures.is_away
