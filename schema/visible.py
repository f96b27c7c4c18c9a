"""Which rows a viewer may see: conditions derived from the viewer, never from an argument."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from auth.viewer import Viewer
from domain.permissions import Permission
from execution.sources import object_source
from models.application import applications
from models.journal.record import UpdatedRow
from models.service_order import service_orders
from projection.conditions import NO_ROWS, Conditions, Template, equals
from projection.sources import LoadedRow


def of_merchant(viewer: Viewer, column: sa.ColumnElement[Any]) -> Conditions:
    """Rows of the viewer's merchant; for the platform, of every merchant."""
    return () if viewer.merchant_id is None else (_equals(column)(viewer.merchant_id),)


def orders(viewer: Viewer) -> Conditions:
    """The service orders that the viewer may see."""
    return _desk(viewer, *_ORDERS)


def submitted(viewer: Viewer) -> Conditions:
    """The applications that the viewer may see."""
    return _desk(viewer, *_APPLICATIONS)


def _desk(viewer: Viewer, is_of_merchant: Template, is_of_customer: Template) -> Conditions:
    """By the viewer's permissions, not its kind: a viewer without permission sees no rows."""
    if viewer.may(Permission.MERCHANT_READ):
        return ()
    merchant = is_of_merchant(viewer.merchant_id)
    if viewer.may(Permission.SERVICE_ORDER_READ):
        return (merchant,)
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


_ORDERS = (_equals(service_orders.c.merchant_id), _equals(service_orders.c.customer_ref))
_APPLICATIONS = (_equals(applications.c.merchant_id), _equals(applications.c.customer_ref))
