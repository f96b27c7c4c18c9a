"""Every kind of refusal, in the order in which the API lists their codes."""

from typing import Final

from domain.refusals import (
    assignment,
    enrolment,
    evaluation,
    exports,
    feed,
    general,
    intake,
    notes,
    orders,
    passwords,
    pictures,
    platform,
    reasons,
    refunds,
    repeating,
    sign_in,
    single_sign_on,
    staff,
    targets,
    thresholds,
    webhooks,
)
from domain.refusals.refusal import Refusal

_MODULES: Final = (
    general,
    orders,
    refunds,
    pictures,
    enrolment,
    staff,
    sign_in,
    intake,
    repeating,
    platform,
    assignment,
    reasons,
    notes,
    targets,
    exports,
    feed,
    webhooks,
    evaluation,
    thresholds,
    passwords,
    single_sign_on,
)

REFUSALS: Final[tuple[type[Refusal], ...]] = tuple(
    value
    for module in _MODULES
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Refusal) and value is not Refusal
)
"""All classes of the modules above, each module in the order of its file."""
