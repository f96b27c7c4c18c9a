"""Sealing secrets that the server must be able to read again: AES-256-GCM, keyed from the seed."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auth.keys import Keys

_NONCE_BYTES: Final = 12


class BadSeal(Exception):
    """The text was sealed with another seed or for another owner, or was modified."""


def seal(keys: Keys, text: str, *, owner: str) -> str:
    """Encrypt a secret. It opens for the same owner alone: rows cannot be swapped."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _cipher(keys).encrypt(nonce, text.encode(), owner.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(keys: Keys, sealed: str, *, owner: str) -> str:
    """Raises BadSeal."""
    try:
        raw = base64.urlsafe_b64decode(sealed)
        text = _cipher(keys).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise BadSeal from error
    return text.decode()


def _cipher(keys: Keys) -> AESGCM:
    return AESGCM(hmac.digest(keys.seed, b"sealing", hashlib.sha256))
