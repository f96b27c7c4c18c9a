"""What garbage collection costs a serving process, by how it is set: `python -m bench.collecting`.

The real application in this process, on the demo's data in SQLite: each way of setting the
collector answers the same pages in turn, in rounds, and the table has the medians of the rounds.
"""

import argparse
import gc
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import uvloop

from bench.in_process import PAGES, Ask, asking
from serve import GC_THRESHOLDS

DEFAULT: Final = gc.get_threshold()


@dataclass
class Way:
    """A way to set the collector."""

    name: str
    freeze: bool
    threshold: tuple[int, int, int]

    @contextmanager
    def in_force(self) -> Iterator[None]:
        gc.collect()
        if self.freeze:
            gc.freeze()
        gc.set_threshold(*self.threshold)
        yield
        gc.unfreeze()
        gc.set_threshold(*DEFAULT)


WAYS: Final = (
    Way("as Python comes", freeze=False, threshold=DEFAULT),
    Way("frozen", freeze=True, threshold=DEFAULT),
    Way("rarer", freeze=False, threshold=GC_THRESHOLDS),
    Way("frozen and rarer (ours)", freeze=True, threshold=GC_THRESHOLDS),
    Way("never", freeze=False, threshold=(0, 0, 0)),
)


@dataclass
class Measured:
    """One round of one way: microseconds of a request, and what the collector took of them."""

    processor: float
    collecting: float
    longest_pause: float
    rounds: tuple[float, float, float]


@dataclass
class Watch:
    """Sees every pass of the collector."""

    spent: list[float] = field(default_factory=list)
    rounds: list[int] = field(default_factory=lambda: [0, 0, 0])
    _began: float = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self.spent.append(time.thread_time() - self._began)
            self.rounds[info["generation"]] += 1


async def measure(way: Way, ask: Ask, text: str, requests: int) -> Measured:
    watch = Watch()
    with way.in_force():
        for _ in range(10):
            await ask(text)
        gc.callbacks.append(watch)
        began = time.process_time()
        for _ in range(requests):
            await ask(text)
        processor = time.process_time() - began
        gc.callbacks.remove(watch)
    return Measured(
        processor=processor / requests * 1e6,
        collecting=sum(watch.spent) / requests * 1e6,
        longest_pause=max(watch.spent, default=0.0) * 1e6,
        rounds=tuple(count / requests * 1000 for count in watch.rounds),  # type: ignore[arg-type] # three
    )


async def main(requests: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with asking(folder) as ask:
            show_full_passes()
            found: dict[tuple[str, str], list[Measured]] = {}
            memory = []
            for _ in range(rounds):
                for page, text in PAGES.items():
                    for way in WAYS:
                        measured = await measure(way, ask, text, requests)
                        found.setdefault((page, way.name), []).append(measured)
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            show(found)
            print(
                f"\nmost memory: {memory[0]:.0f} MB in the first round, {memory[-1]:.0f} MB in all"
            )


def show_full_passes() -> None:
    """What a look at everything costs, as it comes and frozen."""
    gc.collect()
    print(f"objects that the collector knows once the server stands: {len(gc.get_objects()):,}")
    for way in (WAYS[0], WAYS[1]):
        with way.in_force():
            began = time.thread_time()
            gc.collect()
            print(
                f"a pass over everything, {way.name}: {(time.thread_time() - began) * 1e3:.1f} ms"
            )


def show(found: dict[tuple[str, str], list[Measured]]) -> None:
    print("\nmicroseconds a request; passes over each generation in 1,000 requests\n")
    print("| page | collector | processor | collecting | longest pause | passes |")
    print("|---|---|---|---|---|---|")
    for (page, way), rounds in found.items():
        passes = " / ".join(
            f"{statistics.median(one.rounds[age] for one in rounds):.0f}" for age in range(3)
        )
        cells = [
            f"{statistics.median(getattr(one, name) for one in rounds):,.0f}"
            for name in ("processor", "collecting", "longest_pause")
        ]
        print(f"| {page} | {way} | {' | '.join(cells)} | {passes} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    uvloop.run(main(given.requests, given.rounds))
