"""Ids in the format of ``models/ids.py`` that are the same in every demo."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
_LOW_BITS: Final = 22
OPENED: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The instant in the fixed ids of merchants, people and the showcase. They are the same whenever a
demo is made, so that examples can contain them."""


@dataclass(slots=True)
class Ids:
    """Makes ids from an instant, and a counter in the place of the random bits of real ids."""

    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def at(self, instant: datetime) -> int:
        return ((instant - _EPOCH) // timedelta(milliseconds=1)) << _LOW_BITS | next(self._numbers)

    def fixed(self) -> int:
        return self.at(OPENED)
