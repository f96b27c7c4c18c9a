"""The enums of the API, for the code-first peers in Python."""

from enum import Enum
from pathlib import Path

import strawberry
from graphql import EnumTypeDefinitionNode, parse

_SDL = parse(Path(__file__).with_name("schema.graphql").read_text("utf-8"))
_WORDS = {
    node.name.value: [value.name.value for value in node.values]
    for node in _SDL.definitions
    if isinstance(node, EnumTypeDefinitionNode)
}


def _enum(name: str) -> type[Enum]:
    return strawberry.enum(Enum(name, {word: word for word in _WORDS[name]}))


Status = _enum("ServiceOrderStatus")
EventKind = _enum("ServiceOrderEventKind")
ActorKind = _enum("ActorKind")
Expectation = _enum("Expectation")
LogisticsIn = _enum("LogisticsIn")
