"""Garbage collection while a process starts and while it serves."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

GC_THRESHOLDS: Final = (10_000, 2, 5)
"""For `gc.set_threshold`: how many more objects are allocated than freed before the youngest
generation is collected, then the number of its collections before the next older one is."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect nothing during the block, which makes objects that stay: modules and the schema.

    Each pass over them is in vain, and all passes together are a fifth of a start.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def tune_gc() -> None:
    """Exempt the objects made so far from garbage collection, and collect the rest less often.

    See docs/decisions/0027-garbage-collection.md, and bench/collecting.py for the gain.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
