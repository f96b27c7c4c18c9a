"""Refusals of repeated requests."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class IdempotencyKeyReused(Refusal):
    """The idempotency key was used for a different request within the last 24 hours."""

    text = Text(
        "此幂等键已用于其他请求", "The idempotency key was already used for a different request."
    )


@dataclass(frozen=True, kw_only=True)
class InProgress(Refusal):
    """A request with the same idempotency key is still running."""

    text = Text(
        "相同幂等键的请求正在处理, 请稍后重试",
        "A request with the same idempotency key is still running; try again later.",
    )
    retryable = True
