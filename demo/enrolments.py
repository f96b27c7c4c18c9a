"""The enrolment history of the demo's merchants."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from demo.plans import Plan
from domain.enrolment import EnrolmentStatus
from models.merchant import EnrolmentAttempt, Suspension

PLATFORM_STAFF: Final = "平台运营小赵"
SUSPENDED_FOR: Final = timedelta(hours=20)
"""The age of the suspension: orders from before it become due within two days."""

_NEW: Final = (EnrolmentStatus.PENDING_REVIEW, EnrolmentStatus.REJECTED)
_AFTER_JOINING: Final = timedelta(days=10)
_BEFORE_NOW: Final = timedelta(hours=5)
_BETWEEN: Final = timedelta(days=3)
_REVIEW_TOOK: Final = timedelta(hours=3, minutes=20)


def history(
    plan: Plan, merchant_id: int, now: datetime, since: datetime
) -> Iterator[EnrolmentAttempt | Suspension]:
    """The rejected attempts, then the admitted or open one, and the suspension if there is one.

    ``since`` is when the merchant was registered.
    """
    reasons: tuple[str | None, ...] = plan.turned_down
    if plan.enrolment is not EnrolmentStatus.REJECTED:
        reasons = (*reasons, None)
    latest_at = now - _BEFORE_NOW if plan.enrolment in _NEW else since + _AFTER_JOINING
    is_open = plan.enrolment is EnrolmentStatus.PENDING_REVIEW
    for number, reason in enumerate(reasons, start=1):
        applied_at = latest_at - _BETWEEN * (len(reasons) - number)
        yield EnrolmentAttempt(
            merchant_id=merchant_id,
            number=number,
            applied_by=plan.people[0],
            applied_at=applied_at,
            reviewed_by=None if is_open else PLATFORM_STAFF,
            reviewed_at=None if is_open else applied_at + _REVIEW_TOOK,
            result=_result(reason, is_open=is_open),
            reason=reason,
        )
    if plan.suspended:
        yield Suspension(
            merchant_id=merchant_id,
            number=1,
            suspended_by=PLATFORM_STAFF,
            suspended_at=now - SUSPENDED_FOR,
            reason=plan.suspended,
        )


def _result(reason: str | None, *, is_open: bool) -> EnrolmentStatus:
    if reason is not None:
        return EnrolmentStatus.REJECTED
    return EnrolmentStatus.PENDING_REVIEW if is_open else EnrolmentStatus.ENABLED
