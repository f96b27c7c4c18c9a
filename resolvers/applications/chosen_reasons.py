"""The reasons that a customer chose: the platform's, or the own ones of the merchant."""

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.own_reasons import OwnReason, own_use, problem_with, retired_problem
from domain.reasons import ReasonUse
from domain.refusals.refusal import Refused
from models.queries.reasons import find_many


def check_platforms(codes: Sequence[str]) -> None:
    """Check the codes of the items that are not a merchant's own. Raises Refused."""
    for index, code in enumerate(codes):
        if own_use(code) is None:
            _check(code, None, (), index)


async def find_own_reasons(
    connection: AsyncConnection, merchant_id: int, codes: Sequence[str], retired: Collection[str]
) -> dict[str, OwnReason]:
    """The own reasons among the codes of the items. ``retired`` are the platform's retired ones.

    Raises Refused for a reason that is unknown or retired.
    """
    own = await find_many(connection, merchant_id, codes)
    for index, code in enumerate(codes):
        _check(code, own.get(code), retired, index)
    return own


def _check(code: str, own: OwnReason | None, retired: Collection[str], index: int) -> None:
    path = ("items", str(index), "reason")
    problem = problem_with(code, own, ReasonUse.APPLICATION, None, *path)
    problem = problem or retired_problem(code, own, retired, *path)
    if problem is not None:
        raise Refused(problem)
