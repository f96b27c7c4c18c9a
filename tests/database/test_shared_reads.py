"""Shared reads: each result is made once, and few are kept."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy.dialects import sqlite

from database.driver_connection import DriverConnection
from database.shared_reads import MAX_BYTES, MAX_RESULTS, SharedReads

pytestmark = pytest.mark.anyio


def nothing() -> AbstractAsyncContextManager[DriverConnection]:
    raise AssertionError("no statement runs")


class Makes:
    """Makes results, and counts them."""

    def __init__(self, size: int = 1) -> None:
        self.count = 0
        self.size = size

    async def __call__(self) -> list[bytes]:
        self.count += 1
        await asyncio.sleep(0)
        return [b" " * self.size]


@pytest.fixture
def reads() -> SharedReads:
    return SharedReads(sqlite.dialect(), nothing)


async def test_those_who_ask_together_get_what_was_made_once(reads: SharedReads) -> None:
    make = Makes()
    results = await asyncio.gather(*(reads.once("key", make) for _ in range(500)))
    assert (len(results), make.count) == (500, 1)


async def test_a_reader_who_catches_up_leaves_little_in_memory(reads: SharedReads) -> None:
    first, small, large = Makes(), Makes(), Makes(MAX_BYTES // 4)
    await reads.once("first", first)
    for number in range(MAX_RESULTS * 3):
        await reads.once(("small", number), small)
        await reads.once("first", first)
    assert first.count == 1  # what is asked for again and again is kept
    assert len(reads) == MAX_RESULTS
    for number in range(10):
        await reads.once(("large", number), large)
    assert len(reads) == 4
    await reads.once(("large", 9), large)
    assert large.count == 10


async def test_a_failure_is_not_kept(reads: SharedReads) -> None:
    async def fail() -> None:
        raise OSError("lost")

    for _ in range(2):
        with pytest.raises(OSError, match="lost"):
            await reads.once("key", fail)
    assert len(reads) == 0
