"""Mutations of a merchant's own targets and time zone."""

import strawberry

from domain.permissions import Permission
from execution.sources import object_source
from resolvers.settings.service_targets import set_service_targets, set_time_zone
from schema.fields import Info, mutation
from schema.types.merchant import Merchant
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal
from schema.types.service_targets import SetServiceTargetsInput


@strawberry.input(description="The time zone to set.")
class SetTimeZoneInput:
    """A time zone."""

    time_zone: str = strawberry.field(
        description="The name of the time zone in the tz database, such as `Asia/Shanghai`."
    )


@strawberry.type(description="The merchant with its settings.")
class MerchantSettingsPayload:
    """A merchant's payload."""

    merchant: Merchant | None = strawberry.field(
        default=None, description="The merchant. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class SettingsMutations:
    """Mutations of a merchant's settings."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def set_service_targets(
        self, info: Info, input: SetServiceTargetsInput
    ) -> MerchantSettingsPayload:
        """内部时限. Sets the merchant's own targets for review, receipt and processing.

        They hold for orders that enter the status afterwards; orders that wait keep the target that
        they have. A target has no consequence and never extends the platform's window: the 48 hours
        of review cannot be extended, neither for all orders nor for one.
        """
        merchant = await set_service_targets(info.context, input.read())
        return MerchantSettingsPayload(merchant=object_source("Merchant", (merchant,)))

    @mutation(Permission.SETTINGS_MANAGE)
    async def set_time_zone(self, info: Info, input: SetTimeZoneInput) -> MerchantSettingsPayload:
        """时区. Sets the merchant's time zone, in which its business hours are meant.

        Targets of orders that wait stay as they are.
        """
        merchant = await set_time_zone(info.context, input.time_zone)
        return MerchantSettingsPayload(merchant=object_source("Merchant", (merchant,)))
