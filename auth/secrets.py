"""Tokens of the form "prefix_id_secret". A connector's is random, and kept as a hash alone."""

import hashlib
import hmac
import secrets
from typing import Final, NamedTuple

SESSION: Final = "asr"
CONNECTOR: Final = "asc"
DEVICE: Final = "asd"


class Opened(NamedTuple):
    """The parts of a token."""

    id: int
    secret: str


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """A plain hash will do: the secret is 256 random bits, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(prefix: str, id_: int, secret: str) -> str:
    return f"{prefix}_{id_}_{secret}"


def open_token(prefix: str, token: str) -> Opened | None:
    """Take a token apart; None for anything that was not made by ``token_of``."""
    said, _, rest = token.partition("_")
    number, _, secret = rest.partition("_")
    if said != prefix or not secret or not (number.isascii() and number.isdigit()):
        return None
    id_ = int(number) if len(number) < 20 else 0  # noqa: PLR2004 - 63 bits have 19 digits
    return Opened(id_, secret) if id_ < 2**63 else None


def matches(stored_hash: str, secret: str) -> bool:
    return hmac.compare_digest(stored_hash, hashed(secret))
