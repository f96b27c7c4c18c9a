"""A bounded cache in memory, for everything that this process can load or compute again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Keeps the most recently used entries.

    ``functools.lru_cache`` wraps one function; here the caller decides what is kept, and when.
    """

    def __init__(
        self, max_entries: int, *, max_weight: int = 0, weigh: Callable[[V], int] = lambda _: 0
    ) -> None:
        """Bound the number of entries, and the sum of the values' weights."""
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._max_entries = max_entries
        self._max_weight = max_weight
        self._weigh = weigh
        self.weight = 0
        self.peek: Final[Callable[[K], V | None]] = self._entries.get
        """Like ``get``, but does not count as a use. For each request: it is the dictionary's own
        method, which costs no call in Python."""

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value, which is now the most recently used one; None if it is not kept."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value, and evict the least recently used ones beyond the bounds."""
        self.remove(key)
        self._entries[key] = value
        self.weight += self._weigh(value)
        while len(self._entries) > self._max_entries or self.weight > self._max_weight:
            _, evicted = self._entries.popitem(last=False)
            self.weight -= self._weigh(evicted)

    def remove(self, key: K) -> None:
        if key in self._entries:
            self.weight -= self._weigh(self._entries.pop(key))

    def clear(self) -> None:
        self._entries.clear()
        self.weight = 0
