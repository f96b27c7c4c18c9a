"""Tokens of the form "prefix_id_secret". A connector's secret is random and stored as a hash."""

import hashlib
import hmac
import secrets
from typing import Final, NamedTuple

SESSION: Final = "asr"
CONNECTOR: Final = "asc"
DEVICE: Final = "asd"


class TokenParts(NamedTuple):
    """The parts of a token that ``token_of`` made."""

    id: int
    secret: str


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """Without salt or stretching: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(prefix: str, id_: int, secret: str) -> str:
    return f"{prefix}_{id_}_{secret}"


def open_token(prefix: str, token: str) -> TokenParts | None:
    """Split a token; None if it is not of the form of ``token_of``."""
    token_prefix, _, rest = token.partition("_")
    number, _, secret = rest.partition("_")
    if token_prefix != prefix or not secret or not (number.isascii() and number.isdigit()):
        return None
    id_ = int(number) if len(number) < 20 else 0  # noqa: PLR2004 - 63 bits have 19 digits
    return TokenParts(id_, secret) if id_ < 2**63 else None


def matches(stored_hash: str, secret: str) -> bool:
    return hmac.compare_digest(stored_hash, hashed(secret))
