"""Ids like those of ``models/ids.py``, but the same ones each time."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
_LOW_BITS: Final = 22
OPENED: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Where the ids come from that stay the same whenever a demo is made, so that an example can have
them written out: those of merchants, people and the showcase."""


@dataclass(slots=True)
class Ids:
    """Makes ids that say when, with a counter where the real ones have random bits."""

    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def at(self, instant: datetime) -> int:
        return ((instant - _EPOCH) // timedelta(milliseconds=1)) << _LOW_BITS | next(self._numbers)

    def fixed(self) -> int:
        return self.at(OPENED)
