"""Previews: what an evaluation plan would make of past months, beside the current plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import auto
from fractions import Fraction

from domain.names import Named
from domain.quality.figures import Tallies, figures
from domain.quality.plans import Plan
from domain.quality.scores import NO_SCORE, score


class Movement(Named):
    """What a plan would do to a merchant's score."""

    RISES = auto()
    FALLS = auto()
    STAYS = auto()
    GAINS_SCORE = auto()
    LOSES_SCORE = auto()
    HAS_NONE = auto()


@dataclass(frozen=True, slots=True)
class PreviewMonth:
    """The scores of a month by the current plan and by the draft."""

    month: str
    current: Fraction | None
    draft: Fraction | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The months of a merchant; ``current`` and ``draft`` are the means of those with a score."""

    merchant_id: int
    months: Sequence[PreviewMonth]
    current: Fraction | None
    draft: Fraction | None

    @property
    def movement(self) -> Movement:
        """What the draft would do."""
        if self.current is None:
            return Movement.HAS_NONE if self.draft is None else Movement.GAINS_SCORE
        if self.draft is None:
            return Movement.LOSES_SCORE
        if self.draft == self.current:
            return Movement.STAYS
        return Movement.RISES if self.draft > self.current else Movement.FALLS


def preview(
    merchant_id: int, months: Iterable[tuple[str, Tallies]], current: Plan | None, draft: Plan
) -> Preview:
    """Score the months of a merchant by both plans."""
    scored = []
    for month, tallies in months:
        values = figures(tallies)
        before = NO_SCORE if current is None else score(current, values)
        scored.append(PreviewMonth(month, before.value, score(draft, values).value))
    return Preview(
        merchant_id,
        scored,
        _mean([month.current for month in scored]),
        _mean([month.draft for month in scored]),
    )


def _mean(scores: Sequence[Fraction | None]) -> Fraction | None:
    values = [value for value in scores if value is not None]
    return sum(values, Fraction(0)) / len(values) if values else None
