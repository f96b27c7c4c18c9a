"""The one secret of a server, and the keys that are derived from it."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

SEED_BYTES: Final = 32


@dataclass(frozen=True)
class Keys:
    """Keys from a seed of 32 random bytes. Whoever has the seed can act as anybody."""

    seed: bytes

    @classmethod
    def read(cls, text: str) -> "Keys":
        """Read the seed as base64. Raises ValueError."""
        message = f"must be {SEED_BYTES} bytes in base64"
        try:
            seed = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError(message) from None
        if len(seed) != SEED_BYTES:
            raise ValueError(message)
        return cls(seed)

    @staticmethod
    def fresh() -> str:
        return base64.b64encode(secrets.token_bytes(SEED_BYTES)).decode()

    def __repr__(self) -> str:
        return "Keys(…)"

    @cached_property
    def tokens(self) -> OKPKey:
        """Signs access tokens."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "d": _packed(self.seed), "x": _packed(public)}
        )

    def sign(self, purpose: str, message: str) -> str:
        """A keyed hash for what only this server has to recognise again."""
        key = hmac.digest(self.seed, purpose.encode(), hashlib.sha256)
        return _packed(hmac.digest(key, message.encode(), hashlib.sha256))

    def verify(self, purpose: str, message: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, message).encode(), signature.encode())


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
