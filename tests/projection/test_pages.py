"""Keyset pages: every row once, in order, in both directions, whatever happens in between."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType, OperationDefinitionNode, build_schema, parse
from graphql.execution.values import get_variable_values
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from projection.fields import Column, Entity
from projection.page_plan import PagePlan
from projection.pages import DEFAULT_PAGE, MAX_PAGE, MAX_TOTAL, BadPage, Order, PageArguments
from projection.planner import Planner
from projection.registry import Registry
from projection.selection import Operation
from projection.sources import PageSource
from tests.projection.rows import ConnectionRows

pytestmark = pytest.mark.anyio

SCHEMA = build_schema("""
type Entry { id: Int! }
type Edge { cursor: String! node: Entry! }
type PageInfo {
  hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
}
type Connection { edges: [Edge!]! nodes: [Entry!]! pageInfo: PageInfo! totalCount: Int! }
type Query { entries: Connection! }
""")
KIND = SCHEMA.type_map["Connection"]
FIELD = """{ entries {
  edges { cursor node { id } } nodes { id }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
} }"""

metadata = sa.MetaData()
entries = sa.Table(
    "entry",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("name", sa.String, nullable=False),
)
REGISTRY = Registry(
    {"Entry": Entity("Entry", entries, {"id": Column(entries.c.id)})},
    attribute_name=lambda _type, name: name,
    type_name=lambda _value: "Entry",
)

UP = Order("rank+", (entries.c.rank, entries.c.id))
DOWN = Order("rank", (entries.c.rank, entries.c.id), descending=True)
BY_NAME = Order("name", (entries.c.name, entries.c.rank, entries.c.id))
PLAIN = Order("id", (entries.c.id,))
ORDERS: dict[str, tuple[Order, Callable[[dict[str, Any]], Any], bool]] = {
    "rank up": (UP, lambda row: (row["rank"], row["id"]), False),
    "rank down": (DOWN, lambda row: (row["rank"], row["id"]), True),
    "name": (BY_NAME, lambda row: (row["name"].encode(), row["rank"], row["id"]), False),
    "id": (PLAIN, lambda row: row["id"], False),
}


def in_order(name: str, rows: list[dict[str, Any]]) -> list[int]:
    _, key, down = ORDERS[name]
    return [row["id"] for row in sorted(rows, key=key, reverse=down)]


@dataclass
class Shelf:
    """A table that is filled anew for every example."""

    connection: AsyncConnection

    async def fill(self, rows: list[dict[str, Any]]) -> None:
        await self.connection.execute(sa.delete(entries))
        await self.add(rows)

    async def add(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            await self.connection.execute(sa.insert(entries), rows)

    async def drop(self, id_: int) -> None:
        await self.connection.execute(sa.delete(entries).where(entries.c.id == id_))

    async def page(self, order: Order, **window: Any) -> Any:
        asked = {"first": None, "after": None, "last": None, "before": None, **window}
        page = PageSource("Entry", (), order, PageArguments.of(**asked))
        document = parse(FIELD)
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        assert isinstance(KIND, GraphQLObjectType)
        nodes = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
        variables = get_variable_values(SCHEMA, [], {})
        assert not isinstance(variables, list)
        rows = ConnectionRows(self.connection)
        planner = Planner(REGISTRY, Operation(SCHEMA, {}, variables), rows.dialect)
        plan = PagePlan(planner, page.entity, page.order, KIND, nodes)
        return await plan.fetch(rows, page, None, variables)


def ids(page: Any) -> list[int]:
    found = [one["id"] for one in page["nodes"]]
    assert [edge["node"]["id"] for edge in page["edges"]] == found
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert page["pageInfo"]["startCursor"] == (cursors[0] if cursors else None)
    assert page["pageInfo"]["endCursor"] == (cursors[-1] if cursors else None)
    return found


@pytest.fixture(scope="module")
async def shelf(
    tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Shelf]:
    file: Path = tmp_path_factory.mktemp("shelf") / "shelf.db"
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        yield Shelf(connection)
    await engine.dispose()


async def forward(shelf: Shelf, order: Order, size: int, rows: int) -> list[int]:
    """All pages from the first to the last, each as large as it may be."""
    seen: list[int] = []
    after = None
    while True:
        page = await shelf.page(order, first=size, after=after)
        info = page["pageInfo"]
        assert page["totalCount"] == rows
        assert info["hasPreviousPage"] is (after is not None)
        seen += ids(page)
        assert info["hasNextPage"] is (len(seen) < rows)
        if not info["hasNextPage"]:
            return seen
        assert len(page["nodes"]) == size
        after = info["endCursor"]


async def backward(shelf: Shelf, order: Order, size: int, rows: int) -> list[int]:
    """All pages from the last to the first."""
    seen: list[int] = []
    before = None
    while True:
        page = await shelf.page(order, last=size, before=before)
        info = page["pageInfo"]
        assert info["hasNextPage"] is (before is not None)
        seen = ids(page) + seen
        assert info["hasPreviousPage"] is (len(seen) < rows)
        if not info["hasPreviousPage"]:
            return seen
        assert len(page["nodes"]) == size
        before = info["startCursor"]


# Ranks and names of which many are equal; two names that sort otherwise in other alphabets.
TIES = [
    {"id": id_, "rank": rank, "name": name}
    for id_, rank, name in (
        (1, 5, "b"),
        (2, 5, "小A"),
        (3, 1, "b"),
        (4, 5, "B"),
        (5, 1, "小B"),
        (6, 5, "b"),
        (7, -3, "é"),
    )
]


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("size", range(1, 9))
async def test_paging_visits_every_row_once_and_in_order(
    shelf: Shelf, name: str, size: int
) -> None:
    await shelf.fill(TIES)
    order = ORDERS[name][0]
    assert await forward(shelf, order, size, len(TIES)) == in_order(name, TIES)
    assert await backward(shelf, order, size, len(TIES)) == in_order(name, TIES)


ranks = st.lists(st.integers(min_value=-2, max_value=2), max_size=14)


@settings(deadline=None, max_examples=50)
@given(ranks, st.integers(min_value=1, max_value=5), st.sampled_from(["rank up", "rank down"]))
async def test_paging_visits_every_row_once_however_many_are_equal(
    shelf: Shelf, found: list[int], size: int, name: str
) -> None:
    rows = [{"id": at, "rank": rank, "name": "x"} for at, rank in enumerate(found, 1)]
    await shelf.fill(rows)
    order = ORDERS[name][0]
    assert await forward(shelf, order, size, len(rows)) == in_order(name, rows)
    assert await backward(shelf, order, size, len(rows)) == in_order(name, rows)


changes = st.lists(
    st.tuples(st.sampled_from(["add", "drop"]), st.integers(min_value=-2, max_value=2)),
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(
    ranks,
    changes,
    st.integers(min_value=1, max_value=3),
    st.sampled_from(["rank up", "rank down"]),
    st.booleans(),
)
async def test_what_is_added_or_dropped_between_pages_repeats_and_hides_nothing(
    shelf: Shelf,
    found: list[int],
    between: list[tuple[str, int]],
    size: int,
    name: str,
    backwards: bool,
) -> None:
    order, _, _ = ORDERS[name]
    rows = {at: {"id": at, "rank": rank, "name": "x"} for at, rank in enumerate(found, 1)}
    await shelf.fill([*rows.values()])
    ever, stayed = dict(rows), set(rows)
    seen: list[int] = []
    cursor = None
    while True:
        page = await shelf.page(
            order,
            **({"last": size, "before": cursor} if backwards else {"first": size, "after": cursor}),
        )
        seen += reversed(ids(page)) if backwards else ids(page)
        info = page["pageInfo"]
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            break
        cursor = info["startCursor" if backwards else "endCursor"]
        if between:
            what, rank = between.pop()
            if what == "add":
                id_ = len(ever) + 1
                ever[id_] = {"id": id_, "rank": rank, "name": "x"}
                await shelf.add([ever[id_]])
            else:  # the very row that the cursor was made from may be among them
                gone = seen[-1] if rank == 0 else seen[0]
                stayed.discard(gone)
                await shelf.drop(gone)
    assert len(set(seen)) == len(seen)
    assert stayed <= set(seen)
    expected = [id_ for id_ in in_order(name, [*ever.values()]) if id_ in seen]
    assert (seen[::-1] if backwards else seen) == expected


async def test_what_is_added_ahead_is_seen_and_what_is_added_behind_is_not(shelf: Shelf) -> None:
    await shelf.fill([{"id": id_, "rank": id_ * 10, "name": "x"} for id_ in (1, 2, 3)])
    page = await shelf.page(UP, first=2)
    assert ids(page) == [1, 2]
    await shelf.add([{"id": 4, "rank": 15, "name": "x"}, {"id": 5, "rank": 25, "name": "x"}])
    page = await shelf.page(UP, first=9, after=page["pageInfo"]["endCursor"])
    assert ids(page) == [5, 3]
    assert page["totalCount"] == 5


async def test_a_stretch_between_two_cursors(shelf: Shelf) -> None:
    await shelf.fill(TIES)
    whole = await shelf.page(UP, first=7)
    cursors = [edge["cursor"] for edge in whole["edges"]]
    stretch = ids(whole)[2:5]
    page = await shelf.page(UP, first=10, after=cursors[1], before=cursors[5])
    assert ids(page) == stretch
    page = await shelf.page(UP, last=2, after=cursors[1], before=cursors[5])
    assert ids(page) == stretch[1:]
    assert page["pageInfo"]["hasPreviousPage"] is True
    assert ids(await shelf.page(UP, first=3, after=cursors[5], before=cursors[1])) == []


async def test_an_empty_list_has_a_page(shelf: Shelf) -> None:
    await shelf.fill([])
    page = await shelf.page(UP, first=3)
    assert page == {
        "edges": [],
        "nodes": [],
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        },
        "totalCount": 0,
    }


@pytest.mark.parametrize("over", [-1, 0, 1])
async def test_a_long_list_is_counted_so_far_and_no_further(shelf: Shelf, over: int) -> None:
    rows = MAX_TOTAL + over
    await shelf.fill([{"id": id_, "rank": 1, "name": "x"} for id_ in range(rows)])
    page = await shelf.page(UP, last=2)
    assert page["totalCount"] == min(rows, MAX_TOTAL)
    assert ids(page) == [rows - 2, rows - 1]


# Arguments


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, PageArguments(20)),
        ({"first": 1}, PageArguments(1)),
        ({"first": 100, "after": "a"}, PageArguments(100, after="a")),
        ({"last": 100}, PageArguments(100, backward=True)),
        ({"last": 5, "before": "b"}, PageArguments(5, backward=True, before="b")),
        ({"before": "b"}, PageArguments(20, backward=True, before="b")),
        ({"after": "a"}, PageArguments(20, after="a")),
        ({"after": "a", "before": "b"}, PageArguments(20, after="a", before="b")),
    ],
)
def test_the_arguments_of_a_page_are_read(asked: dict[str, Any], expected: PageArguments) -> None:
    given = {"first": None, "after": None, "last": None, "before": None, **asked}
    assert PageArguments.of(**given) == expected
    assert (DEFAULT_PAGE, MAX_PAGE) == (20, 100)


@pytest.mark.parametrize(
    ("asked", "argument"),
    [
        ({"first": 0}, "first"),
        ({"first": -1}, "first"),
        ({"first": 101}, "first"),
        ({"last": 0}, "last"),
        ({"last": 101}, "last"),
        ({"first": 5, "last": 5}, "last"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_by_name(
    asked: dict[str, Any], argument: str
) -> None:
    given = {"first": None, "after": None, "last": None, "before": None, **asked}
    with pytest.raises(BadPage) as bad:
        PageArguments.of(**given)
    assert bad.value.argument == argument


# Cursors


def packed(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


GOOD = UP.encode_cursor([5, 2])


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "====",
        "小A",
        "\x00",
        GOOD[:-1],
        GOOD[1:],
        GOOD + "A",
        "x" * 513,
        DOWN.encode_cursor([5, 2]),  # of the same columns, the other way round
        PLAIN.encode_cursor([2]),
        packed("rank+"),
        packed(None),
        packed(5),
        packed({"rank+": 5}),
        packed([]),
        packed(["rank+"]),
        packed(["rank+", 5]),
        packed(["rank+", 5, 2, 2]),
        packed(["rank+", "5", 2]),
        packed(["rank+", 5.0, 2]),
        packed(["rank+", True, 2]),
        packed(["rank+", None, 2]),
        packed(["rank+", [5], 2]),
        packed(["rank+", 2**63, 2]),
        packed(["rank+", -(2**63) - 1, 2]),
        base64.urlsafe_b64encode(b'["rank+",NaN,2]').decode(),
        base64.urlsafe_b64encode(b'["rank+",1e400,2]').decode(),
        base64.urlsafe_b64encode(b'["rank+",5,2').decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 300).decode(),
    ],
)
async def test_a_cursor_that_this_list_did_not_make_is_refused(shelf: Shelf, cursor: str) -> None:
    await shelf.fill(TIES)
    for argument in ("after", "before"):
        with pytest.raises(BadPage, match="not a cursor of this list") as bad:
            await shelf.page(UP, **{argument: cursor})
        assert bad.value.argument == argument


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_whatever_breaks_the_reading_of_cursors(text: str) -> None:
    for order in (UP, BY_NAME, SOON):
        try:
            values = order.decode_cursor(text, "after")
        except BadPage:
            continue
        assert order.decode_cursor(order.encode_cursor(values), "after") == values


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=5,
    ),
    st.integers(),
)
def test_no_value_whatever_breaks_the_reading_of_cursors(value: object, number: int) -> None:
    for order in (UP, BY_NAME, SOON):
        for said in (["rank+", value, number], ["soon", number, value], ["name", value, 1, 1]):
            cursor = packed(said)
            try:
                values = order.decode_cursor(cursor, "after")
            except BadPage:
                continue
            assert said[0] == order.name
            assert len(values) == len(order.columns)


@pytest.mark.parametrize("at", [True, None, "2026-11-22", 1.5, [0], 10**17 * 9, -(10**18), 10**30])
def test_an_instant_in_a_cursor_is_a_number_of_microseconds(at: object) -> None:
    assert SOON.decode_cursor(packed(["soon", 1, 2]), "after") == [
        datetime(1970, 1, 1, microsecond=1, tzinfo=UTC),
        2,
    ]
    with pytest.raises(BadPage):
        SOON.decode_cursor(packed(["soon", at, 2]), "after")


SOON = Order("soon", (sa.column("at", sa.DateTime()), sa.column("id", sa.Integer())))


@settings(deadline=None)
@given(
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    st.integers(min_value=-(2**63), max_value=2**63 - 1),
)
def test_a_cursor_keeps_instants_to_the_microsecond(at: datetime, id_: int) -> None:
    try:
        at.astimezone(UTC)
    except OverflowError:  # the first hours of the year 1, in China
        return
    assert SOON.decode_cursor(SOON.encode_cursor([at, id_]), "after") == [at, id_]
