"""What all objects share: a global id, and pages of them."""

from typing import Generic, TypeVar

import strawberry

from projection.pages import MAX_TOTAL

T = TypeVar("T")


@strawberry.interface(description="An object that can be fetched again by its id.")
class Node:
    """Relay's node."""

    id: strawberry.ID = strawberry.field(description="The id, unique over all types.")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether something comes before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item.")


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: str = strawberry.field(
        description="The place, good for `after` and `before`; it survives inserts and changes."
    )
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's connection."""

    edges: list[Edge[T]] = strawberry.field(description="The items with their places.")
    nodes: list[T] = strawberry.field(description="The items alone.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")
    total_count: int = strawberry.field(
        description=(
            "How many items the whole list has. Counted only when asked for, and no further than "
            f"{MAX_TOTAL:,}: that number means so many or more."
        )
    )
