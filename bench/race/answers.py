"""Whether all peers answer the same: compared before anything is timed."""

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import orjson

from schema import ids

_INSTANTS: Final = {"appliedAt", "updatedAt", "finishedAt", "at"}


class Differs(Exception):
    """Two peers do not answer the same; the message says where, and what each said."""


def comparable(answer: Any) -> Any:
    """An answer without what may differ by design: cursors, and how an instant is written.

    What PostGraphile makes of our tables is put into the form of the others: its own global ids,
    its nodes below a list, an event's actor as two columns, pictures as the JSON that they are.
    Raises Differs for an answer with errors, or without data.
    """
    if answer.get("errors") or not answer.get("data"):
        raise Differs(f"an error: {str(answer)[:400]}")
    return _plain(answer["data"], "")


def compare(name: str, expected: Any, found: Any) -> None:
    """Raises Differs."""
    for place, one, other in _differences(expected, found, ""):
        raise Differs(f"{name}{place}: {one!r:.200} and {other!r:.200}")


def _plain(value: Any, key: str) -> Any:
    if isinstance(value, list):
        return [_plain(one, key) for one in value]
    if isinstance(value, dict):
        if set(value) == {"nodes"}:
            return _plain(value["nodes"], key)
        if "actorKind" in value:
            actor = {"kind": value["actorKind"], "name": value["actorName"]}
            rest = {one: said for one, said in value.items() if not one.startswith("actor")}
            value = {**rest, "actor": actor}
        if isinstance(value.get("pictures"), list):
            merchant = _merchant(value)
            value = {**value, "pictures": [_picture(one, merchant) for one in value["pictures"]]}
        return {
            one: _plain(said, one)
            for one, said in value.items()
            if one != "endCursor" and not (one == "refusals" and not said)
        }
    if key in _INSTANTS and isinstance(value, str):
        return datetime.fromisoformat(value)
    if key == "id" and isinstance(value, str):
        return _id(value)
    return value


def _id(said: str) -> str:
    """A global id as ours says it: PostGraphile's are JSON."""
    try:
        type_name, *parts = orjson.loads(base64.b64decode(said, validate=True))
    except ValueError:
        return said
    return ids.encode(type_name, *parts)


def _merchant(order: dict[str, Any]) -> str:
    return ids.decode(_id(order["merchant"]["id"])).parts[0]


def _picture(said: dict[str, Any], merchant: str) -> dict[str, Any]:
    if "sha256" not in said:
        return said
    return {
        "id": ids.encode("Evidence", merchant, said["sha256"]),
        "mediaType": said["media_type"],
        "bytes": said["bytes"],
        "width": said["width"],
        "height": said["height"],
    }


def _differences(expected: Any, found: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in {**expected, **found}:
            yield from _differences(expected.get(key), found.get(key), f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for at, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _differences(one, other, f"{place}[{at}]")
    elif expected != found:
        yield place, expected, found
