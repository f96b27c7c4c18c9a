"""Reading the feed: a page of events after a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass

from database.prepared import AnyConnection
from domain.feed import EventFilter, FeedCursor
from domain.permissions import Permission
from domain.refusals.feed import CursorExpired
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.queries import feed
from models.queries.feed import MAX_WINDOW, FeedRow
from resolvers.context import Context
from resolvers.tenancy import merchant_for


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Events that match, and the cursor after the last event that was looked at."""

    rows: Sequence[FeedRow]
    end: FeedCursor
    has_next: bool


def feed_for(context: Context, named: int | None) -> int | None:
    """The merchant whose feed the viewer reads; None for the feed of the platform.

    Raises Refused for a merchant that the viewer does not serve, BadInput if a storefront of
    several merchants names none.
    """
    viewer = context.viewer
    if named is None and viewer.merchant_id is None and viewer.may(Permission.MERCHANT_READ):
        return None
    return merchant_for(context, named)


def check_owner(cursor: FeedCursor, merchant_id: int | None) -> None:
    """Refuse the cursor of another feed."""
    if cursor.merchant_id != merchant_id:
        raise Refused(NotFound(kind="Feed", path=("after",)))


async def read_feed(
    context: Context,
    merchant_id: int | None,
    after: FeedCursor | None,
    *,
    first: int,
    filter_: EventFilter,
) -> FeedPage:
    """Read a page of a merchant's feed, or of the platform's; from its beginning without a cursor.

    A page considers at most ``MAX_WINDOW`` events, so that a filter that nothing matches costs no
    more than that. Raises Refused for a cursor that has expired, or of another feed.
    """
    if after is not None:
        check_owner(after, merchant_id)
    limit = first + 1 if filter_.is_open else MAX_WINDOW
    # Not from a replica: it may not have the event of the cursor yet.
    async with context.services.database.read_prepared() as connection:
        start = await start_of(connection, merchant_id, after)
        rows = await feed.window(connection, merchant_id, after=start.position, limit=limit)
    check_whole(start, rows)
    matching = [row for row in rows if filter_.matches(row)]
    page = matching[:first]
    if len(matching) > first:
        return FeedPage(page, cursor_at(merchant_id, page[-1]), has_next=True)
    end = cursor_at(merchant_id, rows[-1]) if rows else start
    return FeedPage(page, end, has_next=len(rows) == limit)


async def start_of(
    connection: AnyConnection, merchant_id: int | None, after: FeedCursor | None
) -> FeedCursor:
    """The cursor to read on from: without one, that before the oldest event that is kept.

    Raises Refused for a cursor that has expired.
    """
    if after is None:
        standing = await feed.standing(connection, merchant_id)
        return FeedCursor(merchant_id, standing.purged_to)
    standing = await feed.standing(connection, merchant_id, after.position)
    is_kept = standing.purged_to <= after.position <= standing.position
    is_another = (
        after.event is not None
        and after.position > standing.purged_to
        and after.event != standing.event
    )
    if not is_kept or is_another:
        raise Refused(CursorExpired(path=("after",)))
    return after


def check_whole(start: FeedCursor, rows: Sequence[FeedRow]) -> None:
    """Raise Refused if events after the start were deleted before the rows were read."""
    if rows and rows[0].position != start.position + 1:
        raise Refused(CursorExpired(path=("after",)))


async def end_of_feed(context: Context, merchant_id: int | None) -> FeedCursor:
    """The cursor after the last event that has a place."""
    async with context.services.database.read_prepared() as connection:
        standing = await feed.standing(connection, merchant_id)
    return FeedCursor(merchant_id, standing.position, standing.event)


def cursor_at(merchant_id: int | None, row: FeedRow) -> FeedCursor:
    """The cursor after an event."""
    return FeedCursor(merchant_id, row.position, row.identity)
