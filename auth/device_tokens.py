"""Device tokens, "asd_account_nonce.signature": this device has signed in to this account before.

It is no credential. It keeps the failures of a device apart from those of everybody else, so that
nobody can lock out the people who use it (OWASP: "device cookies").
"""

import secrets as random
from dataclasses import dataclass
from typing import Final

from auth import secrets
from auth.keys import Keys

_PURPOSE: Final = "device"
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Device:
    """A device, and the one account that its token is for."""

    account_id: int
    nonce: str


def issue(keys: Keys, account_id: int) -> str:
    nonce = random.token_urlsafe(_NONCE_BYTES)
    signature = keys.sign(_PURPOSE, f"{account_id}.{nonce}")
    return secrets.token_of(secrets.DEVICE, account_id, f"{nonce}.{signature}")


def read(keys: Keys, token: str | None) -> Device | None:
    """None without a token, and for one that this server did not issue."""
    opened = secrets.open_token(secrets.DEVICE, token or "")
    if opened is None:
        return None
    nonce, _, signature = opened.secret.partition(".")
    if not keys.verify(_PURPOSE, f"{opened.id}.{nonce}", signature):
        return None
    return Device(opened.id, nonce)
