"""Sealing secrets that the server must be able to read again: AES-256-GCM, keyed from the seed."""

import base64
import hashlib
import hmac
import secrets
from contextlib import suppress
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auth.keys import Keys

_NONCE_BYTES: Final = 12


class BadSeal(Exception):
    """The text was sealed with another key or for another owner, or was modified."""


def seal_owner(owner_id: int) -> str:
    """Whose secret a sealed client secret is."""
    return f"identity_provider {owner_id}"


def seal(keys: Keys, text: str, *, owner: str) -> str:
    """Encrypt a secret. It opens for the same owner alone: rows cannot be swapped."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _cipher(keys.seed).encrypt(nonce, text.encode(), owner.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(keys: Keys, sealed: str, *, owner: str) -> str:
    """Open what any of the accepted keys has sealed. Raises BadSeal."""
    try:
        raw = base64.urlsafe_b64decode(sealed)
    except ValueError as error:
        raise BadSeal from error
    for seed in (keys.seed, *keys.others):
        with suppress(InvalidTag, ValueError):
            text = _cipher(seed).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode())
            return text.decode()
    raise BadSeal


def _cipher(seed: bytes) -> AESGCM:
    return AESGCM(hmac.digest(seed, b"sealing", hashlib.sha256))
