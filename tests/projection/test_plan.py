"""The projection answers what graphql-core would answer over plain objects, in few statements."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.projection.library import Library, answer_plainly

pytestmark = pytest.mark.anyio


async def same(library: Library, query: str, variables: dict[str, Any] | None = None) -> Any:
    """Hold the projection to the plain answer: what it shaped, and what is made of that."""
    result, shaped = await library.ask(query, variables)
    assert result.errors is None, result.errors
    expected = answer_plainly(query, variables)
    # As text, for the keys have to come in the order of the selection.
    assert json.dumps(result.data) == json.dumps(expected)
    assert json.dumps(shaped, sort_keys=False) == json.dumps({key: expected[key] for key in shaped})
    return expected


# What is asked, and how many statements it may take: one for the list, one for each list below.
DOCUMENTS = {
    "columns": ("{ books { id name pages } }", 1),
    "keys come in the order of the selection": ("{ books { name loud id print { pages } } }", 1),
    "aliases": ("{ all: books { a: name b: name c: id name } }", 1),
    "__typename everywhere": (
        (
            "{ books { __typename author { kind: __typename } chapters { __typename } "
            "print { __typename } remarks { __typename } } }"
        ),
        2,
    ),
    "nothing but __typename": ("{ books { __typename } }", 1),
    "a to-one that is null": ("{ books { name author { name } } }", 1),
    "a to-one of which nothing but its type is asked": ("{ books { author { __typename } } }", 1),
    "two to-ones into the same table": (
        "{ books { author { name born } editor { name born } } }",
        1,
    ),
    "a part, and one that is null": (
        "{ books { print { heavy pages } cover { colour book } } }",
        1,
    ),
    "a to-one of a part": ("{ books { print { author { name } } author { id } } }", 1),
    "a to-many, also empty": ("{ books { chapters { number name } } }", 2),
    "a to-many through a table that links": ("{ books { tags { name } } }", 2),
    "a to-many below a to-one that may be null": ("{ books { author { books { name } } } }", 2),
    "a to-many below a to-one twice": (
        "{ books { author { books { name } } editor { books { name } } } }",
        3,
    ),
    "the same list twice with other arguments": (
        (
            "{ books { chapters { name } late: chapters(from: 2) { number } "
            "none: chapters(from: 9) { number } } }"
        ),
        4,
    ),
    "arguments from variables": (
        "query($from: Int!) { books { chapters(from: $from) { number } } }",
        2,
    ),
    "an argument that the parent's row is needed for": (
        "{ authors { name books(longerThan: 100) { name } all: books { name } } }",
        3,
    ),
    "an argument that is null": ("{ authors { books(longerThan: null) { name } } }", 2),
    "lists in lists in lists": (
        "{ authors { books { tags { name books { chapters { name } } } chapters { name } } } }",
        6,
    ),
    "up again": ("{ books { chapters { name book { name author { name } } } } }", 2),
    "duplicates are merged in one key": (
        (
            "{ books { author { name } author { id } author { books { id } } "
            "author { books { name } } chapters { name } chapters { number } } }"
        ),
        3,
    ),
    "fragments in fragments": (
        (
            "{ books { ...A id } } fragment A on Book { name ...B ... { pages } } "
            "fragment B on Book { author { ...C } name } fragment C on Author { born }"
        ),
        1,
    ),
    "a fragment spread twice": (
        (
            "{ books { ...A ...A author { ...N } } } fragment A on Book { name author { ...N } } "
            "fragment N on Author { id }"
        ),
        1,
    ),
    "type conditions": (
        (
            "{ books { ... on Book { id } ... on Thing { name } author { ... on Thing { id } "
            "... on Author { born } } } }"
        ),
        1,
    ),
    "one object": ("{ book(id: 1) { name author { name } tags { name } } }", 2),
    "one object that is not there": ("{ book(id: 99) { name chapters { name } } }", 1),
    "several root fields": ("{ a: book(id: 1) { name } b: book(id: 2) { name } books { id } }", 3),
    "objects of two types": (
        (
            "{ things(ids: [2, -1, 99, 1, -99, 2]) { __typename id name ... on Book { pages "
            "author { name } } ... on Author { born books { name } } ...T } } "
            "fragment T on Thing { again: name }"
        ),
        3,
    ),
    "plain objects": (
        (
            "{ books { remarks { __typename text ... on Praise { stars by { name "
            "remarks { text } } } } best { ... on Praise { n: stars } text } } }"
        ),
        1,
    ),
    "skipped and included": (
        (
            "query($yes: Boolean!, $no: Boolean!) { books { id @skip(if: $yes) "
            "name @include(if: $yes) pages @skip(if: $no) loud @include(if: $no) "
            "tags @include(if: $no) { name } "
            "... @skip(if: $yes) { chapters { name } } ...F @include(if: $no) "
            "author @skip(if: false) @include(if: true) { name } "
            "cover @skip(if: true) @include(if: true) { colour } } } "
            "fragment F on Book { chapters { name } }"
        ),
        1,
    ),
    "a fragment is skipped in one place and spread in another": (
        "query($yes: Boolean!) { books { ...F @skip(if: $yes) ...F } } fragment F on Book { name }",
        1,
    ),
    "one key skipped in one place and asked in another": (
        "query($yes: Boolean!) { books { author @skip(if: $yes) { name } author { born } } }",
        1,
    ),
    "everything skipped": ("query($yes: Boolean!) { books { id @skip(if: $yes) } }", 1),
}
VARIABLES = {"yes": True, "no": False, "from": 2}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_the_projection_answers_what_plain_objects_would(library: Library, name: str) -> None:
    query, statements = DOCUMENTS[name]
    await same(library, query, VARIABLES)
    assert len(library.statements) == statements


async def test_only_what_is_asked_is_selected(library: Library) -> None:
    await same(library, "{ books { name print { heavy } tags { name } } }")
    of_books, of_tags = library.statements
    assert "book.name" in of_books
    assert "book.pages" in of_books
    for hidden in ("colour", "author_id", "editor_id", "JOIN"):
        assert hidden not in of_books
    assert "pages" not in of_tags


async def test_a_column_is_selected_once_however_often_it_is_asked_for(library: Library) -> None:
    await same(library, "{ books { pages more: pages print { pages heavy } remarks { text } } }")
    [of_books] = library.statements
    assert of_books.count("book.pages") == 1


async def test_what_is_skipped_is_not_fetched(library: Library) -> None:
    query = (
        "query($with: Boolean!) { books { name author @include(if: $with) { name } "
        "tags @include(if: $with) { name } } }"
    )
    await same(library, query, {"with": False})
    assert len(library.statements) == 1
    assert "author" not in library.statements[0]
    await same(library, query, {"with": True})
    assert len(library.statements) == 2
    assert "author" in library.statements[0]


async def test_no_rows_no_further_statement(library: Library) -> None:
    await same(library, "{ book(id: 99) { tags { name books { id } } } }")
    assert len(library.statements) == 1


# Any selection whatever

FIELDS: dict[str, dict[str, str | None]] = {
    "Query": {"books": "Book", "authors": "Author", "things(ids: [1, -1, 4, 7])": "Thing"},
    "Thing": {"id": None, "name": None},
    "Author": {
        "id": None,
        "name": None,
        "born": None,
        "books": "Book",
        "books(longerThan: 99)": "Book",
    },
    "Book": {
        "id": None,
        "name": None,
        "pages": None,
        "loud": None,
        "author": "Author",
        "editor": "Author",
        "print": "Print",
        "cover": "Cover",
        "chapters": "Chapter",
        "chapters(from: 2)": "Chapter",
        "tags": "Tag",
        "remarks": "Remark",
        "best": "Remark",
    },
    "Print": {"pages": None, "heavy": None, "author": "Author"},
    "Cover": {"colour": None, "book": None},
    "Chapter": {"number": None, "name": None, "book": "Book"},
    "Tag": {"name": None, "books": "Book"},
    "Remark": {"text": None},
    "Praise": {"text": None, "stars": None, "by": "Critic"},
    "Blame": {"text": None},
    "Critic": {"name": None, "remarks": "Remark"},
}
NARROWER = {"Thing": ["Thing", "Book", "Author"], "Remark": ["Remark", "Praise", "Blame"]}
WIDER = {"Book": "Thing", "Author": "Thing", "Praise": "Remark", "Blame": "Remark"}
DIRECTIVES = ["", "", "", " @skip(if: $yes)", " @skip(if: $no)", " @include(if: $yes)"]
DEEPEST = 4


class Writer:
    """Writes a document; each key says which field it is and with what, so that keys can merge."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.fragments: dict[str, list[str]] = {}
        self.definitions: list[str] = []

    def document(self) -> str:
        operation = f"query($yes: Boolean!, $no: Boolean!) {self.selection('Query', 0)}"
        return " ".join([operation, *self.definitions])

    def selection(self, kind: str, depth: int) -> str:
        size = self.draw(st.integers(min_value=1, max_value=4))
        return "{ " + " ".join(self.part(kind, depth) for _ in range(size)) + " }"

    def part(self, kind: str, depth: int) -> str:
        shape = self.draw(st.sampled_from(["field", "field", "field", "inline", "spread"]))
        directive = self.draw(st.sampled_from(DIRECTIVES))
        if kind == "Query" or depth >= DEEPEST or shape == "field":
            return self.field(kind, depth, directive)
        onto = self.draw(st.sampled_from([*NARROWER.get(kind, [kind]), WIDER.get(kind, kind)]))
        if shape == "inline":
            return f"... on {onto}{directive} {self.selection(onto, depth + 1)}"
        known = self.fragments.setdefault(onto, [])
        if not known or self.draw(st.booleans()):
            body = self.selection(onto, depth + 1)
            name = f"F{len(self.definitions)}"
            self.definitions.append(f"fragment {name} on {onto} {body}")
            known.append(name)
        return f"...{self.draw(st.sampled_from(known))}{directive}"

    def field(self, kind: str, depth: int, directive: str) -> str:
        leaves = [name for name, below in FIELDS[kind].items() if below is None]
        choices = [*FIELDS[kind]] if depth < DEEPEST else [*leaves, "__typename"]
        if kind != "Query":
            choices.append("__typename")
        name = self.draw(st.sampled_from(choices))
        bare, _, arguments = name.partition("(")
        key = f"{bare}_x: " if arguments or self.draw(st.booleans()) else ""
        if key and not arguments:
            key = f"{bare}_y: "
        below = FIELDS[kind].get(name)
        inner = f" {self.selection(below, depth + 1)}" if below else ""
        return f"{key}{name}{directive}{inner}"


@st.composite
def documents(draw: Any) -> str:
    return Writer(draw).document()


@settings(deadline=None, max_examples=60)
@given(documents())
async def test_any_selection_is_answered_as_plain_objects_would(
    library: Library, query: str
) -> None:
    await same(library, query, VARIABLES)
