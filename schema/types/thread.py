"""The thread of a service order: the messages between customer and staff after an objection."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import sqlalchemy as sa
import strawberry

from domain.events import EventKind
from models.service_order import events
from projection.conditions import Condition, Template
from resolvers.context import Context
from schema.types.timeline import ServiceOrderEvent

MAX_THREAD: Final = 100

_KINDS: Final = (EventKind.REPORTED_UNSOLVED, EventKind.REPLIED, EventKind.SOLVED)


def _is_message(event: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.or_(*[event.c.kind == kind for kind in _KINDS])


def _is_latest(
    event: sa.FromClause, version: sa.ColumnElement[int], earlier: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """Whether the event is at or after the message that has ``earlier`` messages after it."""
    message = events.alias("message")
    first = (
        sa.select(message.c.sequence)
        .where(
            message.c.merchant_id == event.c.merchant_id,
            message.c.service_order_id == event.c.service_order_id,
            message.c.sequence <= version,
            _is_message(message),
        )
        .order_by(message.c.sequence.desc())
        .limit(1)
        .offset(sa.type_coerce(earlier, sa.Integer()))
        .scalar_subquery()
    )
    # The upper bound keeps out events that were added after the order's row was read.
    return (event.c.sequence >= sa.func.coalesce(first, 1)) & (event.c.sequence <= version)


_MESSAGES: Final = Template(lambda event, _version: _is_message(event))
_LATEST: Final = Template(_is_latest)


def thread_conditions(arguments: Mapping[str, Any], _context: Context) -> Sequence[Condition]:
    """The latest messages. Customers see all of them."""
    last = min(max(arguments["last"], 1), MAX_THREAD)
    return (_MESSAGES(), _LATEST(last - 1))


def thread_arguments(
    last: Annotated[
        int,
        strawberry.argument(
            description=f"The number of latest messages to return, at most {MAX_THREAD}."
        ),
    ] = 50,
) -> list[ServiceOrderEvent]:
    """Declares the argument; the projection fetches the messages."""
    raise NotImplementedError
