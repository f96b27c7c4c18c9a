"""The secret of a server, and the keys that are derived from it."""

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
    """Keys from a seed of 32 random bytes. With the seed one can act as any viewer."""

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
        """The key pair that signs access tokens."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "d": _base64url(self.seed), "x": _base64url(public)}
        )

    @cached_property
    def fingerprint(self) -> str:
        """Tells keys apart, and tells nothing of them."""
        return self.sign("fingerprint", "")[:12]

    def sign(self, purpose: str, message: str) -> str:
        """A keyed hash, for values that only this server must verify."""
        key = hmac.digest(self.seed, purpose.encode(), hashlib.sha256)
        return _base64url(hmac.digest(key, message.encode(), hashlib.sha256))

    def verify(self, purpose: str, message: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, message).encode(), signature.encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
