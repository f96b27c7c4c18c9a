"""How a mutation runs: its idempotency claim and its outcome."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class IdempotencyClaim:
    """The client's idempotency key, and a hash of everything that the request asks for."""

    key: str
    request_hash: str
    replayed: bool = False
    """Set when an earlier request with the same key turns out to have been carried out."""


@dataclass(frozen=True, slots=True)
class MutationOutcome:
    """What a mutation's resolver returned or raised."""

    value: Any = None  # Any: a payload
    error: Exception | None = None

    def result(self) -> Any:  # noqa: ANN401 - a payload
        """Return the value, or raise the error again."""
        if self.error is not None:
            raise self.error
        return self.value


@dataclass(slots=True)
class MutationRun:
    """One mutation while it is carried out and answered."""

    claim: IdempotencyClaim | None = None
    """None if the client gave no idempotency key."""
    outcome: MutationOutcome | None = None
    """Set once planned execution has carried the mutation out and its answer is still due."""
    order: tuple[int, int] | None = None
    """The ids of the merchant and the order that the mutation is about, if its input names another
    object; a refused mutation shows the order as it is."""
    is_refused: bool = False
    """Whether its payload has refusals."""
