"""Finds variables that fit, as `web/finders.js` does: for tests without a browser."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from tests.client import Client


async def complete(
    client: Client, steps: Sequence[dict[str, Any]], variables: dict[str, Any]
) -> dict[str, Any]:
    """The variables with those that the steps find in the place of `<...>`."""
    taken = {name for step in steps for name in step["take"]}
    wanted = {name for name in taken if "<" in str(variables.get(name, ""))}
    values: dict[str, Any] = {"unique": str(uuid4())}
    for step in steps:
        if wanted <= values.keys():
            break
        sender = client.as_(step["token"]) if "token" in step else client
        data = await sender.ask_all(step["query"], values)
        for name, path in step["take"].items():
            value = at(data, path)
            if value is not None:
                values[name] = value
    assert wanted <= values.keys(), (wanted - values.keys(), values)
    return variables | {name: values[name] for name in wanted}


def at(value: Any, path: str) -> Any:
    keys, _, end = path.partition("[")
    for key in keys.split("."):
        value = _step(value, key)
    if not end or not value:
        return value
    first, last = end[:-1].split(":")
    return value[int(first) if first else None : int(last) if last else None]


def _step(value: Any, key: str) -> Any:
    if not isinstance(value, list):
        return None if value is None else value.get(key)
    if key == "*":
        return value or None
    if key.startswith("?"):
        return [item for item in value if item.get(key[1:])]
    if re.fullmatch(r"\d+", key):
        return value[int(key)] if int(key) < len(value) else None
    return [item[key] for item in value]
