"""Refresh tokens, "asr_session_generation.secret": derived from the keys, and never stored.

A session numbers its tokens: the generation. The secret is a keyed hash of the session's id and the
generation. So the server recognises a forged token without reading the database, and can issue the
same token again to a client that did not receive the response.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from auth import secrets
from auth.keys import Keys

REPEAT_WINDOW: Final = timedelta(seconds=30)
"""How long a token that was already exchanged is answered with the same new token again."""

SETTLING: Final = timedelta(seconds=5)
"""How long the newest token is not exchanged for another but answered with the same pair again.

A page that is loaded again and again refreshes each time. Without this, the window would have more
rotations than a session keeps, and a token that was just exchanged would look like an old copy.
"""

MAX_ROTATIONS: Final = 8
"""How many recent rotations a session keeps: one more than the window can have."""

_PURPOSE: Final = "refresh"


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token that this server issued: the ``generation``-th of its session.

    Generation 0 is a token from before tokens were derived: the caller must compare its ``secret``
    with the stored hash. For all others the secret is verified.
    """

    session_id: int
    generation: int
    secret: str


def issue(keys: Keys, session_id: int, generation: int) -> str:
    signature = _signature(keys, session_id, generation)
    return secrets.token_of(secrets.SESSION, session_id, f"{generation}.{signature}")


def read(keys: Keys, token: str) -> RefreshToken | None:
    """None for a token that this server did not issue."""
    parts = secrets.open_token(secrets.SESSION, token)
    if parts is None:
        return None
    number, dot, signature = parts.secret.partition(".")
    if not dot:
        return RefreshToken(parts.id, 0, parts.secret)
    if not (number.isascii() and number.isdigit() and len(number) < 10):  # noqa: PLR2004 - 31 bits
        return None
    generation = int(number)
    message = _message(parts.id, generation)
    if generation < 1 or not keys.verify(_PURPOSE, message, signature):
        return None
    return RefreshToken(parts.id, generation, parts.secret)


def was_just_exchanged(behind: int, rotated_at: Sequence[str], now: datetime) -> bool:
    """Whether the token ``behind`` generations ago was exchanged within the window."""
    if behind > len(rotated_at):
        return False
    return now - datetime.fromisoformat(rotated_at[-behind]) <= REPEAT_WINDOW


def is_settling(rotated_at: Sequence[str], now: datetime) -> bool:
    """Whether the newest token was issued by a rotation a moment ago."""
    # Of two nodes one may be a little behind: then the rotation is in its future.
    return bool(rotated_at) and abs(now - datetime.fromisoformat(rotated_at[-1])) < SETTLING


def rotated(rotated_at: Sequence[str], now: datetime) -> list[str]:
    """The times of the recent rotations, with ``now`` added."""
    recent = [at for at in rotated_at if was_just_exchanged(1, [at], now)]
    return [*recent, now.isoformat()][-MAX_ROTATIONS:]


def _signature(keys: Keys, session_id: int, generation: int) -> str:
    return keys.sign(_PURPOSE, _message(session_id, generation))


def _message(session_id: int, generation: int) -> str:
    return f"{session_id}.{generation}"
