"""Writes valid operations over the schema, whatever it holds: the type map says what can be asked.

A key of an answer always stands for the same field with the same arguments wherever two selections
could meet in one object, so that any of them can be merged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from execution.limits import LIMITS
from tests.generated.tape import Tape
from tests.generated.values import CURSOR, Values, literal

DEEPEST: Final = 7
WIDEST: Final = 5
MOST_FIELDS: Final = 90
MOST_ALIASES: Final = LIMITS.aliases - 5
MOST_DIRECTIVES: Final = LIMITS.directives - 5
PAGE: Final = ("first", "after", "last", "before")

Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True)
class Variable:
    """A variable of a document; ``place`` says what its values are for."""

    name: str
    kind: GraphQLInputType
    place: str
    default: str | None

    @property
    def definition(self) -> str:
        return f"${self.name}: {self.kind}" + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True)
class Piece:
    """A selection and the variables that it and its fragments use."""

    text: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True)
class Operation:
    """One of a document's operations, and what it can be given."""

    name: str | None
    variables: tuple[Variable, ...]


@dataclass(frozen=True)
class Document:
    """A document, and what must be known to ask it."""

    text: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Cost:
    """What the server's limits count, fragments expanded."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def __add__(self, more: "Cost") -> "Cost":
        return Cost(
            self.fields + more.fields,
            self.aliases + more.aliases,
            self.directives + more.directives,
        )

    def __sub__(self, less: "Cost") -> "Cost":
        return self + Cost(-less.fields, -less.aliases, -less.directives)

    @property
    def fits(self) -> bool:
        return (
            self.fields <= MOST_FIELDS
            and self.aliases <= MOST_ALIASES
            and self.directives <= MOST_DIRECTIVES
        )


@dataclass(frozen=True)
class Fragment:
    """A fragment that is written to its end; the one being written cannot be spread in itself."""

    name: str
    variables: frozenset[str]
    cost: Cost


@dataclass(frozen=True)
class Chosen:
    """A field with its key and arguments, to be asked for once more with another selection."""

    field: GraphQLField
    head: str
    cost: Cost
    variables: frozenset[str]


@dataclass
class Writer:
    """Writes one document. ``roots`` are the fields of the root that may be asked for."""

    schema: GraphQLSchema
    tape: Tape
    values: Values
    roots: Mapping[str, GraphQLField]
    _variables: dict[str, Variable] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _fragments: dict[str, list[Fragment]] = field(default_factory=dict)
    _definitions: list[str] = field(default_factory=list)
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _spent: Cost = field(default_factory=Cost)

    def document(self) -> Document:
        """One query, or several of which one must be named."""
        many = 2 + self.tape.below(2) if self.tape.happens(12) else 1
        root = self.schema.query_type
        assert root is not None
        texts, operations = [], []
        for at in range(many):
            piece = self.piece(root)
            name = f"Q{at}" if many > 1 or self.tape.happens(30) else None
            shorthand = name is None and not piece.variables and self.tape.happens(50)
            texts.append(piece.text if shorthand else operation("query", name, piece))
            operations.append(Operation(name, piece.variables))
        fragments = self.fragments
        parts = [*fragments, *texts] if self.tape.happens(20) else [*texts, *fragments]
        return Document("\n".join(parts), tuple(operations))

    def piece(self, kind: Composite) -> Piece:
        """A selection by itself; its fragments have to stand beside it."""
        self._used = set()
        text = self._selection(kind, 0)
        return Piece(text, tuple(self._variables[name] for name in sorted(self._used)))

    @property
    def fragments(self) -> list[str]:
        return list(self._definitions)

    # Selections

    def _selection(self, kind: Composite, depth: int) -> str:
        # Few fields of the root: each is a statement or more, and a refused one may empty the rest.
        wide = WIDEST if depth or self.tape.happens(20) else 2
        size = 1 + self.tape.below(wide)
        chosen: list[Chosen] = []
        return "{ " + " ".join(self._part(kind, depth, chosen) for _ in range(size)) + " }"

    def _part(self, kind: Composite, depth: int, chosen: list[Chosen]) -> str:
        if self._is_tight(depth):
            return self._leaf(kind)
        shape = self.tape.below(20)
        if isinstance(kind, GraphQLInterfaceType) and shape > 4:
            shape = 12 + shape % 8
        if shape == 10 and chosen:
            return self._again(self.tape.one_of(chosen), depth)
        if shape == 11:
            return self._leaf(kind, "__typename")
        if 12 <= shape < 16:
            return self._inline(kind, depth)
        if shape >= 16:
            return self._spread(kind, depth)
        return self._field(kind, depth, chosen)

    def _is_tight(self, depth: int) -> bool:
        room = Cost(fields=WIDEST * 2, aliases=WIDEST, directives=WIDEST)
        return depth >= DEEPEST or not (self._spent + room).fits

    def _inline(self, kind: Composite, depth: int) -> str:
        onto = self._narrowed(kind)
        bare = onto is kind and self.tape.happens(50)
        directives = self._directives()
        return f"...{'' if bare else f' on {onto}'}{directives} {self._selection(onto, depth + 1)}"

    def _spread(self, kind: Composite, depth: int) -> str:
        onto = self._narrowed(kind)
        known = self._fragments.setdefault(onto.name, [])
        if not known or self.tape.happens(50):
            known.append(self._fragment(onto, depth))
            fragment = known[-1]
        else:
            fragment = self.tape.one_of(known)
            if not (self._spent + fragment.cost).fits:
                return self._leaf(kind)
            self._spent += fragment.cost
            self._used |= fragment.variables
        return f"...{fragment.name}{self._directives()}"

    def _fragment(self, onto: Composite, depth: int) -> Fragment:
        before, outside = self._spent, self._used
        self._used = set()
        body = self._selection(onto, depth + 1)
        name = f"F{len(self._definitions)}"
        self._definitions.append(f"fragment {name} on {onto} {body}")
        inside, self._used = frozenset(self._used), outside | self._used
        return Fragment(name, inside, self._spent - before)

    def _narrowed(self, kind: Composite) -> Composite:
        """A type that a fragment can be on where objects of ``kind`` are."""
        wider = list(kind.interfaces) if isinstance(kind, GraphQLObjectType) else []
        narrower: list[Any] = []
        if isinstance(kind, GraphQLInterfaceType):
            narrower = list(self.schema.get_possible_types(kind))
            if self.tape.happens(80):
                return self.tape.one_of(narrower)
        return self.tape.one_of([kind, *wider, *narrower])

    # Fields

    def _fields(self, kind: Composite) -> Mapping[str, GraphQLField]:
        return self.roots if kind is self.schema.query_type else kind.fields

    def _field(self, kind: Composite, depth: int, chosen: list[Chosen]) -> str:
        fields = self._fields(kind)
        below = [
            one for one, asked in fields.items() if is_composite_type(get_named_type(asked.type))
        ]
        # What lies deep would hardly ever be reached, as most fields are leaves.
        name = self.tape.one_of(below if below and self.tape.happens(30) else list(fields))
        return self._asked(kind, name, fields[name], depth, chosen)

    def _leaf(self, kind: Composite, name: str = "") -> str:
        """A field with nothing below it."""
        leaves = [
            one
            for one, field_ in self._fields(kind).items()
            if not is_composite_type(get_named_type(field_.type)) and not field_.args
        ]
        name = name or self.tape.one_of([*leaves, "__typename"])
        if name == "__typename":
            self._spent += Cost(fields=1)
            key = self._key(kind, "__typename", "__typename")
            return f"{key}{self._directives()}"
        return self._asked(kind, name, self._fields(kind)[name], DEEPEST, [])

    def _asked(
        self, kind: Composite, name: str, asked: GraphQLField, depth: int, chosen: list[Chosen]
    ) -> str:
        outside, self._used = self._used, set()
        before = self._spent
        self._spent += Cost(fields=1)
        said = f"{name}{self._arguments(name, asked)}"
        head = self._key(kind, said, str(asked.type))
        variables, self._used = frozenset(self._used), outside | self._used
        one = Chosen(asked, head, self._spent - before, variables)
        chosen.append(one)
        return f"{head}{self._directives()}{self._below(asked, depth)}"

    def _again(self, one: Chosen, depth: int) -> str:
        self._spent += one.cost
        self._used |= one.variables
        return f"{one.head}{self._directives()}{self._below(one.field, depth)}"

    def _below(self, asked: GraphQLField, depth: int) -> str:
        named = get_named_type(asked.type)
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            return ""
        return f" {self._selection(named, depth + 1)}"

    def _key(self, kind: Composite, said: str, answers: str) -> str:
        """The field under a key that means nothing else in any object of this family."""
        interfaces = kind.interfaces if isinstance(kind, GraphQLObjectType) else ()
        family = interfaces[0].name if interfaces else kind.name
        meaning = f"{said} {answers}"
        bare = said.partition("(")[0]
        if not self.tape.happens(12) and self._keys.setdefault((family, bare), meaning) == meaning:
            return said
        others = [name for name in self._fields(kind) if name != bare]
        wanted = self.tape.one_of(["a", "b", "_", *others])
        at = 0
        key = wanted
        while key == bare or self._keys.setdefault((family, key), meaning) != meaning:
            at += 1
            key = f"{wanted}{at}"
        self._spent += Cost(aliases=1)
        return f"{key}: {said}"

    # Arguments, directives, variables

    def _arguments(self, name: str, asked: GraphQLField) -> str:
        given = [
            one
            for one, argument in asked.args.items()
            if is_required_argument(argument) or self.tape.happens(45)
        ]
        if set(PAGE) <= set(asked.args):
            page = self.tape.one_of(
                (("first",), (), ("first", "after"), ("last",), ("last", "before"), ("after",))
            )
            page = self.tape.one_of((("before",), PAGE)) if self.tape.happens(4) else page
            given = [one for one in given if one not in PAGE] + list(page)
        said: dict[str, str] = {}
        for one in given:
            argument = asked.args[one]
            place = one
            if one in {"after", "before"}:
                of = said.get("orderBy", "APPLIED_AT_DESC") if "orderBy" in asked.args else name
                place = f"{CURSOR}{of}"
            optional = not is_required_argument(argument)
            said[one] = self._said(argument.type, place, has_default=optional)
        texts = [f"{one}: {text}" for one, text in said.items()]
        return f"({', '.join(texts)})" if texts else ""

    def _said(self, kind: GraphQLInputType, place: str, *, has_default: bool) -> str:
        if self.tape.happens(30):
            return self._variable(kind, place, has_default=has_default)
        if isinstance(kind, GraphQLNonNull):
            return self._literal(kind.of_type, place)
        return "null" if self.tape.happens(6) else self._literal(kind, place)

    def _member(self, kind: Any, place: str) -> str:  # Any: a type that may be null
        """What is one of several can be neither null nor a variable that might be."""
        if not self.tape.happens(30):
            return self._literal(kind, place)
        name = f"v{len(self._variables)}"
        self._variables[name] = Variable(name, GraphQLNonNull(kind), place, None)
        self._used.add(name)
        return f"${name}"

    def _literal(self, kind: GraphQLInputType, place: str) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self._literal(kind.of_type, place)
        if isinstance(kind, GraphQLList):
            if self.tape.happens(10):
                return self._literal(kind.of_type, place)  # one item is a list of one
            many = self.tape.one_of((1, 2, 0, 3))
            items = [self._said(kind.of_type, place, has_default=False) for _ in range(many)]
            return f"[{', '.join(items)}]"
        if isinstance(kind, GraphQLInputObjectType):
            said = {}
            for name in self.values.chosen(kind):
                asked = kind.fields[name]
                optional = not is_required_input_field(asked)
                said[name] = (
                    self._member(asked.type, name)
                    if kind.is_one_of
                    else self._said(asked.type, name, has_default=optional)
                )
            return f"{{{', '.join(f'{name}: {text}' for name, text in said.items())}}}"
        return literal(kind, self.values.present(kind, place))

    def _directives(self) -> str:
        if not self.tape.happens(15) or not (self._spent + Cost(directives=WIDEST)).fits:
            return ""
        names = self.tape.one_of(
            (("skip",), ("include",), ("skip", "include"), ("include", "skip"))
        )
        said = ""
        for name in names:
            self._spent += Cost(directives=1)
            said += f" @{name}(if: {self._condition(name)})"
        return said

    def _condition(self, name: str) -> str:
        if self.tape.happens(50):
            return self._variable(GraphQLNonNull(GraphQLBoolean), name, has_default=False)
        kept = self.tape.happens(70) == (name == "include")
        return "true" if kept else "false"

    def _variable(self, kind: GraphQLInputType, place: str, *, has_default: bool) -> str:
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        fitting = [
            one
            for one in self._variables.values()
            if one.place == place and str(one.kind) in (str(kind), f"{inner}!")
        ]
        if fitting and self.tape.happens(50):
            one = self.tape.one_of(fitting)
        else:
            one = self._new_variable(kind, inner, place, has_default=has_default)
        self._used.add(one.name)
        return f"${one.name}"

    def _new_variable(
        self, kind: GraphQLInputType, inner: Any, place: str, *, has_default: bool
    ) -> Variable:
        name, default = f"v{len(self._variables)}", None
        declared: Any = kind
        if isinstance(kind, GraphQLNonNull):
            if self.tape.happens(25):
                declared, default = inner, literal(inner, self.values.present(inner, place))
            elif has_default and self.tape.happens(50):
                declared = inner  # the location's own default stands in
        elif self.tape.happens(30):
            declared = GraphQLNonNull(inner)
        if default is None and self.tape.happens(20):
            default = literal(inner, self.values.present(inner, place))
        self._variables[name] = Variable(name, declared, place, default)
        return self._variables[name]


def operation(word: str, name: str | None, piece: Piece) -> str:
    defined = ", ".join(one.definition for one in piece.variables)
    return f"{word}{f' {name}' if name else ''}{f'({defined})' if defined else ''} {piece.text}"
