"""Refresh tokens, "asr_session_generation.secret": derived from the keys, and so never stored.

A session counts its tokens. The secret of each is a keyed hash of the session's number and the
token's, so the server can tell a token that it issued from a made-up one without a look at the
database, and can issue the same one again to a client that did not get the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from auth import secrets
from auth.keys import Keys

REPEAT_WINDOW: Final = timedelta(seconds=30)
"""For how long a token that was traded already is answered again with what it was traded for."""

MAX_ROTATIONS: Final = 8
"""How many rotations a session remembers, if they are that recent."""

_PURPOSE: Final = "refresh"


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token that this server issued: the ``generation``-th of its session.

    Generation 0 is a token from before they were derived. Its ``secret`` is still to be compared
    with the stored hash; of all others it is known to be right.
    """

    session_id: int
    generation: int
    secret: str


def issue(keys: Keys, session_id: int, generation: int) -> str:
    signature = _signature(keys, session_id, generation)
    return secrets.token_of(secrets.SESSION, session_id, f"{generation}.{signature}")


def read(keys: Keys, token: str) -> RefreshToken | None:
    """None for what this server did not issue."""
    opened = secrets.open_token(secrets.SESSION, token)
    if opened is None:
        return None
    number, dot, signature = opened.secret.partition(".")
    if not dot:
        return RefreshToken(opened.id, 0, opened.secret)
    if not (number.isascii() and number.isdigit() and len(number) < 10):  # noqa: PLR2004 - 31 bits
        return None
    generation = int(number)
    message = _message(opened.id, generation)
    if generation < 1 or not keys.verify(_PURPOSE, message, signature):
        return None
    return RefreshToken(opened.id, generation, opened.secret)


def was_just_traded(behind: int, rotated_at: Sequence[str], now: datetime) -> bool:
    """Whether the token that is so many generations behind was traded within the window."""
    if behind > len(rotated_at):
        return False
    return now - datetime.fromisoformat(rotated_at[-behind]) <= REPEAT_WINDOW


def rotated(before: Sequence[str], now: datetime) -> list[str]:
    """The rotations to remember once there is one more."""
    recent = [one for one in before if was_just_traded(1, [one], now)]
    return [*recent, now.isoformat()][-MAX_ROTATIONS:]


def _signature(keys: Keys, session_id: int, generation: int) -> str:
    return keys.sign(_PURPOSE, _message(session_id, generation))


def _message(session_id: int, generation: int) -> str:
    return f"{session_id}.{generation}"
