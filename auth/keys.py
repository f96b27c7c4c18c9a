"""The secret of a server, and the keys that are derived from it."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

SEED_BYTES: Final = 32
_FINGERPRINT: Final = 12


@dataclass(frozen=True)
class Keys:
    """Keys from a seed of 32 random bytes. With the seed one can act as any viewer.

    What the ``others`` have signed is accepted too, while keys are rotated: see
    docs/decisions/0070-running-it.md.
    """

    seed: bytes
    others: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Keys":
        """Read seeds as base64, separated by commas: the first one signs. Raises ValueError."""
        seed, *others = [_seed(part.strip()) for part in text.split(",")]
        return cls(seed, tuple(others))

    @staticmethod
    def fresh() -> str:
        return base64.b64encode(secrets.token_bytes(SEED_BYTES)).decode()

    def __repr__(self) -> str:
        return "Keys(…)"

    @cached_property
    def tokens(self) -> OKPKey:
        """The key pair that signs access tokens."""
        return _key_pair(self.seed)

    @cached_property
    def verifying(self) -> tuple[OKPKey, ...]:
        """The key pairs whose access tokens are accepted; first the one that signs."""
        return (self.tokens, *map(_key_pair, self.others))

    @cached_property
    def fingerprints(self) -> tuple[str, ...]:
        """Tells keys apart, and tells nothing of them; first that of the key that signs."""
        return tuple(signature[:_FINGERPRINT] for signature in self.signatures("fingerprint", ""))

    def sign(self, purpose: str, message: str) -> str:
        """A keyed hash, for values that only this server must verify."""
        return _sign(self.seed, purpose, message)

    def signatures(self, purpose: str, message: str) -> tuple[str, ...]:
        """Those of all keys that are accepted; first that of the key that signs."""
        return tuple(_sign(seed, purpose, message) for seed in (self.seed, *self.others))

    def verify(self, purpose: str, message: str, signature: str) -> bool:
        return any(
            hmac.compare_digest(_sign(seed, purpose, message).encode(), signature.encode())
            for seed in (self.seed, *self.others)
        )


def _seed(text: str) -> bytes:
    """Raises ValueError."""
    message = f"must be {SEED_BYTES} bytes in base64, or several of them separated by commas"
    try:
        seed = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(message) from None
    if len(seed) != SEED_BYTES:
        raise ValueError(message)
    return seed


def _key_pair(seed: bytes) -> OKPKey:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "d": _base64url(seed), "x": _base64url(public)}
    )


def _sign(seed: bytes, purpose: str, message: str) -> str:
    key = _key_for(seed, purpose)
    return _base64url(hmac.digest(key, message.encode(), "sha256"))


@lru_cache(maxsize=64)
def _key_for(seed: bytes, purpose: str) -> bytes:
    """The key of one purpose. A page signs the addresses of many pictures with it."""
    return hmac.digest(seed, purpose.encode(), "sha256")


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
