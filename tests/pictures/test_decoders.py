"""The processes that decode: how many, with what limits, and what becomes of one that ends."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from database.connection_limiter import Limits, Overloaded, TooSlow
from resolvers.decoding.decoders import MAX_PER_UPLOADER, Decoder, Decoders, Interrupted
from resolvers.decoding.headers import BadPicture
from tests.given import jpeg
from tests.pictures.hostile import LARGEST, encoded, jpeg_of_scans, tiny_webp
from tests.pictures.processes import children_of, peak_of, processor_s_of
from tests.serving.process import eventually, is_alive

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
SLOW = 2_000, 2_000
"""A picture of so many pixels takes part of a second."""
ENDLESS = jpeg_of_scans(8_000)
"""Minutes of a processor; its header would be refused, so it is given to a process directly."""


@pytest.fixture
def started() -> Callable[[], list[int]]:
    """The decoders started since the test began: tests before it may have left theirs."""
    before = set(children_of(os.getpid()))
    return lambda: [pid for pid in children_of(os.getpid()) if pid not in before]


def limits(waiting: int = 16, longest: timedelta = timedelta(seconds=60)) -> Limits:
    return Limits(
        connections=2, waiting=waiting, patience=timedelta(minutes=1), transaction=longest
    )


@pytest.fixture
async def decoders() -> AsyncIterator[Decoders]:
    opened = Decoders(limits())
    yield opened
    await opened.close()


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    opened = Decoder()
    yield opened
    await opened.end()


def is_at_work(pid: int) -> bool:
    """Whether a process has more memory than it needs for nothing."""
    return peak_of(pid) > 60 << 20


async def test_a_picture_comes_back_clean_and_the_process_stays_for_the_next(
    decoders: Decoders,
) -> None:
    first = await decoders.clean(jpeg(comment=b"HIDDEN"))
    [pid] = decoders.processes
    second = await decoders.clean(encoded("PNG"))
    assert decoders.processes == [pid]
    assert b"HIDDEN" not in first.data
    for clean, media_type, size in (
        (first, "image/jpeg", (32, 24)),
        (second, "image/png", (40, 30)),
    ):
        assert clean.picture.media_type == media_type
        assert clean.picture.bytes == len(clean.data)
        with Image.open(io.BytesIO(clean.data)) as image:
            assert image.size == size == (clean.picture.width, clean.picture.height)


async def test_no_more_processes_decode_than_may_whoever_waits(
    decoders: Decoders, started: Callable[[], list[int]]
) -> None:
    data, most = tiny_webp(SLOW), 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, len(started()))
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    cleaned = await asyncio.gather(*[decoders.clean(data) for _ in range(5)])
    watching.cancel()
    assert {(one.picture.width, one.picture.height) for one in cleaned} == {SLOW}
    assert most == 2


async def test_what_takes_more_memory_than_a_process_may_have_is_refused() -> None:
    small = Decoder(memory=200 << 20)
    with pytest.raises(BadPicture):
        await small.clean(tiny_webp(LARGEST))
    assert (await small.clean(jpeg())).picture.width == 32
    await small.end()


async def test_what_takes_more_of_the_processor_than_it_may_is_refused() -> None:
    hasty = Decoder(cpu_s=1)
    with pytest.raises(BadPicture, match="too long"):
        await hasty.clean(ENDLESS)
    assert (await hasty.clean(jpeg())).picture.width == 32
    await hasty.end()


async def test_the_time_of_one_picture_is_not_taken_off_the_next(decoders: Decoders) -> None:
    hasty = Decoder(cpu_s=2)
    used, pid = 0.0, None
    while used < 3:  # more than a process is allowed at its start
        assert (await hasty.clean(jpeg_of_scans(60, SLOW))).picture.width == SLOW[0]
        assert pid in {None, hasty.pid}
        pid = hasty.pid
        assert pid is not None
        used = processor_s_of(pid)
    await hasty.end()


async def test_what_takes_too_long_by_the_clock_is_told_to_come_again_and_stops(
    started: Callable[[], list[int]],
) -> None:
    slow = Decoders(limits(waiting=0, longest=timedelta(seconds=0.4)))
    for _ in range(4):  # none finds the two places taken
        with pytest.raises(TooSlow):
            await slow.clean(tiny_webp(LARGEST))
    await eventually(lambda: not started())
    await slow.close()


async def test_a_process_that_is_killed_says_nothing_about_the_picture_and_is_replaced(
    decoder: Decoder, caplog: pytest.LogCaptureFixture
) -> None:
    decoding = asyncio.create_task(decoder.clean(ENDLESS))
    await eventually(lambda: decoder.pid is not None and is_at_work(decoder.pid))
    killed = decoder.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(Interrupted):
        await decoding
    assert issubclass(Interrupted, Overloaded)
    assert "a decoder was ended by SIGKILL; it is replaced" in caplog.text
    assert (await decoder.clean(jpeg())).picture.width == 32
    assert decoder.pid not in {None, killed}


async def test_a_process_that_a_picture_crashes_is_replaced_and_the_picture_refused(
    decoder: Decoder,
) -> None:
    decoding = asyncio.create_task(decoder.clean(ENDLESS))
    await eventually(lambda: decoder.pid is not None and is_at_work(decoder.pid))
    assert decoder.pid is not None
    os.kill(decoder.pid, signal.SIGSEGV)
    with pytest.raises(BadPicture):
        await decoding
    assert (await decoder.clean(jpeg())).picture.width == 32


async def test_a_process_that_was_killed_while_it_waited_is_replaced(decoder: Decoder) -> None:
    await decoder.clean(jpeg())
    pid = decoder.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: decoder.pid is None)
    assert (await decoder.clean(jpeg())).picture.width == 32


async def test_a_picture_that_nobody_waits_for_any_more_stops_and_frees_its_place(
    decoders: Decoders, started: Callable[[], list[int]]
) -> None:
    decoding = [asyncio.create_task(decoders.clean(tiny_webp(LARGEST))) for _ in range(4)]
    await eventually(lambda: sum(map(is_at_work, started())) == 2)
    assert decoders.limiter.waiting == 2
    for task in reversed(decoding):  # those who wait first: they leave the queue
        task.cancel()
    await asyncio.wait(decoding)
    assert all(task.cancelled() for task in decoding)
    assert decoders.limiter.waiting == 0
    await eventually(lambda: not started())
    cleaned = await asyncio.gather(*[decoders.clean(jpeg()) for _ in range(4)])
    assert [one.picture.width for one in cleaned] == [32] * 4


async def test_past_the_queue_a_picture_is_refused_at_once() -> None:
    busy = Decoders(limits(waiting=1))
    pictures = [asyncio.create_task(busy.clean(tiny_webp(SLOW))) for _ in range(3)]
    await eventually(lambda: busy.limiter.waiting == 1)
    with pytest.raises(Overloaded):
        await busy.clean(jpeg())
    assert not any(task.done() for task in pictures)
    await asyncio.gather(*pictures)
    await busy.close()


async def test_nobody_takes_all_the_places(decoders: Decoders) -> None:
    pictures = [
        asyncio.create_task(decoders.clean(tiny_webp(LARGEST), 1)) for _ in range(MAX_PER_UPLOADER)
    ]
    await eventually(lambda: decoders.limiter.waiting == MAX_PER_UPLOADER - 2)
    with pytest.raises(Overloaded):
        await decoders.clean(jpeg(), 1)
    other = asyncio.create_task(decoders.clean(jpeg(), 2))
    await eventually(lambda: decoders.limiter.waiting == MAX_PER_UPLOADER - 1)
    for task in pictures:
        task.cancel()
    await asyncio.wait(pictures)
    assert (await other).picture.width == 32
    assert (await decoders.clean(jpeg(), 1)).picture.width == 32


async def test_a_bad_header_is_refused_before_a_process_is_needed(decoders: Decoders) -> None:
    with pytest.raises(BadPicture):
        await decoders.clean(ENDLESS)
    assert decoders.processes == []


async def test_a_process_is_replaced_after_so_many_pictures() -> None:
    decoder = Decoder(pictures=2)
    pids = []
    for _ in range(5):
        await decoder.clean(jpeg())
        pids.append(decoder.pid)
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [2, 2, 1]
    await decoder.end()


async def test_broken_pictures_of_every_kind_are_refused_or_taken_by_one_process(
    decoders: Decoders,
) -> None:
    random = Random(8)
    whole = [encoded("JPEG", progressive=True), encoded("PNG", mode="P"), encoded("WEBP")]
    inputs = [data[: len(data) * part // 8] for data in whole for part in range(9)]
    for data in whole * 30:
        changed = bytearray(data)
        for _ in range(random.choice([1, 4])):
            changed[random.randrange(len(data))] = random.randrange(256)
        inputs.append(bytes(changed))
    inputs += [random.randbytes(size) for size in (0, 1, 12, 5000)]
    pids, refused, taken = set(), 0, 0
    for data in inputs:
        try:
            await decoders.clean(data)
        except BadPicture:
            refused += 1
        else:
            taken += 1
        pids.update(decoders.processes)
    assert refused
    assert taken
    assert len(pids) == 1


async def test_a_process_is_told_no_secret(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSALES_SIGNING_KEY", "secret")
    await decoder.clean(jpeg())
    assert b"secret" not in Path(f"/proc/{decoder.pid}/environ").read_bytes()


PARENT = """
import asyncio, sys
from resolvers.decoding.decoders import Decoder
async def main():
    decoder = Decoder()
    await decoder.clean(open(sys.argv[1], "rb").read())
    print(decoder.pid, flush=True)
    await asyncio.sleep(3600)
asyncio.run(main())
"""


async def test_a_process_ends_with_its_parent(tmp_path: Path) -> None:
    picture = tmp_path / "picture"
    picture.write_bytes(jpeg())
    with subprocess.Popen(  # noqa: ASYNC220 - it is killed, not waited for
        [sys.executable, "-c", PARENT, str(picture)], cwd=ROOT, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(await asyncio.to_thread(parent.stdout.readline))
        assert is_alive(pid)
        parent.kill()
        await eventually(lambda: not is_alive(pid))


async def test_a_signal_to_stop_leaves_the_picture_at_work_alone(decoder: Decoder) -> None:
    """A service manager signals every process of a service; the server still answers."""
    decoding = asyncio.create_task(decoder.clean(tiny_webp(LARGEST)))
    await eventually(lambda: decoder.pid is not None and is_at_work(decoder.pid))
    assert decoder.pid is not None
    for told in (signal.SIGTERM, signal.SIGINT):
        os.kill(decoder.pid, told)
    assert (await decoding).picture.width == LARGEST[0]


async def test_a_bug_of_ours_is_not_the_picture_s_fault() -> None:
    broken = Decoder((sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(RuntimeError, match="status 3"):
        await broken.clean(jpeg())
    await broken.end()
