"""Merchants, their enrolment and their addresses."""

from datetime import datetime
from typing import Final

import strawberry

from domain.actors import ActorKind
from domain.addresses import Address
from domain.divisions import AS_OF, region_of
from domain.enrolment import EnrolmentStatus
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import MAX_DETAIL, MAX_NAME, MAX_PHONE, optional_line, optional_phone
from models.merchant import enrolment_attempts, merchants, return_addresses, suspensions
from models.queries.webhooks import count_failed
from projection.fields import Constant, ToMany
from schema import ids
from schema.acting import acting_by_name
from schema.fields import column, computed, many, part, projected, subquery
from schema.types.actor import Actor
from schema.types.address_rules import ReturnAddressRules, rules_of
from schema.types.node import Node
from schema.types.service_targets import MerchantTargets, merchant_targets

_ZIP_DIGITS: Final = 6
_DIVISION_DIGITS: Final = 6
_REGION: Final = (
    "The names of province, city and district as one writes them on a parcel, such as "
    "`广东省 深圳市 南山区` or `北京市 朝阳区`. They are those of the day on which the address was "
    "saved."
)


@projected(merchants)
@strawberry.type(description="商家. A merchant of the marketplace.")
class Merchant(Node):
    """A merchant."""

    id: strawberry.ID = computed(
        ids.of_itself("Merchant"),
        (merchants.c.id,),
        "The globally unique id.",
    )
    name: str = column(merchants.c.name, "The name of the merchant.")
    enrolment: EnrolmentStatus = column(
        merchants.c.enrolment,
        "The status of the enrolment. The staff can process orders only while it is `ENABLED`.",
    )
    return_address_rules: ReturnAddressRules | None = computed(
        rules_of,
        (merchants.c.id, merchants.c.address_rules),
        "退货地址规则. The rules that name the address of certain goods. Null for customers.",
        customers=Constant(None),
    )
    time_zone: str = column(
        merchants.c.time_zone,
        "时区. The merchant's time zone, by its name in the tz database.",
    )
    service_targets: MerchantTargets | None = computed(
        merchant_targets,
        (merchants.c.service_targets, merchants.c.time_zone),
        "内部时限. The merchant's own targets. Null if it has none, and for customers.",
        customers=Constant(None),
    )
    failed_webhook_endpoints: int = subquery(
        count_failed,
        int,
        "Webhook 异常. The number of webhook endpoints that the system disabled because they "
        "failed. They need attention. 0 for customers.",
        customers=Constant(0),
    )


@projected(enrolment_attempts)
@strawberry.type(description="An application for enrolment and the decision on it.")
class EnrolmentAttempt:
    """An attempt."""

    number: int = column(enrolment_attempts.c.number, "The number of the attempt, from 1.")
    applied_by: Actor = acting_by_name(
        ActorKind.EMPLOYEE, enrolment_attempts.c.applied_by, "The person who applied."
    )
    applied_at: datetime = column(enrolment_attempts.c.applied_at, "When the merchant applied.")
    reviewed_by: Actor | None = acting_by_name(
        ActorKind.PLATFORM,
        enrolment_attempts.c.reviewed_by,
        "The person on the platform who decided. Null until then.",
    )
    reviewed_at: datetime | None = column(
        enrolment_attempts.c.reviewed_at, "When the decision was made. Null until then."
    )
    result: EnrolmentStatus = column(
        enrolment_attempts.c.result, "The result: `PENDING_REVIEW`, `ENABLED` or `REJECTED`."
    )
    reason: str | None = column(
        enrolment_attempts.c.reason, "The reason for the rejection. Null unless rejected."
    )


@projected(suspensions)
@strawberry.type(description="A period during which the platform suspended the merchant.")
class Suspension:
    """A suspension."""

    suspended_by: Actor = acting_by_name(
        ActorKind.PLATFORM, suspensions.c.suspended_by, "The person who suspended the merchant."
    )
    suspended_at: datetime = column(suspensions.c.suspended_at, "When the suspension started.")
    reason: str = column(suspensions.c.reason, "The reason for the suspension.")
    resumed_by: Actor | None = acting_by_name(
        ActorKind.PLATFORM,
        suspensions.c.resumed_by,
        "The person who ended the suspension. Null while it lasts.",
    )
    resumed_at: datetime | None = column(
        suspensions.c.resumed_at, "When the suspension ended. Null while it lasts."
    )
    resume_reason: str | None = column(
        suspensions.c.resume_reason, "The reason for ending the suspension. Null while it lasts."
    )


@strawberry.type(description="A postal address in China.")
class PostalAddress:
    """A copy of an address, which no longer changes."""

    contact: str = strawberry.field(description="The name of the recipient.")
    phone: str = strawberry.field(description="The phone number of the recipient.")
    zip: str | None = strawberry.field(description="The postal code. Null if not given.")
    province_code: str = strawberry.field(description="The code of the province (GB/T 2260).")
    city_code: str = strawberry.field(description="The code of the city (GB/T 2260).")
    district_code: str = strawberry.field(description="The code of the district (GB/T 2260).")
    region: str = strawberry.field(description=_REGION)
    detail: str = strawberry.field(description="The street and house number.")


@projected(return_addresses)
@strawberry.type(description="退货地址. An address that customers send goods to.")
class ReturnAddress(Node):
    """A return address."""

    id: strawberry.ID = computed(
        ids.of_tenant("ReturnAddress"),
        (return_addresses.c.merchant_id, return_addresses.c.id),
        "The globally unique id.",
    )
    is_default: bool = column(
        return_addresses.c.is_default,
        "Whether approvals without an explicit address use this one. A merchant with return "
        "addresses has exactly one default.",
    )
    contact: str = column(return_addresses.c.contact, "The name of the recipient.")
    phone: str = column(return_addresses.c.phone, "The phone number of the recipient.")
    zip: str | None = column(return_addresses.c.zip, "The postal code. Null if not given.")
    province_code: str = column(
        return_addresses.c.province_code, "The code of the province (GB/T 2260)."
    )
    city_code: str = column(return_addresses.c.city_code, "The code of the city (GB/T 2260).")
    district_code: str = column(
        return_addresses.c.district_code, "The code of the district (GB/T 2260)."
    )
    region: str = computed(
        lambda _context, stored, *codes: stored or region_of(*codes),
        (
            return_addresses.c.region,
            return_addresses.c.province_code,
            return_addresses.c.city_code,
            return_addresses.c.district_code,
        ),
        _REGION,
    )
    detail: str = column(return_addresses.c.detail, "The street and house number.")
    updated_at: datetime = column(
        return_addresses.c.updated_at,
        "When the address was last changed. Orders approved before keep their copy of the address.",
    )


@projected(merchants)
@strawberry.type(
    description=(
        "自主售后开通. A merchant's enrolment in the self-managed after-sales scheme, with its "
        "history."
    )
)
class Enrolment(Node):
    """An enrolment."""

    id: strawberry.ID = computed(
        ids.of_itself("Enrolment"), (merchants.c.id,), "The globally unique id."
    )
    merchant: Merchant = part("Merchant", "The merchant.")
    status: EnrolmentStatus = column(merchants.c.enrolment, "The current status of the enrolment.")
    attempts: list[EnrolmentAttempt] = many(
        ToMany(
            "EnrolmentAttempt",
            parent=(merchants.c.id,),
            child=(enrolment_attempts.c.merchant_id,),
            order_by=(enrolment_attempts.c.number,),
        ),
        "All applications for enrolment, oldest first.",
    )
    suspensions: list[Suspension] = many(
        ToMany(
            "Suspension",
            parent=(merchants.c.id,),
            child=(suspensions.c.merchant_id,),
            order_by=(suspensions.c.number,),
        ),
        "All suspensions, oldest first.",
    )
    return_addresses: list[ReturnAddress] = many(
        ToMany(
            "ReturnAddress",
            parent=(merchants.c.id,),
            child=(return_addresses.c.merchant_id,),
            order_by=(return_addresses.c.id,),
        ),
        "The merchant's return addresses.",
    )


@strawberry.input(
    description=(
        "A postal address in China. Fields that are empty or blank are refused with "
        "`INCOMPLETE_ADDRESS`."
    )
)
class AddressInput:
    """An address as entered."""

    contact: str = strawberry.field(
        description=f"The name of the recipient. At most {MAX_NAME} characters."
    )
    phone: str = strawberry.field(
        description=f"The phone number of the recipient. At most {MAX_PHONE} characters.",
    )
    zip: str | None = strawberry.field(default=None, description="The postal code, six digits.")
    province_code: str = strawberry.field(
        description=(
            "The code of the province, from the query `divisions`. Codes that were abolished by "
            f"{AS_OF:%Y-%m-%d} are refused with `UNKNOWN_DIVISION`."
        ),
    )
    city_code: str = strawberry.field(description="The code of a city of that province.")
    district_code: str = strawberry.field(
        description=(
            "The code of a district of that city. Cities without districts (东莞市 441900, 中山市 "
            "442000, 儋州市 460400, 嘉峪关市 620200) can be given as their own district."
        ),
    )
    detail: str = strawberry.field(
        description=f"The street and house number. At most {MAX_DETAIL} characters."
    )

    def read(self, *path: str) -> Address:
        """Raises BadInput."""

        def text(value: str | None, name: str, longest: int) -> str:
            return optional_line(value, *path, name, longest=longest) or ""

        return Address(
            contact=text(self.contact, "contact", MAX_NAME),
            phone=optional_phone(self.phone, *path, "phone") or "",
            zip=_postal_code(text(self.zip, "zip", _ZIP_DIGITS), *path, "zip"),
            province_code=text(self.province_code, "provinceCode", _DIVISION_DIGITS),
            city_code=text(self.city_code, "cityCode", _DIVISION_DIGITS),
            district_code=text(self.district_code, "districtCode", _DIVISION_DIGITS),
            detail=text(self.detail, "detail", MAX_DETAIL),
        )


def _postal_code(value: str, *path: str) -> str | None:
    if value and not (value.isascii() and value.isdigit() and len(value) == _ZIP_DIGITS):
        raise BadInput(path, Text("邮政编码须为六位数字", "A postal code has six digits."))
    return value or None


def postal(stored: dict[str, str] | None) -> PostalAddress | None:
    """The address stored in a JSON column."""
    if stored is None:
        return None
    address = Address.read(stored)
    return PostalAddress(
        contact=address.contact,
        phone=address.phone,
        zip=address.zip,
        province_code=address.province_code,
        city_code=address.city_code,
        district_code=address.district_code,
        region=address.region,
        detail=address.detail,
    )
