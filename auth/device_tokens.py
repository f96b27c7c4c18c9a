"""Device tokens, "asd_account_nonce.signature": this device has signed in to this account before.

A device token is not a credential. Failures with it are counted apart, so that attackers cannot
lock out the device's owner (OWASP: "device cookies").
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
    """A device, and the account that its token belongs to."""

    account_id: int
    nonce: str


def issue(keys: Keys, account_id: int) -> str:
    nonce = random.token_urlsafe(_NONCE_BYTES)
    signature = keys.sign(_PURPOSE, f"{account_id}.{nonce}")
    return secrets.token_of(secrets.DEVICE, account_id, f"{nonce}.{signature}")


def read(keys: Keys, token: str | None) -> Device | None:
    """None if there is no token, or this server did not issue it."""
    parts = secrets.open_token(secrets.DEVICE, token or "")
    if parts is None:
        return None
    nonce, _, signature = parts.secret.partition(".")
    if not keys.verify(_PURPOSE, f"{parts.id}.{nonce}", signature):
        return None
    return Device(parts.id, nonce)
