"""The API's texts say what a reader of GraphiQL asks: what a field takes, and who may use it."""

import re

from graphql import GraphQLInputObjectType, GraphQLObjectType, build_schema
from strawberry import Schema

from domain.permissions import CATALOGUE
from execution.guard import GUARDS
from schema.access import Public, Requires
from schema.sdl import DESCRIPTION

NAMES = {entry.permission: entry.name.zh for entry in CATALOGUE}
EMPTY = re.compile(r"Parameters of|What to do|The (input|parameters?|arguments?)\.?$")


def test_the_description_of_every_root_field_says_who_may_use_it(schema: Schema) -> None:
    core = schema._schema
    for (root, name), guard in core.extensions[GUARDS].items():
        kind = core.type_map[root]
        assert isinstance(kind, GraphQLObjectType)
        description = kind.fields[name].description or ""
        last = description.rpartition("\n\n")[2]
        assert last == f"{guard.note().zh} {guard.note().en}", name
        assert description.count("Requires ") >= 1
        if isinstance(guard, Requires):
            for permission in (guard.permission, *guard.others):
                assert f"`{permission}`" in last
                assert NAMES[permission] in last
        else:
            assert ("no sign-in" in last) == isinstance(guard, Public)


def test_every_argument_says_what_it_holds(schema: Schema) -> None:
    said = 0
    for kind in schema._schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        if isinstance(kind, GraphQLObjectType):
            texts = {
                f"{kind.name}.{name}({argument})": value.description
                for name, field in kind.fields.items()
                for argument, value in field.args.items()
            }
        elif isinstance(kind, GraphQLInputObjectType):
            texts = {
                f"{kind.name}.{name}": field.description for name, field in kind.fields.items()
            }
        else:
            continue
        for place, text in texts.items():
            assert text, place
            assert not EMPTY.match(text), f"{place}: {text}"
            said += 1
    assert said > 300


def test_the_schema_has_a_description_and_begins_with_what_readers_look_for(
    schema: Schema,
) -> None:
    sdl = schema.as_str()
    assert sdl.startswith(f'"""\n{DESCRIPTION}\n"""\nschema {{')
    assert schema._schema.description == DESCRIPTION
    first = [name for name in schema._schema.type_map if not name.startswith("__")][:4]
    assert first == ["Query", "Mutation", "Subscription", "ServiceOrder"]
    printed = re.findall(r"^(?:type|interface|input|enum|scalar) (\w+)", sdl, re.MULTILINE)
    assert printed[:4] == first
    assert printed[14:] == sorted(printed[14:])
    assert set(build_schema(sdl).type_map) >= set(printed)


def test_an_address_cannot_be_written_without_its_required_fields(schema: Schema) -> None:
    kind = schema._schema.type_map["AddressInput"]
    assert isinstance(kind, GraphQLInputObjectType)
    optional = {name for name, field in kind.fields.items() if not str(field.type).endswith("!")}
    assert optional == {"zip"}
