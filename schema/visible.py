"""Which rows a viewer may see: conditions derived from the viewer, never from an argument."""

from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from auth.viewer import Viewer
from domain.actors import ActorKind
from domain.permissions import Permission
from domain.refusals.refusal import BadInput
from domain.text import Text
from execution.sources import object_source
from models.application import applications
from models.journal.record import UpdatedRow
from models.service_order import service_orders
from projection.conditions import NO_ROWS, Conditions, IsIn, Template, equals
from projection.sources import LoadedRow


def of_merchant(viewer: Viewer, column: sa.ColumnElement[Any]) -> Conditions:
    """Rows of the viewer's merchant; for the platform, of every merchant that the viewer serves."""
    if viewer.merchant_id is not None:
        return (_equals(column)(viewer.merchant_id),)
    return () if viewer.merchant_ids is None else (_is_in(column)(sorted(viewer.merchant_ids)),)


def orders(viewer: Viewer) -> Conditions:
    """The service orders that the viewer may see."""
    return _desk(viewer, service_orders.c.merchant_id, *_ORDERS)


def orders_at(viewer: Viewer, merchant_id: int | None) -> Conditions:
    """The service orders at a merchant, or everywhere if the viewer names none.

    Raises BadInput for a connector that serves several merchants and names none: no index has the
    orders of several merchants in their order.
    """
    if merchant_id is None:
        is_platforms = viewer.kind is ActorKind.CONNECTOR and viewer.merchant_id is None
        if is_platforms and viewer.may(Permission.SERVICE_ORDER_READ):
            raise BadInput(("merchantId",), Text("需要指定商家", "Say for which merchant."))
        return orders(viewer)
    if not viewer.serves(merchant_id):
        return (NO_ROWS(),)
    if viewer.may(Permission.MERCHANT_READ):
        return (_ORDERS[0](merchant_id),)
    return orders(replace(viewer, merchant_id=merchant_id))


def submitted(viewer: Viewer) -> Conditions:
    """The applications that the viewer may see."""
    return _desk(viewer, applications.c.merchant_id, *_APPLICATIONS)


def _desk(
    viewer: Viewer,
    column: sa.ColumnElement[Any],
    is_of_merchant: Template,
    is_of_customer: Template,
) -> Conditions:
    """By the viewer's permissions, not its kind: a viewer without permission sees no rows."""
    if viewer.may(Permission.MERCHANT_READ, Permission.INTERVENE):
        return ()
    merchant = is_of_merchant(viewer.merchant_id)
    if viewer.may(Permission.SERVICE_ORDER_READ):
        return (merchant,) if viewer.merchant_id is not None else of_merchant(viewer, column)
    if viewer.customer_ref is not None:
        return (merchant, is_of_customer(viewer.customer_ref))
    return (NO_ROWS(),)


def reads_orders(viewer: Viewer) -> bool:
    """Whether the viewer may see the orders of every customer of a merchant."""
    return viewer.may(Permission.SERVICE_ORDER_READ, Permission.MERCHANT_READ)


def order(viewer: Viewer, key: tuple[int, int], written: UpdatedRow | None = None) -> Any:
    """A service order, if the viewer may see it. Any: a source stands for its object.

    ``written`` is the row as the mutation wrote it, if it did.
    """
    at_hand = None if written is None else LoadedRow(written.dialect, written.row, _POSITIONS)
    return object_source("ServiceOrder", key, orders(viewer), at_hand)


_POSITIONS = {column.key: index for index, column in enumerate(service_orders.c)}


@cache
def _equals(column: sa.ColumnElement[Any]) -> Template:
    """One template for each column: plans are cached by the identity of their templates."""
    return equals(column)


@cache
def _is_in(column: sa.ColumnElement[Any]) -> IsIn:
    return IsIn(column)


_ORDERS = (_equals(service_orders.c.merchant_id), _equals(service_orders.c.customer_ref))
_APPLICATIONS = (_equals(applications.c.merchant_id), _equals(applications.c.customer_ref))
