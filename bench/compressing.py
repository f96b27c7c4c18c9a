"""The cost of compressing an answer, and what it saves: `python -m bench.compressing`.

The real application gives the answers in this process, on the demo's data in SQLite.
"""

import asyncio
import tempfile
import time
from typing import Final

import uvloop

from bench.in_process import PAGES, asking
from transport.compression import MAX_COMPRESSED_ON_LOOP, compressed

LEVELS: Final = (1, 4, 6, 9)
ROUNDS: Final = 200
IN_THREAD: Final = "1, in a thread"


async def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        async with asking(folder) as ask:
            answers = [(name, await ask(text)) for name, text in PAGES.items()]
    longest = answers[-1][1]
    answers.append(
        ("just too long for the loop", longest * (MAX_COMPRESSED_ON_LOOP // len(longest) + 1))
    )
    print("processor time, least of so many rounds:", ROUNDS)
    print("| answer | bytes | level | compressed | microseconds |")
    print("|---|---|---|---|---|")
    for name, answer in answers:
        for level in LEVELS:
            seconds = min(_timed(answer, level) for _ in range(ROUNDS))
            size = len(compressed(answer, level=level))
            print(f"| {name} | {len(answer):,} | {level} | {size:,} | {seconds * 1e6:,.0f} |")
        seconds = min([await _timed_in_thread(answer) for _ in range(ROUNDS)])
        print(f"| {name} | {len(answer):,} | {IN_THREAD} | | {seconds * 1e6:,.0f} |")


def _timed(answer: bytes, level: int) -> float:
    started = time.process_time()
    compressed(answer, level=level)
    return time.process_time() - started


async def _timed_in_thread(answer: bytes) -> float:
    started = time.process_time()
    await asyncio.to_thread(compressed, answer)
    return time.process_time() - started


if __name__ == "__main__":
    uvloop.run(main())
