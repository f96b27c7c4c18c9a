"""The schema is written down, and every root field is guarded and described."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import strawberry
from graphql import (
    DirectiveLocation,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    is_introspection_type,
    is_non_null_type,
    is_specified_directive,
    is_specified_scalar_type,
    parse,
)

from schema import build as building
from schema.build import build
from schema.fields import PUBLIC, query
from schema.mutations import Mutation
from schema.queries import Query

SDL = Path(__file__).parents[2] / "schema.graphql"
GUARDS = {"requires", "signedIn", "public"}


def test_schema_graphql_is_what_the_code_says(schema: strawberry.Schema) -> None:
    is_current = SDL.read_text("utf-8") == schema.as_str() + "\n"
    assert is_current, "run `make schema`, and say in CHANGELOG.md, under Schema, what changed"


def root_fields() -> Iterator[tuple[str, list[str]]]:
    """Every root field in schema.graphql, and the directives on it."""
    for definition in parse(SDL.read_text("utf-8")).definitions:
        if isinstance(definition, ObjectTypeDefinitionNode):
            root = definition.name.value
            if root in ("Query", "Mutation", "Subscription"):
                for field in definition.fields or ():
                    names = [directive.name.value for directive in field.directives or ()]
                    yield f"{root}.{field.name.value}", names


def test_every_root_field_says_once_who_may_use_it() -> None:
    guards = {
        name: [guard for guard in directives if guard in GUARDS]
        for name, directives in root_fields()
    }
    assert len(guards) > 40
    assert {name: names for name, names in guards.items() if len(names) != 1} == {}


def test_only_what_needs_nobody_is_public() -> None:
    public = {name for name, directives in root_fields() if "public" in directives}
    assert public == {
        "Mutation.signIn",
        "Mutation.refreshSession",
        "Mutation.redeemPasswordReset",
        "Mutation.beginSingleSignOn",
        "Mutation.completeSingleSignOn",
        "Query.viewer",
        "Query.serverTime",
        "Query.lifecycle",
        "Query.divisions",
        "Query.evidenceRules",
        "Query.reasons",
        "Query.permissions",
        "Query.qualityMetrics",
    }


def built_with(
    monkeypatch: pytest.MonkeyPatch, query: type = Query, mutation: type = Mutation
) -> strawberry.Schema:
    monkeypatch.setattr(building, "Query", query)
    monkeypatch.setattr(building, "Mutation", mutation)
    return build()


def test_a_root_field_that_does_not_say_who_may_use_it_is_not_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @strawberry.type(name="Query")
    class CarelessQuery(Query):
        @strawberry.field(description="Open to everybody by mistake.")
        def secret_plan(self) -> str:
            return "?"

    @strawberry.type(name="Mutation")
    class CarelessMutation(Mutation):
        @strawberry.mutation(description="Open to everybody by mistake.")
        async def launch(self) -> bool:
            return True

    @strawberry.type(name="Query")
    class CarefulQuery(Query):
        @query(PUBLIC)
        def open_plan(self) -> str:
            """Open to everybody on purpose."""
            return "!"

    with pytest.raises(TypeError, match=r"^Query\.secretPlan does not say"):
        built_with(monkeypatch, query=CarelessQuery)
    with pytest.raises(TypeError, match=r"^Mutation\.launch does not say"):
        built_with(monkeypatch, mutation=CarelessMutation)
    assert "openPlan: String! @public" in built_with(monkeypatch, query=CarefulQuery).as_str()


def test_a_root_field_without_a_docstring_is_not_declared() -> None:
    def silent(_self: object) -> str:
        return "?"

    with pytest.raises(TypeError, match="silent has no docstring"):
        query(PUBLIC)(silent)


def described(core: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Each part of the schema that can have a description, with its description."""
    for name, kind in core.type_map.items():
        if not (is_introspection_type(kind) or is_specified_scalar_type(kind)):
            yield name, kind.description
            yield from parts_of(kind)
    for directive in core.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive.description
            for key, argument in directive.args.items():
                yield f"@{directive.name}({key}:)", argument.description


def parts_of(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for key, field in kind.fields.items():
            yield f"{kind.name}.{key}", field.description
            for argument_name, argument in field.args.items():
                yield f"{kind.name}.{key}({argument_name}:)", argument.description
    elif isinstance(kind, GraphQLInputObjectType):
        for key, value in kind.fields.items():
            yield f"{kind.name}.{key}", value.description
    elif isinstance(kind, GraphQLEnumType):
        for key, enum_value in kind.values.items():
            yield f"{kind.name}.{key}", enum_value.description


def test_a_fact_of_one_name_has_one_type_in_all_refusals(schema: strawberry.Schema) -> None:
    """A selection of the facts of all refusals then needs no aliases."""
    core = schema._schema
    refusal = core.type_map["Refusal"]
    assert isinstance(refusal, GraphQLInterfaceType)
    types: dict[str, set[str]] = {}
    for kind in core.get_possible_types(refusal):
        for name, field in kind.fields.items():
            types.setdefault(name, set()).add(str(field.type))
    assert len(types) > 40
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


def test_everything_is_described(schema: strawberry.Schema) -> None:
    descriptions = dict(described(schema._schema))
    assert len(descriptions) > 600
    silent = [name for name, text in descriptions.items() if not (text and text.strip())]
    assert silent == [], "give these a description in schema/"


def test_the_guards_can_only_stand_on_fields(schema: strawberry.Schema) -> None:
    for name in GUARDS:
        directive = schema._schema.get_directive(name)
        assert directive is not None
        assert set(directive.locations) == {DirectiveLocation.FIELD_DEFINITION}


def test_a_root_field_that_can_be_refused_is_nullable(schema: strawberry.Schema) -> None:
    """Its error leaves the answers of the other fields. See decision 74."""
    core = schema._schema
    assert core.query_type is not None
    assert core.mutation_type is not None
    sure = {name for name, f in core.query_type.fields.items() if is_non_null_type(f.type)}
    constants = {
        *("lifecycle", "divisions", "permissions", "reasons", "qualityMetrics", "evidenceRules")
    }
    assert sure == {"serverTime", *constants}
    assert not [n for n, f in core.mutation_type.fields.items() if is_non_null_type(f.type)]


def test_directives_stand_only_where_older_clients_know_a_place(schema: strawberry.Schema) -> None:
    for directive in schema._schema.directives:
        assert DirectiveLocation.DIRECTIVE_DEFINITION not in directive.locations, directive.name


def test_descriptions_are_tidy(schema: strawberry.Schema) -> None:
    texts = {name: str(text) for name, text in described(schema._schema)}
    assert {name for name, text in texts.items() if text.strip() != text} == set()
    assert {name for name, text in texts.items() if "  " in text} == set()
