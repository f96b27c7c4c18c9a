"""The cost of garbage collection by its settings: `python -m bench.collecting`.

The real application answers the same pages in this process, on the demo's data in SQLite, in rounds
of one setting after the other. The table shows the medians of the rounds.
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
from garbage import GC_THRESHOLDS

DEFAULT: Final = gc.get_threshold()


@dataclass
class Setting:
    """A setting of the collector."""

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


SETTINGS: Final = (
    Setting("Python's default", freeze=False, threshold=DEFAULT),
    Setting("frozen", freeze=True, threshold=DEFAULT),
    Setting("rarer", freeze=False, threshold=GC_THRESHOLDS),
    Setting("frozen and rarer (ours)", freeze=True, threshold=GC_THRESHOLDS),
    Setting("never", freeze=False, threshold=(0, 0, 0)),
)


@dataclass
class Measured:
    """One round of one setting: microseconds per request, in all and for the collector."""

    processor: float
    collecting: float
    longest_pause: float
    passes: tuple[float, float, float]


@dataclass
class Watch:
    """Records every pass of the collector."""

    spent: list[float] = field(default_factory=list)
    passes: list[int] = field(default_factory=lambda: [0, 0, 0])
    _began: float = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self.spent.append(time.thread_time() - self._began)
            self.passes[info["generation"]] += 1


async def measure(setting: Setting, ask: Ask, text: str, requests: int) -> Measured:
    watch = Watch()
    with setting.in_force():
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
        passes=tuple(count / requests * 1000 for count in watch.passes),  # type: ignore[arg-type] # three
    )


async def main(requests: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with asking(folder) as ask:
            show_full_passes()
            results: dict[tuple[str, str], list[Measured]] = {}
            memory = []
            for _ in range(rounds):
                for page, text in PAGES.items():
                    for setting in SETTINGS:
                        measured = await measure(setting, ask, text, requests)
                        results.setdefault((page, setting.name), []).append(measured)
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            show(results)
            print(
                f"\npeak memory: {memory[0]:.0f} MB in the first round, {memory[-1]:.0f} MB in all"
            )


def show_full_passes() -> None:
    """Print the time of a full collection, by default and frozen."""
    gc.collect()
    print(f"objects that the collector tracks after the start: {len(gc.get_objects()):,}")
    for setting in SETTINGS[:2]:
        with setting.in_force():
            began = time.thread_time()
            gc.collect()
            print(f"a full collection, {setting.name}: {(time.thread_time() - began) * 1e3:.1f} ms")


def show(results: dict[tuple[str, str], list[Measured]]) -> None:
    print("\nmicroseconds a request; passes over each generation in 1,000 requests\n")
    print("| page | collector | processor | collecting | longest pause | passes |")
    print("|---|---|---|---|---|---|")
    for (page, setting), rounds in results.items():
        passes = " / ".join(
            f"{statistics.median(measured.passes[age] for measured in rounds):.0f}"
            for age in range(3)
        )
        cells = [
            f"{statistics.median(getattr(measured, name) for measured in rounds):,.0f}"
            for name in ("processor", "collecting", "longest_pause")
        ]
        print(f"| {page} | {setting} | {' | '.join(cells)} | {passes} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    uvloop.run(main(arguments.requests, arguments.rounds))
