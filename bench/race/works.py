"""The works of the race, and the operation of each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

_OPERATIONS: Final = Path(__file__).parents[1] / "operations"

Layout = Literal["pinned", "whole", "sqlite"]
"""The cores and the database of a work."""

LOADS: Final = (1, 8, 32, 256)
"""How many connections send requests at the same time, each the next one after the answer."""
MIDDLE: Final = 32
"""The load of short races, and of the works that do not run at every one."""


def said_of(connections: int) -> str:
    """A load in words."""
    return "1 connection" if connections == 1 else f"{connections} connections"


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of request. ``operation`` names the file with its text."""

    name: str
    title: str
    operation: str
    layout: Layout = "pinned"

    @property
    def loads(self) -> tuple[int, ...]:
        """The loads that say something: one connection never uses two workers."""
        return (MIDDLE,) if self.layout == "whole" else LOADS

    @property
    def asks(self) -> str:
        """The operation's name in its text."""
        return "".join(word.title() for word in self.operation.split("_"))

    def text(self, dialect: str) -> str:
        """The text of the operation: a peer that makes its own schema has a text of its own."""
        folder = _OPERATIONS / dialect if dialect == "postgraphile" else _OPERATIONS
        return (folder / f"{self.operation}.graphql").read_text("utf-8")


WORKS: Final = {
    work.name: work
    for work in (
        Work("queue", "Queue page: 50 orders, 12 fields, merchant, assignee", "queue_page"),
        Work("nested", "Nested page: the same, with pictures and timelines", "nested_page"),
        Work("order", "One order by id", "one_order"),
        Work("review", "Review one order", "review"),
        Work("queue-whole", "Queue page, two workers on both cores", "queue_page", "whole"),
        Work("nested-whole", "Nested page, two workers on both cores", "nested_page", "whole"),
        Work("queue-sqlite", "Queue page on SQLite", "queue_page", "sqlite"),
    )
}
