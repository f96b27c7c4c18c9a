"""The enrolment of merchants (开通自主售后): its statuses and steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class EnrolmentStatus(StrEnum):
    """The status of a merchant's enrolment."""

    NOT_ENROLLED = "NOT_ENROLLED"
    PENDING_REVIEW = "PENDING_REVIEW"
    ENABLED = "ENABLED"
    REJECTED = "REJECTED"
    SUSPENDED = "SUSPENDED"


class EnrolmentStep(StrEnum):
    """A step of an enrolment."""

    APPLY = "APPLY"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    SUSPEND = "SUSPEND"
    RESUME = "RESUME"


@dataclass(frozen=True, slots=True)
class EnrolmentRule:
    """The rule of a step: the statuses that allow it, and the status that it leads to."""

    sources: tuple[EnrolmentStatus, ...]
    target: EnrolmentStatus
    needs_reason: bool = False


ENROLMENT: Final[Mapping[EnrolmentStep, EnrolmentRule]] = {
    EnrolmentStep.APPLY: EnrolmentRule(
        (EnrolmentStatus.NOT_ENROLLED, EnrolmentStatus.REJECTED), EnrolmentStatus.PENDING_REVIEW
    ),
    EnrolmentStep.APPROVE: EnrolmentRule(
        (EnrolmentStatus.PENDING_REVIEW,), EnrolmentStatus.ENABLED
    ),
    EnrolmentStep.REJECT: EnrolmentRule(
        (EnrolmentStatus.PENDING_REVIEW,), EnrolmentStatus.REJECTED, needs_reason=True
    ),
    EnrolmentStep.SUSPEND: EnrolmentRule(
        (EnrolmentStatus.ENABLED,), EnrolmentStatus.SUSPENDED, needs_reason=True
    ),
    EnrolmentStep.RESUME: EnrolmentRule(
        (EnrolmentStatus.SUSPENDED,), EnrolmentStatus.ENABLED, needs_reason=True
    ),
}
