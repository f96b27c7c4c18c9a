"""What came back from a request that the server sent."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from domain.characters import CONTROL, DIRECTION, cleaned
from domain.outgoing import DeliveryFailure

KEPT_BODY: Final = 1_024
"""Bytes of the body that are kept."""

_MAX_RETRY_AFTER: Final = 64
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back from a request, or why nothing did."""

    status: int | None = None
    """Also given with the failures that happen after the status was read."""
    failure: DeliveryFailure | None = None
    duration: timedelta
    text: str = field(default="", repr=False)
    """The first kilobyte of the body, without control characters."""
    retry_after: str | None = field(default=None, repr=False)
    """The header ``Retry-After``; see ``wait_asked``."""

    @property
    def delivered(self) -> bool:
        """Whether the receiver has accepted the request."""
        return (
            self.failure is None
            and self.status is not None
            and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES
        )

    def wait_asked(self, now: datetime) -> timedelta | None:
        """How long the receiver asks to wait, without any bound; None if it does not ask."""
        text = self.retry_after
        if text is None:
            return None
        if _SECONDS.fullmatch(text):
            return timedelta(seconds=int(text))
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta())


def text_of(body: bytes) -> str:
    """A body as text that can be stored and shown. What is not UTF-8 becomes U+FFFD."""
    text = cleaned(body[:KEPT_BODY].decode("utf-8", "replace"))
    return DIRECTION.sub("", CONTROL.sub("", text))


def retry_after_of(value: bytes) -> str | None:
    """The header's value, if it can be one."""
    return value.decode("ascii", "replace").strip() if len(value) <= _MAX_RETRY_AFTER else None
