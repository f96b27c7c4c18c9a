"""Checking a step against the transition table of enrolments."""

from domain.enrolment import ENROLMENT, EnrolmentStatus, EnrolmentStep
from domain.refusals.enrolment import WrongEnrolmentStatus
from domain.refusals.refusal import Refused


def check_step(status: EnrolmentStatus, step: EnrolmentStep) -> None:
    """Raises Refused."""
    allowed_from = ENROLMENT[step].sources
    if status not in allowed_from:
        raise Refused(WrongEnrolmentStatus(enrolment=status, allowed_enrolments=allowed_from))
