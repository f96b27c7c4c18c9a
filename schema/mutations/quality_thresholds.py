"""The mutation that sets thresholds of figures."""

import strawberry

from domain.permissions import Permission
from resolvers.quality.set_thresholds import read_thresholds, set_thresholds
from schema.fields import Info, mutation
from schema.types.payload import refusals_field
from schema.types.quality_alert import (
    QualityThresholds,
    SetQualityThresholdsInput,
    thresholds_of,
)
from schema.types.refusal import Refusal


@strawberry.type(description="The thresholds that were set.")
class SetQualityThresholdsPayload:
    """The thresholds."""

    quality_thresholds: QualityThresholds | None = strawberry.field(
        default=None, description="The thresholds. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class QualityThresholdMutations:
    """Mutations of thresholds."""

    @mutation(Permission.SETTINGS_MANAGE, Permission.QUALITY_MANAGE)
    async def set_quality_thresholds(
        self, info: Info, input: SetQualityThresholdsInput
    ) -> SetQualityThresholdsPayload:
        """预警阈值. Sets all thresholds of the merchant at once.

        For the platform's staff, sets those of the platform, which hold for every merchant. They
        are compared with the figures within seconds, and an alert is raised for each that is
        crossed.
        """
        context, (values, version) = info.context, input.read()
        await set_thresholds(context, values, expected_version=version)
        changed = await read_thresholds(context, context.viewer.merchant_id)
        return SetQualityThresholdsPayload(quality_thresholds=thresholds_of(changed))
