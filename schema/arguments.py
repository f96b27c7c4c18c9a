"""The arguments of connections: which page of a list to return."""

from typing import Annotated

import strawberry

from domain.refusals.refusal import BadInput
from domain.text import Text
from projection.pages import BadPage, Order, PageArguments

First = Annotated[
    int | None,
    strawberry.argument(description="The number of items from the start of the list, 1 to 100."),
]
After = Annotated[
    str | None, strawberry.argument(description="Return only items after this cursor.")
]
Last = Annotated[
    int | None,
    strawberry.argument(description="The number of items from the end of the list, 1 to 100."),
]
Before = Annotated[
    str | None, strawberry.argument(description="Return only items before this cursor.")
]


def window(
    first: int | None, after: str | None, last: int | None, before: str | None
) -> PageArguments:
    """Raises BadInput."""
    try:
        return PageArguments.of(first=first, after=after, last=last, before=before)
    except BadPage as bad:
        raise BadInput((bad.argument,), Text(str(bad), str(bad))) from bad


def window_of(order: Order, page: PageArguments) -> PageArguments:
    """The same arguments. Raises BadInput for a cursor of another list.

    For lists within an object, which a query need not select: its arguments are wrong all the same.
    """
    try:
        for name, cursor in (("after", page.after), ("before", page.before)):
            if cursor is not None:
                order.decode_cursor(cursor, name)
    except BadPage as bad:
        raise BadInput((bad.argument,), Text(str(bad), str(bad))) from bad
    return page
