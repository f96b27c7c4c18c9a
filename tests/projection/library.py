"""A small library: tables of its own, a schema in SDL, and the same books as plain objects.

``Library.ask`` answers through the projection; ``answer_plainly`` lets graphql-core walk over plain
objects, and is what the projection is held to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from graphql import (
    ExecutionResult,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute,
    execute_sync,
    get_named_type,
    is_abstract_type,
    parse,
    validate,
)
from graphql.validation import NoUnusedFragmentsRule, NoUnusedVariablesRule, specified_rules
from sqlalchemy.ext.asyncio import AsyncConnection

from projection.completion import TypedObject
from projection.conditions import Condition, Template
from projection.fields import Column, Computed, Embedded, Entity, ToMany, ToOne
from projection.list_plan import ListPlan
from projection.object_plan import ObjectPlan
from projection.page_plan import PagePlan
from projection.pages import Order, PageArguments
from projection.planner import Planner
from projection.registry import Registry
from projection.selection import Operation
from projection.sources import ListSource, ObjectSource, PageSource
from tests.projection.rows import ConnectionRows

SDL = """
interface Thing { id: Int! name: String! }

type Author implements Thing {
  id: Int!
  name: String!
  born: Int
  books(longerThan: Int = 0): [Book!]!
}

type Book implements Thing {
  id: Int!
  name: String!
  pages: Int!
  loud: String!
  author: Author
  editor: Author
  print: Print!
  cover: Cover
  chapters(from: Int! = 1): [Chapter!]!
  tags: [Tag!]!
  remarks: [Remark!]!
  best: Remark
}

type Print { pages: Int! heavy: Boolean! author: Author }
type Cover { colour: String! book: String! }
type Chapter { number: Int! name: String! book: Book! }
type Tag { name: String! books: [Book!]! }

interface Remark { text: String! }
type Praise implements Remark { text: String! stars: Int! by: Critic! }
type Blame implements Remark { text: String! }
type Critic { name: String! remarks: [Remark!]! }

type BookEdge { cursor: String! node: Book! }
type PageInfo {
  hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
}
type BookConnection { edges: [BookEdge!]! nodes: [Book!]! pageInfo: PageInfo! totalCount: Int! }

type Query {
  books: [Book!]!
  authors: [Author!]!
  book(id: Int!): Book
  things(ids: [Int!]!): [Thing]!
  shelf(first: Int, after: String, last: Int, before: String): BookConnection!
}
"""

metadata = sa.MetaData()
authors = sa.Table(
    "author",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("born", sa.Integer),
)
books = sa.Table(
    "book",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("colour", sa.String),
    sa.Column("author_id", sa.ForeignKey("author.id")),
    sa.Column("editor_id", sa.ForeignKey("author.id")),
)
chapters = sa.Table(
    "chapter",
    metadata,
    sa.Column("book_id", sa.ForeignKey("book.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
)
tags = sa.Table(
    "tag",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
)
book_tags = sa.Table(
    "book_tag",
    metadata,
    sa.Column("book_id", sa.ForeignKey("book.id"), primary_key=True),
    sa.Column("tag_id", sa.ForeignKey("tag.id"), primary_key=True),
)
editors = authors.alias("editor")

BY_PAGES = Order("pages", (books.c.pages, books.c.id))

ROWS: dict[sa.Table, list[dict[str, Any]]] = {
    authors: [
        {"id": 1, "name": "Ann", "born": 1950},
        {"id": 2, "name": "Bo", "born": None},
        {"id": 3, "name": "Cy", "born": 1980},  # wrote nothing
    ],
    books: [
        {"id": 1, "name": "One", "pages": 100, "colour": "red", "author_id": 1, "editor_id": 2},
        {"id": 2, "name": "Two", "pages": 300, "colour": None, "author_id": 1, "editor_id": None},
        {"id": 3, "name": "Tre", "pages": 300, "colour": "", "author_id": 2, "editor_id": 2},
        {"id": 4, "name": "Vier", "pages": 50, "colour": None, "author_id": None, "editor_id": 3},
        {"id": 5, "name": "Cinq", "pages": 300, "colour": "red", "author_id": 1, "editor_id": 1},
    ],
    chapters: [
        {"book_id": book, "number": number, "name": f"{book}.{number}"}
        for book, count in ((1, 3), (2, 1), (5, 2))
        for number in range(count, 0, -1)
    ],
    tags: [{"id": 1, "name": "old"}, {"id": 2, "name": "new"}, {"id": 3, "name": "unused"}],
    book_tags: [
        {"book_id": 1, "tag_id": 1},
        {"book_id": 1, "tag_id": 2},
        {"book_id": 3, "tag_id": 2},
        {"book_id": 5, "tag_id": 1},
    ],
}


# Plain objects below a computed field. Attributes are called otherwise than fields, on purpose.


@dataclass(frozen=True)
class Praise:
    said: str
    stars: int

    @property
    def critic(self) -> "Critic":
        return Critic()


@dataclass(frozen=True)
class Blame:
    said: str


@dataclass(frozen=True)
class Critic:
    called: str = "Zoë"

    @property
    def words(self) -> list[Praise | Blame]:
        return [Blame("meh"), Praise("hm", 3)]


ATTRIBUTES = {"text": "said", "by": "critic", "name": "called", "remarks": "words"}


def remarks_on(pages: int) -> list[Praise | Blame]:
    """Nobody reads short books."""
    return [Praise("great", pages // 100), Blame("long")] if pages >= 100 else []


def best_of(pages: int) -> Praise | None:
    return Praise("best", 5) if pages >= 300 else None


_LONGER = Template(
    # The parent's own row can be asked, by what stands beside its key.
    lambda child, born, than: (child.c.pages > than) & (born.is_(None) | (born > 0))
)
_SHORTER = Template(lambda child, _born, than: child.c.pages < than)
_FROM = Template(lambda child, number: child.c.number >= number)


def _written(arguments: Mapping[str, Any], given: Any) -> list[Condition]:
    return [_LONGER(arguments["longerThan"] or 0), _SHORTER(given["most"])]


ENTITIES = {
    "Author": Entity(
        "Author",
        authors,
        {
            "id": Column(authors.c.id),
            "name": Column(authors.c.name),
            "born": Column(authors.c.born),
            "books": ToMany(
                "Book",
                parent=(authors.c.id,),
                child=(books.c.author_id,),
                order_by=(books.c.pages, books.c.id),
                where=_written,
                parent_columns=(authors.c.born,),
            ),
        },
    ),
    "Book": Entity(
        "Book",
        books,
        {
            "id": Column(books.c.id),
            "name": Column(books.c.name),
            "pages": Column(books.c.pages),
            "loud": Computed(
                lambda given, name: f"{given['greeting']} {name}!".upper(), (books.c.name,)
            ),
            "author": ToOne("Author", authors),
            "editor": ToOne("Author", editors),
            "print": Embedded("Print"),
            "cover": Embedded("Cover", books.c.colour),
            "chapters": ToMany(
                "Chapter",
                parent=(books.c.id,),
                child=(chapters.c.book_id,),
                order_by=(chapters.c.number,),
                where=lambda arguments, _given: [_FROM(arguments["from"])],
            ),
            "tags": ToMany(
                "Tag",
                parent=(books.c.id,),
                child=(book_tags.c.book_id,),
                order_by=(tags.c.name,),
                through=lambda link, tag: link.c.tag_id == tag.c.id,
            ),
            "remarks": Computed(lambda _given, pages: remarks_on(pages), (books.c.pages,)),
            "best": Computed(lambda _given, pages: best_of(pages), (books.c.pages,)),
        },
        joins={
            authors: lambda mine, other: other.c.id == mine.c.author_id,
            editors: lambda mine, other: other.c.id == mine.c.editor_id,
        },
    ),
    "Print": Entity(
        "Print",
        books,
        {
            "pages": Column(books.c.pages),
            "heavy": Column(books.c.pages, lambda pages: pages >= 300),
            "author": ToOne("Author", authors),
        },
        joins={authors: lambda mine, other: other.c.id == mine.c.author_id},
    ),
    "Cover": Entity(
        "Cover", books, {"colour": Column(books.c.colour), "book": Column(books.c.name)}
    ),
    "Chapter": Entity(
        "Chapter",
        chapters,
        {
            "number": Column(chapters.c.number),
            "name": Column(chapters.c.name),
            "book": ToOne("Book", books),
        },
        joins={books: lambda mine, other: other.c.id == mine.c.book_id},
    ),
    "Tag": Entity(
        "Tag",
        tags,
        {
            "name": Column(tags.c.name),
            "books": ToMany(
                "Book",
                parent=(tags.c.id,),
                child=(book_tags.c.tag_id,),
                order_by=(books.c.id,),
                through=lambda link, book: link.c.book_id == book.c.id,
            ),
        },
    ),
}

REGISTRY = Registry(
    ENTITIES,
    attribute_name=lambda _type, name: ATTRIBUTES.get(name, name),
    type_name=lambda value: type(value).__name__,
)
GIVEN = {"greeting": "hi", "most": 1_000}


# Through the projection


@dataclass
class Asked:
    """One operation: its connection, and what the projection made.

    ``shaped`` is what the projection answered each root field with, before anything walks over it.
    """

    rows: ConnectionRows
    shaped: dict[str, Any] = field(default_factory=dict)


Info = GraphQLResolveInfo[Asked]


def _planner(info: Info) -> Planner:
    return Planner(REGISTRY, Operation.of(info), info.context.rows.dialect)


async def _everything(source: ListSource, info: Info) -> Any:
    plan = ListPlan(_planner(info), source.entity, source.order_by, info.field_nodes)
    return await plan.fetch(info.context.rows, source, GIVEN, Operation.of(info).variables)


async def _ones(asked: list[ObjectSource], info: Info) -> list[Any]:
    plan = ObjectPlan(_planner(info), asked[0].entity, info.return_type, info.field_nodes)
    return await plan.fetch(info.context.rows, asked, GIVEN, Operation.of(info).variables)


async def _books(_root: Any, info: Info) -> Any:
    return await _everything(ListSource("Book", (), (books.c.id,)), info)


async def _authors(_root: Any, info: Info) -> Any:
    return await _everything(ListSource("Author", (), (authors.c.id,)), info)


async def _book(_root: Any, info: Info, id: int) -> Any:
    [found] = await _ones([ObjectSource("Book", (id,))], info)
    return found


async def _things(_root: Any, info: Info, ids: list[int]) -> Any:
    """Books; the ids of authors are those below zero."""
    found: dict[int, Any] = {}
    for entity, sign in (("Book", 1), ("Author", -1)):
        asked = [ObjectSource(entity, (id_ * sign,)) for id_ in ids if id_ * sign > 0]
        if asked:
            made = await _ones(asked, info)
            found |= {one.key[0] * sign: shaped for one, shaped in zip(asked, made, strict=True)}
    return [found.get(id_) for id_ in ids]


async def _shelf(
    _root: Any,
    info: Info,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    page_arguments = PageArguments.of(first=first, after=after, last=last, before=before)
    page = PageSource("Book", (), BY_PAGES, page_arguments)
    kind = get_named_type(info.return_type)
    assert isinstance(kind, GraphQLObjectType)
    plan = PagePlan(_planner(info), page.entity, page.order, kind, info.field_nodes)
    return await plan.fetch(info.context.rows, page, GIVEN, Operation.of(info).variables)


def _kept(resolver: Callable[..., Any]) -> Callable[..., Any]:
    async def resolve(root: Any, info: Info, **arguments: Any) -> Any:
        made = await resolver(root, info, **arguments)
        info.context.shaped[str(info.path.key)] = made
        return made

    return resolve


def _read(source: Any, info: Info, **_arguments: Any) -> Any:
    return source[info.path.key]


def _type_of(value: Any, *_: Any) -> str:
    return value.type_name if isinstance(value, TypedObject) else type(value).__name__


def _through_the_projection() -> GraphQLSchema:
    schema = build_schema(SDL)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for one in kind.fields.values():
                one.resolve = _read
        if is_abstract_type(kind):
            kind.resolve_type = _type_of
    assert schema.query_type
    for name, resolver in (
        ("books", _books),
        ("authors", _authors),
        ("book", _book),
        ("things", _things),
        ("shelf", _shelf),
    ):
        schema.query_type.fields[name].resolve = _kept(resolver)
    return schema


SCHEMA = _through_the_projection()
RULES = [
    rule for rule in specified_rules if rule not in (NoUnusedVariablesRule, NoUnusedFragmentsRule)
]


@dataclass
class Library:
    """The library's database, on one connection."""

    rows: ConnectionRows

    @property
    def statements(self) -> list[str]:
        return self.rows.statements

    @classmethod
    async def open(cls, connection: AsyncConnection) -> "Library":
        await connection.run_sync(metadata.create_all)
        for table, rows in ROWS.items():
            await connection.execute(sa.insert(table), rows)
        return cls(ConnectionRows(connection))

    async def ask(
        self, query: str, variables: dict[str, Any] | None = None
    ) -> tuple[ExecutionResult, dict[str, Any]]:
        """The answer, and what the projection shaped for each root field."""
        document = parse(query)
        assert validate(SCHEMA, document, RULES) == []
        self.statements.clear()
        asked = Asked(self.rows)
        made = execute(SCHEMA, document, context_value=asked, variable_values=variables or {})
        result = made if isinstance(made, ExecutionResult) else await made
        assert isinstance(result, ExecutionResult)
        return result, asked.shaped


# Over plain objects


def _rows(table: sa.Table, **where: Any) -> list[dict[str, Any]]:
    return [row for row in ROWS[table] if all(row[name] == value for name, value in where.items())]


def _one(table: sa.Table, id_: Any) -> dict[str, Any] | None:
    return next(iter(_rows(table, id=id_)), None)


def _of(kind: str) -> Callable[..., Any]:
    return lambda row, *_, **__: row and {**row, "kind": kind}


PLAINLY: dict[str, dict[str, Callable[..., Any]]] = {
    "Author": {
        "books": lambda row, _info, longerThan=0: sorted(  # noqa: N803 - the argument's name
            (one for one in _rows(books, author_id=row["id"]) if one["pages"] > (longerThan or 0)),
            key=lambda one: (one["pages"], one["id"]),
        ),
    },
    "Book": {
        "loud": lambda row, _info: f"HI {row['name'].upper()}!",
        "author": lambda row, _info: _one(authors, row["author_id"]),
        "editor": lambda row, _info: _one(authors, row["editor_id"]),
        "print": lambda row, _info: row,
        "cover": lambda row, _info: row if row["colour"] is not None else None,
        "chapters": lambda row, _info, **given: sorted(
            (one for one in _rows(chapters, book_id=row["id"]) if one["number"] >= given["from"]),
            key=lambda one: one["number"],
        ),
        "tags": lambda row, _info: sorted(
            (_rows(tags, id=link["tag_id"])[0] for link in _rows(book_tags, book_id=row["id"])),
            key=lambda one: one["name"],
        ),
        "remarks": lambda row, _info: remarks_on(row["pages"]),
        "best": lambda row, _info: best_of(row["pages"]),
    },
    "Print": {
        "heavy": lambda row, _info: row["pages"] >= 300,
        "author": lambda row, _info: _one(authors, row["author_id"]),
    },
    "Cover": {"book": lambda row, _info: row["name"]},
    "Chapter": {"book": lambda row, _info: _one(books, row["book_id"])},
    "Tag": {
        "books": lambda row, _info: sorted(
            (_rows(books, id=link["book_id"])[0] for link in _rows(book_tags, tag_id=row["id"])),
            key=lambda one: one["id"],
        ),
    },
    "Praise": {"text": lambda one, _info: one.said, "by": lambda one, _info: one.critic},
    "Blame": {"text": lambda one, _info: one.said},
    "Critic": {"name": lambda one, _info: one.called, "remarks": lambda one, _info: one.words},
    "Query": {
        "books": lambda _root, _info: _rows(books),
        "authors": lambda _root, _info: _rows(authors),
        "book": lambda _root, _info, **given: _one(books, given["id"]),
        "things": lambda _root, _info, ids: [
            _of("Book")(_one(books, id_)) if id_ > 0 else _of("Author")(_one(authors, -id_))
            for id_ in ids
        ],
    },
}


def _plain() -> GraphQLSchema:
    schema = build_schema(SDL)
    for name, resolvers in PLAINLY.items():
        kind = schema.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        for key, resolver in resolvers.items():
            kind.fields[key].resolve = resolver
    for kind in schema.type_map.values():
        if is_abstract_type(kind):
            kind.resolve_type = lambda value, *_: (
                value["kind"] if isinstance(value, dict) else type(value).__name__
            )
    return schema


PLAIN = _plain()


def answer_plainly(query: str, variables: dict[str, Any] | None = None) -> Any:
    """What the answer has to be."""
    result = execute_sync(PLAIN, parse(query), variable_values=variables or {})
    assert result.errors is None, result.errors
    return result.data
