"""Signatures of webhooks by the Standard Webhooks specification, and their secrets.

A secret is derived from the server's key, as refresh tokens are, and stored nowhere: a copy of the
database signs nothing. While the server's key is rotated, messages are signed by both keys.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from auth.keys import Keys

PREFIX: Final = "whsec_"

_PURPOSE: Final = "webhook"


def secret_of(keys: Keys, merchant_id: int, endpoint_id: int, generation: int) -> str:
    """The secret of an endpoint, "whsec_" and 32 bytes in base64: the ``generation``-th of it."""
    return secrets_of(keys, merchant_id, endpoint_id, generation)[0]


def secrets_of(keys: Keys, merchant_id: int, endpoint_id: int, generation: int) -> Sequence[str]:
    """The same from each key that is accepted, first the one that signs.

    A receiver keeps its secret when the server's key is rotated, until it takes another.
    """
    message = f"{merchant_id}.{endpoint_id}.{generation}"
    return [_secret(signature) for signature in keys.signatures(_PURPOSE, message)]


def _secret(signature: str) -> str:
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    return PREFIX + base64.b64encode(raw).decode()


def signed_headers(
    message_id: str, at: datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The headers that identify and sign a message that is sent at this time.

    The time is that of the attempt, not of the event: receivers refuse a message that is minutes
    old. ``secrets`` are the present one, then a former one that is still valid.
    """
    if "." in message_id:  # it would not be clear where the id ends in what is signed
        raise ValueError("a message's id has no full stop")
    timestamp = str(int(at.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"
