"""Relay's types: the node with its global id, and the connection with its pages."""

from typing import Generic, TypeVar

import strawberry

from projection.pages import MAX_TOTAL

T = TypeVar("T")


@strawberry.interface(
    description="An object with a globally unique id. The query `node` returns it by that id."
)
class Node:
    """Relay's node."""

    id: strawberry.ID = strawberry.field(description="The globally unique id.")


@strawberry.type(description="The position of a page within its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether items follow after this page.")
    has_previous_page: bool = strawberry.field(description="Whether items precede this page.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first item. Null if the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last item. Null if the page is empty."
    )


@strawberry.type(description="An item of a list with its cursor.")
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: str = strawberry.field(
        description=(
            "The position of the item, for use as `after` or `before`. It stays valid when the "
            "list changes."
        )
    )
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's connection."""

    edges: list[Edge[T]] = strawberry.field(description="The items of the page with their cursors.")
    nodes: list[T] = strawberry.field(description="The items of the page.")
    page_info: PageInfo = strawberry.field(description="The position of the page within the list.")
    total_count: int = strawberry.field(
        description=(
            f"The number of items in the whole list, counted up to {MAX_TOTAL:,}: that value means "
            "at least so many. Computed only if selected."
        )
    )
