"""The secrets that sign a message: the present one, and the former one while they overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from auth.keys import Keys
from outgoing.signature import secrets_of, signed_headers


class Signed(Protocol):
    """An endpoint, as far as its signatures depend on it."""

    merchant_id: int
    id: int
    generation: int
    overlap_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs the messages to one endpoint."""

    keys: Keys
    merchant_id: int
    endpoint_id: int
    generation: int
    overlap_until: datetime | None

    @classmethod
    def of(cls, endpoint: Signed, keys: Keys) -> Self:
        """The signer of an endpoint's messages."""
        return cls(
            keys=keys,
            merchant_id=endpoint.merchant_id,
            endpoint_id=endpoint.id,
            generation=endpoint.generation,
            overlap_until=endpoint.overlap_until,
        )

    def headers(self, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
        """The headers of a message that is sent ``at`` the real time."""
        return signed_headers(message_id, at, body, self._secrets(at))

    def _secrets(self, at: datetime) -> Sequence[str]:
        overlaps = self.overlap_until is not None and at < self.overlap_until
        generations = (self.generation, self.generation - 1) if overlaps else (self.generation,)
        return [
            secret
            for generation in generations
            for secret in secrets_of(self.keys, self.merchant_id, self.endpoint_id, generation)
        ]
