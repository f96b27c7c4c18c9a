"""Merchants, their enrolment and their return addresses, as clients see them."""

from datetime import datetime

import strawberry

from domain.addresses import Address
from domain.divisions import name_of
from domain.enrolment import EnrolmentStatus
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import MAX_DETAIL, MAX_NAME, MAX_PHONE, optional_words
from models.merchant import enrolment_attempts, merchants, return_addresses, suspensions
from projection.fields import Many
from schema import ids
from schema.fields import column, computed, many, part, projected
from schema.types.node import Node


@projected(merchants)
@strawberry.type(description="商家. A merchant: whose customers apply, and whose staff decides.")
class Merchant(Node):
    """A merchant."""

    id: strawberry.ID = computed(
        ids.of_itself("Merchant"),
        (merchants.c.id,),
        "The id, unique over all types.",
    )
    name: str = column(merchants.c.name, "What the merchant is called.")
    enrolment: EnrolmentStatus = column(
        merchants.c.enrolment, "How far its enrolment has come; it works while it is `ENABLED`."
    )


@projected(enrolment_attempts)
@strawberry.type(description="One application for admission, and what became of it.")
class EnrolmentAttempt:
    """An attempt."""

    number: int = column(enrolment_attempts.c.number, "1 for the first attempt, and so on.")
    applied_by: str = column(enrolment_attempts.c.applied_by, "Who applied.")
    applied_at: datetime = column(enrolment_attempts.c.applied_at, "When.")
    reviewed_by: str | None = column(
        enrolment_attempts.c.reviewed_by, "Who of the platform decided; null until somebody did."
    )
    reviewed_at: datetime | None = column(enrolment_attempts.c.reviewed_at, "When it was decided.")
    result: EnrolmentStatus = column(
        enrolment_attempts.c.result, "`PENDING_REVIEW`, `ENABLED` or `REJECTED`."
    )
    reason: str | None = column(enrolment_attempts.c.reason, "Why it was turned down.")


@projected(suspensions)
@strawberry.type(description="A time during which the platform did not let the merchant work.")
class Suspension:
    """A suspension."""

    suspended_by: str = column(suspensions.c.suspended_by, "Who suspended the merchant.")
    suspended_at: datetime = column(suspensions.c.suspended_at, "When.")
    reason: str = column(suspensions.c.reason, "Why.")
    resumed_by: str | None = column(suspensions.c.resumed_by, "Who let it go on.")
    resumed_at: datetime | None = column(suspensions.c.resumed_at, "When; null while it lasts.")
    resume_reason: str | None = column(suspensions.c.resume_reason, "Why it may go on.")


@strawberry.type(description="An address in China.")
class PostalAddress:
    """An address as it was copied; it no longer changes."""

    contact: str = strawberry.field(description="To whom.")
    phone: str = strawberry.field(description="The phone of the contact.")
    zip: str | None = strawberry.field(description="The postal code.")
    province_code: str = strawberry.field(description="The code of the province (GB/T 2260).")
    city_code: str = strawberry.field(description="The code of the city.")
    district_code: str = strawberry.field(description="The code of the district.")
    region: str = strawberry.field(description="The names of province, city and district.")
    detail: str = strawberry.field(description="Street and house.")


@projected(return_addresses)
@strawberry.type(description="退货地址. Where customers send goods to.")
class ReturnAddress(Node):
    """A return address."""

    id: strawberry.ID = computed(
        ids.of_tenant("ReturnAddress"),
        (return_addresses.c.merchant_id, return_addresses.c.id),
        "The id, unique over all types.",
    )
    is_default: bool = column(
        return_addresses.c.is_default,
        "Whether approvals go here that name no other address; exactly one address is the default.",
    )
    contact: str = column(return_addresses.c.contact, "To whom.")
    phone: str = column(return_addresses.c.phone, "The phone of the contact.")
    zip: str | None = column(return_addresses.c.zip, "The postal code.")
    province_code: str = column(
        return_addresses.c.province_code, "The code of the province (GB/T 2260)."
    )
    city_code: str = column(return_addresses.c.city_code, "The code of the city.")
    district_code: str = column(return_addresses.c.district_code, "The code of the district.")
    region: str = computed(
        lambda _context, *codes: " ".join(map(name_of, codes)),
        (
            return_addresses.c.province_code,
            return_addresses.c.city_code,
            return_addresses.c.district_code,
        ),
        "The names of province, city and district.",
    )
    detail: str = column(return_addresses.c.detail, "Street and house.")
    updated_at: datetime = column(
        return_addresses.c.updated_at,
        "When it was last changed. Orders that were approved before keep what they were told.",
    )


@projected(merchants)
@strawberry.type(description="自主售后开通. A merchant's admission to the scheme and its history.")
class Enrolment:
    """An enrolment."""

    merchant: Merchant = part("Merchant", "Whose it is.")
    status: EnrolmentStatus = column(merchants.c.enrolment, "How far it has come.")
    attempts: list[EnrolmentAttempt] = many(
        Many(
            "EnrolmentAttempt",
            parent=(merchants.c.id,),
            child=(enrolment_attempts.c.merchant_id,),
            order_by=(enrolment_attempts.c.number,),
        ),
        "Every application for admission, the first one first.",
    )
    suspensions: list[Suspension] = many(
        Many(
            "Suspension",
            parent=(merchants.c.id,),
            child=(suspensions.c.merchant_id,),
            order_by=(suspensions.c.number,),
        ),
        "Every suspension, the first one first.",
    )
    return_addresses: list[ReturnAddress] = many(
        Many(
            "ReturnAddress",
            parent=(merchants.c.id,),
            child=(return_addresses.c.merchant_id,),
            order_by=(return_addresses.c.id,),
        ),
        "Where its customers send goods to.",
    )


@strawberry.input(
    description=(
        "An address. All but `zip` is required: what is missing is refused as "
        "`INCOMPLETE_ADDRESS`, by name."
    )
)
class AddressInput:
    """An address as it is typed."""

    contact: str | None = strawberry.field(
        default=None, description=f"To whom; up to {MAX_NAME} characters."
    )
    phone: str | None = strawberry.field(
        default=None, description=f"The phone of the contact; up to {MAX_PHONE} characters."
    )
    zip: str | None = strawberry.field(default=None, description="The postal code, six digits.")
    province_code: str | None = strawberry.field(
        default=None, description="The code of the province, from `divisions`."
    )
    city_code: str | None = strawberry.field(
        default=None, description="The code of a city of that province."
    )
    district_code: str | None = strawberry.field(
        default=None, description="The code of a district of that city."
    )
    detail: str | None = strawberry.field(
        default=None, description=f"Street and house; up to {MAX_DETAIL} characters."
    )

    def read(self, *path: str) -> Address:
        """Raises BadInput."""

        def said(value: str | None, name: str, longest: int) -> str:
            return optional_words(value, *path, name, longest=longest) or ""

        return Address(
            contact=said(self.contact, "contact", MAX_NAME),
            phone=said(self.phone, "phone", MAX_PHONE),
            zip=_postal_code(said(self.zip, "zip", 6), *path, "zip"),
            province_code=said(self.province_code, "provinceCode", 6),
            city_code=said(self.city_code, "cityCode", 6),
            district_code=said(self.district_code, "districtCode", 6),
            detail=said(self.detail, "detail", MAX_DETAIL),
        )


def _postal_code(said: str, *path: str) -> str | None:
    if said and not (said.isascii() and said.isdigit() and len(said) == 6):  # noqa: PLR2004
        raise BadInput(path, Text("邮政编码须为六位数字", "A postal code has six digits."))
    return said or None


def postal(stored: dict[str, str] | None) -> PostalAddress | None:
    """An address out of a JSON column."""
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
