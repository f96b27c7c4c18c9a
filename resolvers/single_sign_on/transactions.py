"""A sign-in at an identity provider between its beginning and its end, which nothing stores.

A stranger can begin any number of them, so none takes a row. The client keeps a signed token.
State, nonce and code verifier are keyed hashes of its number: the client never learns the verifier.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from auth.keys import Keys

TRANSACTION_WINDOW: Final = timedelta(minutes=10)
"""How long a person may take at the provider."""
MAX_TRANSACTION: Final = 4_096

_PURPOSE: Final = "single sign-on"
_NUMBER_BYTES: Final = 16


class BadTransaction(Exception):
    """The token is not ours, was modified, or has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A sign-in that was begun. ``owner_id`` is whose provider it goes to."""

    number: str
    owner_id: int
    redirect_uri: str
    expires_at: datetime

    @classmethod
    def begin(cls, owner_id: int, redirect_uri: str, now: datetime) -> "Transaction":
        expires_at = (now + TRANSACTION_WINDOW).replace(microsecond=0)
        number = secrets.token_urlsafe(_NUMBER_BYTES)
        return cls(
            number=number, owner_id=owner_id, redirect_uri=redirect_uri, expires_at=expires_at
        )

    def token(self, keys: Keys) -> str:
        ends = int(self.expires_at.timestamp())
        values = json.dumps([self.number, self.owner_id, self.redirect_uri, ends])
        packed = base64.urlsafe_b64encode(values.encode()).decode()
        return f"{packed}.{keys.sign(_PURPOSE, packed)}"

    def state(self, keys: Keys) -> str:
        return keys.sign(f"{_PURPOSE} state", self.number)

    def nonce(self, keys: Keys) -> str:
        return keys.sign(f"{_PURPOSE} nonce", self.number)

    def verifier(self, keys: Keys) -> str:
        """The code verifier of RFC 7636: 43 characters."""
        return keys.sign(f"{_PURPOSE} verifier", self.number)

    def challenge(self, keys: Keys) -> str:
        digest = hashlib.sha256(self.verifier(keys).encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def read(keys: Keys, token: str, now: datetime) -> Transaction:
    """Raises BadTransaction."""
    packed, _, signature = token.partition(".")
    if not keys.verify(_PURPOSE, packed, signature):
        raise BadTransaction
    number, owner_id, redirect_uri, ends = json.loads(base64.urlsafe_b64decode(packed))
    expires_at = datetime.fromtimestamp(ends, UTC)
    if now >= expires_at:
        raise BadTransaction
    return Transaction(
        number=number, owner_id=owner_id, redirect_uri=redirect_uri, expires_at=expires_at
    )
