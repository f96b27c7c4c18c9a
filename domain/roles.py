"""The roles that a new merchant starts with. Afterwards they are ordinary roles."""

from dataclasses import dataclass
from typing import Final

from domain.permissions import DELEGABLE, Permission


@dataclass(frozen=True, slots=True)
class StarterRole:
    """A role of a new merchant."""

    name: str
    permissions: frozenset[Permission]


REVIEWERS: Final = StarterRole(
    "审核组",
    frozenset({Permission.SERVICE_ORDER_READ, Permission.REVIEW, Permission.NOTE}),
)
RECEIVERS: Final = StarterRole(
    "收货组",
    frozenset({Permission.SERVICE_ORDER_READ, Permission.RECEIVE, Permission.NOTE}),
)
PROCESSORS: Final = StarterRole(
    "处理组",
    frozenset(
        {
            Permission.SERVICE_ORDER_READ,
            Permission.RECEIVE,
            Permission.PROCESS,
            Permission.NOTE,
        }
    ),
)
SUPERVISORS: Final = StarterRole("售后主管", DELEGABLE)
READERS: Final = StarterRole(
    "只读", frozenset({Permission.SERVICE_ORDER_READ, Permission.QUALITY_READ})
)

STARTER_ROLES: Final = (REVIEWERS, RECEIVERS, PROCESSORS, SUPERVISORS, READERS)
