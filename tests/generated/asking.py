"""How a document is asked: by whom, with what, and in which way; more than once."""

import json
from dataclasses import dataclass
from typing import Any, Final, cast

import httpx2
from graphql import GraphQLObjectType

from tests.generated.stage import Stage
from tests.generated.tape import Tape
from tests.generated.values import Values
from tests.generated.writer import Document, Operation, Writer

TIMES: Final = (4, 6, 2, 8)
ACCEPTED: Final = ("application/json", "application/graphql-response+json", "*/*")


@dataclass(frozen=True)
class Ask:
    """One request."""

    viewer: str
    language: str
    body: dict[str, Any]
    accept: str = ACCEPTED[0]
    by_get: bool = False

    async def of(self, stage: Stage) -> httpx2.Response:
        client = stage.as_(self.viewer, self.language)
        if not self.by_get:
            return await client.post(self.body, accept=self.accept)
        said = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in self.body.items()
        }
        return await client.get(said, accept=self.accept)


def asks(tape: Tape, stage: Stage, viewer: str) -> list[Ask]:
    """A document, asked by the viewer and by others, with values that change from time to time."""
    values = Values(tape, stage)
    roots = cast("GraphQLObjectType", stage.schema.query_type).fields
    if not tape.happens(10):
        roots = {name: one for name, one in roots.items() if stage.may(viewer, one)}
    document = Writer(stage.schema, tape, values, roots).document()
    values.junk = 2
    found = []
    for at in range(tape.one_of(TIMES)):
        other = at > 0 and tape.happens(40)
        found.append(
            Ask(
                viewer=tape.one_of(list(stage.viewers)) if other else viewer,
                language=tape.one_of(("en", "zh-CN")),
                body=_body(tape, values, document),
                accept=ACCEPTED[0] if tape.happens(80) else tape.one_of(ACCEPTED),
                by_get=tape.happens(8),
            )
        )
    return found


def _body(tape: Tape, values: Values, document: Document) -> dict[str, Any]:
    operation = tape.one_of(document.operations)
    body: dict[str, Any] = {"query": document.text}
    if len(document.operations) > 1 or (operation.name and tape.happens(50)):
        body["operationName"] = operation.name
    if tape.happens(2):
        body["operationName"] = tape.one_of((None, "", "Q0", "Q9"))
    given = variables(values, operation)
    if given or tape.happens(50):
        body["variables"] = given
    return body


def variables(values: Values, operation: Operation) -> dict[str, Any]:
    """A value for each variable; what can be left out sometimes is."""
    tape = values.tape
    given = {}
    for one in operation.variables:
        required = str(one.kind).endswith("!") and one.default is None
        if not tape.happens(1 if required else 25):
            given[one.name] = values.any(one.kind, one.place)
    return given
