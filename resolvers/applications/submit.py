"""Submitting an application: each of its items becomes a service order."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.addresses import Address
from domain.applications import Expectation, LogisticsIn
from domain.clocks import Clocks, first_clocks
from domain.desk.evidence import Picture
from domain.desk.intake import AppliedItem, amount_refusals, quantity_refusals
from domain.enrolment import EnrolmentStatus
from domain.events import EventKind
from domain.own_reasons import OwnReason
from domain.refusals.intake import ExternalRefReused, NoPickupAddress
from domain.refusals.orders import MerchantNotEnabled
from domain.refusals.refusal import Refused
from domain.statuses import Status
from domain.targets import StoredTargets
from models.application import Application, applications, search_keys
from models.feed import in_outbox
from models.ids import new_id
from models.journal.step_values import clock_columns
from models.journal.targets import entered_target, with_target
from models.queries import calendar, merchants, purchases
from models.queries.service_orders import targets_of
from models.service_order import ServiceOrder, ServiceOrderEvent
from models.tables import add
from models.wake import wake_for
from resolvers.applications.chosen_reasons import check_platforms, find_own_reasons
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay, store_result
from resolvers.service_orders.attached import find_pictures
from resolvers.tenancy import merchant_for

ApplicationKey = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A purchased item and what is wrong with it. Amounts in fen."""

    expectation: Expectation
    reason: str
    description: str
    pictures: Sequence[str]
    logistics_in: LogisticsIn
    sku: str
    name: str
    quantity: int
    purchased_quantity: int | None
    unit_price: int
    paid_amount: int
    category: str | None = None
    warehouse: str | None = None

    @property
    def applied(self) -> AppliedItem:
        """What the checks of the purchase need to know."""
        return AppliedItem(
            sku=self.sku,
            quantity=self.quantity,
            purchased_quantity=self.purchased_quantity,
            unit_price=self.unit_price,
            paid_amount=self.paid_amount,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An application as the storefront sends it, or staff for a customer on the phone."""

    external_ref: str
    order_number: str
    customer_ref: str
    customer_name: str
    customer_phone: str
    pickup_address: Address | None
    items: Sequence[Item]

    @property
    def reasons(self) -> list[str]:
        """The codes of the reasons, one for each item."""
        return [item.reason for item in self.items]

    @property
    def content_hash(self) -> str:
        content = asdict(self)
        if self.pickup_address is not None:
            del content["pickup_address"]["region"]  # the names of the same codes can change
        # Fields of an item that are left out do not count: a new optional field must not make
        # another application of one that was sent before.
        content["items"] = [
            {name: value for name, value in item.items() if value is not None}
            for item in content["items"]
        ]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class MerchantSettings:
    """What of the merchant's settings a new order takes."""

    own_reasons: Mapping[str, OwnReason]
    targets: StoredTargets | None


async def submit(
    context: Context, submission: Submission, merchant_id: int | None
) -> tuple[ApplicationKey, bool]:
    """The application's key, and whether it was submitted before. Raises Refused."""
    merchant = merchant_for(context, merchant_id)
    _check_content(submission)
    async with context.write() as connection:
        merchant_row = await merchants.get(connection, merchant)
        earlier = await claim_or_replay(connection, context, merchant_id=merchant)
        if earlier is not None:
            return (merchant, earlier["id"]), True
        await lock(connection, "application", merchant, context.viewer.id, submission.external_ref)
        existing_id = await _find_id(connection, context, merchant, submission)
        if existing_id is None:
            _check_acceptable(submission, merchant_row.enrolment)
            await _check_purchase(connection, merchant, submission)
            own_reasons = await find_own_reasons(
                connection, merchant, submission.reasons, merchant_row.retired_reasons or ()
            )
            settings = MerchantSettings(own_reasons, targets_of(merchant_row))
            id_ = await _add_application(connection, context, merchant, submission, settings)
        else:
            id_ = existing_id
        await store_result(connection, context, {"id": id_}, merchant_id=merchant)
    return (merchant, id_), existing_id is not None


def _check_content(submission: Submission) -> None:
    pickup = submission.pickup_address
    problem = pickup and pickup.problem("pickupAddress")
    if problem:
        raise Refused(problem)
    check_platforms(submission.reasons)


def _check_acceptable(submission: Submission, enrolment: EnrolmentStatus) -> None:
    """Refuse a new application. One that was accepted before is answered whatever changed since."""
    if enrolment is not EnrolmentStatus.ENABLED:
        raise Refused(MerchantNotEnabled(enrolment=enrolment))
    is_picked_up = any(item.logistics_in is LogisticsIn.PICKUP for item in submission.items)
    if is_picked_up and submission.pickup_address is None:
        raise Refused(NoPickupAddress(path=("pickupAddress",)))


async def _check_purchase(
    connection: AsyncConnection, merchant_id: int, submission: Submission
) -> None:
    """Refuse amounts that cannot be, and more units than were bought.

    The lock on each purchase line lets one of several concurrent submissions through.
    """
    items = [item.applied for item in submission.items]
    skus = [item.sku for item in items]
    earlier = await purchases.lock_lines(connection, merchant_id, submission.order_number, skus)
    if refusals := [*amount_refusals(items), *quantity_refusals(items, earlier)]:
        raise Refused(*refusals)


async def _find_id(
    connection: AsyncConnection, context: Context, merchant_id: int, submission: Submission
) -> int | None:
    row = (
        await connection.execute(
            sa.select(applications.c.id, applications.c.content_hash).where(
                applications.c.merchant_id == merchant_id,
                applications.c.connector_id == context.viewer.id,
                applications.c.external_ref == submission.external_ref,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    if row.content_hash != submission.content_hash:
        path = ("externalRef",)
        raise Refused(ExternalRefReused(external_ref=submission.external_ref, path=path))
    return int(row.id)


async def _add_application(
    connection: AsyncConnection,
    context: Context,
    merchant_id: int,
    submission: Submission,
    settings: MerchantSettings,
) -> int:
    id_, pickup = new_id(), submission.pickup_address
    await add(
        connection,
        Application(
            merchant_id=merchant_id,
            id=id_,
            connector_id=context.viewer.id,
            external_ref=submission.external_ref,
            content_hash=submission.content_hash,
            order_number=submission.order_number,
            customer_ref=submission.customer_ref,
            customer_name=submission.customer_name,
            customer_phone=submission.customer_phone,
            pickup_address=pickup.stored() if pickup else None,
            applied_at=context.now,
            **search_keys(
                order_number=submission.order_number,
                name=submission.customer_name,
                phone=submission.customer_phone,
            ),
        ),
    )
    windows = await calendar.lock_upcoming(connection, context.now)
    clocks = first_clocks(context.now, windows)
    target_at = entered_target(
        settings.targets, Status.PENDING_REVIEW, context.now, clocks.due_at, windows
    )
    for index, item in enumerate(submission.items):
        pictures = await find_pictures(
            connection,
            context,
            merchant_id,
            item.pictures,
            customer_ref=submission.customer_ref,
            path=("items", str(index), "evidenceIds"),
            by_staff=True,
        )
        order = _new_order(context.now, (merchant_id, id_), submission, item, pictures, clocks)
        own_reason = settings.own_reasons.get(item.reason)
        if own_reason is not None:
            order.own_reason = own_reason.copied()
        order.target_at = target_at
        event = _submitted_event(context, order)
        await add(connection, order, event, in_outbox(event))
    await wake_for(connection, clocks.due_at, context.now)
    return id_


def _new_order(
    now: datetime,
    application: ApplicationKey,
    submission: Submission,
    item: Item,
    pictures: Sequence[Picture],
    clocks: Clocks,
) -> ServiceOrder:
    merchant_id, application_id = application
    return ServiceOrder(
        merchant_id=merchant_id,
        id=new_id(),
        application_id=application_id,
        order_number=submission.order_number,
        customer_ref=submission.customer_ref,
        version=1,
        customer_version=1,
        status=Status.PENDING_REVIEW,
        expectation=item.expectation,
        reason_code=item.reason,
        description=item.description,
        pictures=[picture.stored() for picture in pictures],
        logistics_in=item.logistics_in,
        sku=item.sku,
        item_name=item.name,
        quantity=item.quantity,
        purchased_quantity=item.purchased_quantity,
        unit_price=item.unit_price,
        paid_amount=item.paid_amount,
        category=item.category,
        warehouse=item.warehouse,
        review_started_at=clocks.review.started_at,
        **clock_columns(clocks),
        applied_at=now,
        updated_at=now,
        customer_updated_at=now,
    )


def _submitted_event(context: Context, order: ServiceOrder) -> ServiceOrderEvent:
    return ServiceOrderEvent(
        merchant_id=order.merchant_id,
        service_order_id=order.id,
        sequence=1,
        customer_sequence=1,
        kind=EventKind.SUBMITTED,
        at=context.now,
        actor_kind=context.viewer.kind,
        actor_id=context.viewer.id,
        actor_name=context.viewer.name,
        to_status=Status.PENDING_REVIEW,
        customer_note=order.description,
        details=with_target(
            {"pictures": order.pictures} if order.pictures else None, order.target_at
        ),
    )
