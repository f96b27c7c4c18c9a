"""Refuses documents that would cost too much, in time linear in the size of the document."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    Source,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)
from graphql.language.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import (
        DocumentNode,
        GraphQLCompositeType,
        GraphQLField,
        GraphQLSchema,
        SelectionNode,
        SelectionSetNode,
    )

CODE: Final = "QUERY_TOO_COMPLEX"

MAX_CHARACTERS: Final = 64_000
"""Of the document's text. Long values belong into variables, which the body limit bounds."""

MAX_TOKENS: Final = 1_500
"""Of the document, comments included; GraphiQL's introspection has about 250. The standard rules
compare fields and fragments pair by pair: the worst 1,500 tokens cost them 0.2 s."""

MAX_NESTING: Final = 60
"""Selection sets inside one another, whether by fields, inline fragments or spreads."""

MAX_PAGE_SIZE: Final = 100
"""What a page size that stands in a variable is taken for: plans and verdicts are cached by text,
so they cannot depend on values."""

DEFAULT_PAGE_SIZE: Final = 20
"""What a connection answers when it is not told."""

PLAIN_LIST_SIZE: Final = 10
"""What a list that is not paged is taken for."""

_ENDLESS: Final = 10**9  # sums saturate here: chained fragments could reach 2^500
_PAGE_ARGUMENTS: Final = ("first", "last", "ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a selection set asks for, its fragments expanded.

    `values` estimates how many values the answer holds: each field counts once for each object
    that its enclosing pages and lists may bring. Introspection is counted apart, because tools
    ask for much more of the schema at once than clients should ask of the data.
    """

    depth: int = 0
    root_fields: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    values: int = 0
    introspection_depth: int = 0
    introspection_values: int = 0
    sign_ins: int = 0

    def beside(self, other: Load) -> Load:
        """Both in one selection set: depths do not add up, the rest does."""
        return Load(
            depth=max(self.depth, other.depth),
            root_fields=_sum(self.root_fields, other.root_fields),
            fields=_sum(self.fields, other.fields),
            aliases=_sum(self.aliases, other.aliases),
            directives=_sum(self.directives, other.directives),
            values=_sum(self.values, other.values),
            introspection_depth=max(self.introspection_depth, other.introspection_depth),
            introspection_values=_sum(self.introspection_values, other.introspection_values),
            sign_ins=_sum(self.sign_ins, other.sign_ins),
        )

    def under_field(self, *, times: int, aliased: bool, directives: int) -> Load:
        """Seen from the selection set that holds the field."""
        return Load(
            depth=self.depth + 1,
            root_fields=1,
            fields=_sum(self.fields, 1),
            aliases=_sum(self.aliases, int(aliased)),
            directives=_sum(self.directives, directives),
            values=min(_ENDLESS, 1 + self.values * times),
        )

    def as_introspection(self) -> Load:
        """Move what is asked of the schema out of the way of what is asked of the data."""
        return Load(
            root_fields=self.root_fields,
            aliases=self.aliases,
            directives=self.directives,
            introspection_depth=self.depth,
            introspection_values=self.values,
        )


LIMITS: Final = Load(
    depth=15,
    root_fields=20,
    fields=300,
    aliases=50,
    directives=50,
    values=200_000,
    introspection_depth=20,
    introspection_values=100_000,
    sign_ins=1,
)

MAX_ROOT_MUTATIONS: Final = 10
"""Each is a transaction."""

_SIGN_IN: Final = "signIn"
"""One in a request: with more, aliases would make one request many guesses at passwords."""


def parse_within_limits(text: str) -> DocumentNode:
    """Parse a document.

    Raises:
        GraphQLError: `QUERY_TOO_COMPLEX` where it is too long or too deep,
            `GRAPHQL_PARSE_FAILED` where it is not GraphQL.
    """
    if len(text) > MAX_CHARACTERS:
        raise _excess("characters", allowed=MAX_CHARACTERS, found=len(text))
    parser = Parser(Source(text), max_tokens=MAX_TOKENS)
    try:
        return parser.parse_document()
    except RecursionError:
        pass  # graphql-core stops at 200 levels; raising here would keep their frames alive
    except GraphQLSyntaxError as error:
        if parser.token_count <= MAX_TOKENS and "Parsing aborted" not in error.message:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            raise
        raise _excess("tokens", allowed=MAX_TOKENS, found=None) from error
    raise _excess("nesting", allowed=MAX_NESTING, found=None)


def excesses(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Name each limit that an operation of the document exceeds."""
    scales = Scales(schema, document)
    try:
        return [
            error
            for operation in operations_of(document)
            for error in _compare(operation, scales.weigh(operation))
        ]
    except _NestedTooDeeplyError:
        return [_excess("nesting", allowed=MAX_NESTING, found=None)]


class Scales:
    """Weighs operations; each fragment is weighed once, however often it is spread.

    `visited` counts the selections looked at, for the test that holds this to linear time.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.visited = 0
        self._schema = schema
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._weighed: dict[str, Load] = {}
        self._nesting = 0

    def weigh(self, operation: OperationDefinitionNode) -> Load:
        """Weigh an operation and the directives on it.

        Raises:
            _NestedTooDeeplyError: before the interpreter's stack is in danger.
        """
        root = self._schema.get_root_type(operation.operation)
        load = self._selection_set(operation.selection_set, root)
        return load.beside(Load(directives=len(operation.directives or ())))

    def _selection_set(
        self, selection_set: SelectionSetNode, parent: GraphQLCompositeType | None
    ) -> Load:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise _NestedTooDeeplyError
        load = Load()
        for selection in selection_set.selections:
            self.visited += 1
            load = load.beside(self._selection(selection, parent))
        self._nesting -= 1
        return load

    def _selection(self, selection: SelectionNode, parent: GraphQLCompositeType | None) -> Load:
        if isinstance(selection, FieldNode):
            return self._field(selection, parent)
        directives = Load(directives=len(selection.directives or ()))
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value).beside(directives)
        assert isinstance(selection, InlineFragmentNode)  # noqa: S101 -- there is no fourth kind
        condition = selection.type_condition
        narrowed = self._composite(condition.name.value) if condition else parent
        return self._selection_set(selection.selection_set, narrowed).beside(directives)

    def _field(self, node: FieldNode, parent: GraphQLCompositeType | None) -> Load:
        name = node.name.value
        # A field that does not exist is weighed too: the standard rules report it, afterwards.
        field = self._schema.get_field(parent, name) if parent else None
        named = get_named_type(field.type) if field else None
        target = named if is_composite_type(named) else None
        inside = self._selection_set(node.selection_set, target) if node.selection_set else Load()
        load = inside.under_field(
            times=_times(node, field, parent),
            aliased=node.alias is not None,
            directives=len(node.directives or ()),
        )
        if name == _SIGN_IN and parent is self._schema.mutation_type:
            load = replace(load, sign_ins=1)
        return load.as_introspection() if name in {"__schema", "__type"} else load

    def _fragment(self, name: str) -> Load:
        if name not in self._weighed:
            # What an unknown or circular spread weighs: the standard rules report it, afterwards.
            self._weighed[name] = Load()
            if fragment := self._fragments.get(name):
                condition = self._composite(fragment.type_condition.name.value)
                self._weighed[name] = self._selection_set(fragment.selection_set, condition)
        return self._weighed[name]

    def _composite(self, name: str) -> GraphQLCompositeType | None:
        named = self._schema.get_type(name)
        return named if is_composite_type(named) else None


class _NestedTooDeeplyError(Exception):
    pass


def operations_of(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    """Skip the fragments."""
    return (d for d in document.definitions if isinstance(d, OperationDefinitionNode))


def _compare(operation: OperationDefinitionNode, load: Load) -> Iterator[GraphQLError]:
    for limit in fields(Load):
        allowed = getattr(LIMITS, limit.name)
        if limit.name == "root_fields" and operation.operation is OperationType.MUTATION:
            allowed = MAX_ROOT_MUTATIONS
        found = getattr(load, limit.name)
        if found > allowed:
            yield _excess(limit.name, allowed=allowed, found=found, operation=operation)


def _times(node: FieldNode, field: GraphQLField | None, parent: GraphQLCompositeType | None) -> int:
    """Return how many objects a field may bring."""
    if field is None:
        return 1
    if any(name in field.args for name in _PAGE_ARGUMENTS):
        return _page_size(node)
    if "pageInfo" in getattr(parent, "fields", ()):
        return 1  # the lists of a connection (`nodes`, `edges`) are its page, counted above
    return PLAIN_LIST_SIZE if is_list_type(get_nullable_type(field.type)) else 1


def _page_size(node: FieldNode) -> int:
    sizes = []
    for argument in node.arguments or ():
        if argument.name.value in _PAGE_ARGUMENTS:
            value = argument.value
            if isinstance(value, IntValueNode) and len(value.value) <= len(str(MAX_PAGE_SIZE)):
                sizes.append(max(0, int(value.value)))
            elif isinstance(value, ListValueNode):
                sizes.append(len(value.values))
            elif isinstance(value, (IntValueNode, VariableNode)):
                sizes.append(MAX_PAGE_SIZE)
    return max(sizes, default=DEFAULT_PAGE_SIZE)


def _sum(one: int, other: int) -> int:
    return min(_ENDLESS, one + other)


def _excess(
    limit: str,
    *,
    allowed: int,
    found: int | None,
    operation: OperationDefinitionNode | None = None,
) -> GraphQLError:
    """Word an excess; `found` is null where counting stopped at the limit."""
    what = limit.replace("_", " ")
    excess = "goes beyond" if found is None else f"comes to {found}"
    return GraphQLError(
        f"The query is too complex: its {what} may come to {allowed}, and {excess}",
        operation,
        extensions={"code": CODE, "limit": limit, "allowed": allowed, "found": found},
    )
