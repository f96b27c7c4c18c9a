"""Setting the thresholds of figures, the whole list at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.quality.thresholds import Threshold
from domain.refusals.refusal import BadInput, Refused
from domain.refusals.thresholds import QualityThresholdsChanged
from domain.text import Text
from models.queries import thresholds
from models.queries.thresholds import ThresholdSet
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Those of a merchant, or of the platform if ``own`` belongs to it; and the platform's."""

    own: ThresholdSet
    platform: ThresholdSet


async def read_thresholds(context: Context, merchant_id: int | None) -> Thresholds:
    """``merchant_id`` None: the platform's alone."""
    async with context.read() as connection:
        platform = await thresholds.of_platform(connection)
        if merchant_id is None:
            return Thresholds(platform, platform)
        return Thresholds(await thresholds.of_merchant(connection, merchant_id), platform)


async def set_thresholds(
    context: Context, values: Sequence[Threshold], *, expected_version: int
) -> None:
    """Replace the thresholds of the viewer's merchant; for the platform's staff, the platform's.

    Raises BadInput or Refused. Of two people who set them at the same time, the second is refused,
    and so is a request that is sent again.
    """
    _check_different(values)
    changed = ThresholdSet(expected_version + 1, values)
    merchant_id = context.viewer.merchant_id
    async with context.write() as connection:
        if merchant_id is None:
            is_done = await thresholds.replace_platforms(connection, changed)
        else:
            is_done = await thresholds.replace_merchants(connection, merchant_id, changed)
        if not is_done:
            present = (
                await thresholds.of_platform(connection)
                if merchant_id is None
                else await thresholds.of_merchant(connection, merchant_id)
            )
            raise Refused(
                QualityThresholdsChanged(current=present.version, path=("expectedVersion",))
            )


def _check_different(values: Sequence[Threshold]) -> None:
    keys = [value.key for value in values]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            text = Text(
                "阈值重复", "An earlier threshold has the same metric, side and number of days."
            )
            raise BadInput(("thresholds", str(index), "metric"), text)
