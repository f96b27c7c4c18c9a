"""Which rows a viewer may see: conditions that come from the viewer, never from an argument."""

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
    """The viewer's own merchant; for the platform every merchant."""
    return () if viewer.merchant_id is None else (_is(column)(viewer.merchant_id),)


def orders(viewer: Viewer) -> Conditions:
    """The service orders that the viewer may see."""
    return _desk(viewer, *_ORDERS)


def submitted(viewer: Viewer) -> Conditions:
    """The applications that the viewer may see."""
    return _desk(viewer, *_APPLICATIONS)


def _desk(viewer: Viewer, is_of_merchant: Template, is_of_customer: Template) -> Conditions:
    """By what the viewer may read, not by what it is: who may read nothing, sees nothing."""
    if viewer.may(Permission.MERCHANT_READ):
        return ()
    mine = is_of_merchant(viewer.merchant_id)
    if viewer.may(Permission.SERVICE_ORDER_READ):
        return (mine,)
    if viewer.customer_ref is not None:
        return (mine, is_of_customer(viewer.customer_ref))
    return (NO_ROWS(),)


def order(viewer: Viewer, key: tuple[int, int], written: UpdatedRow | None = None) -> Any:
    """One service order, if the viewer may see it. Any: a source stands for its object."""
    loaded_row = None if written is None else LoadedRow(written.dialect, written.row, _PLACES)
    return object_source("ServiceOrder", key, orders(viewer), loaded_row)


_PLACES = {column.key: at for at, column in enumerate(service_orders.c)}


@cache
def _is(column: sa.ColumnElement[Any]) -> Template:
    """One template for each column, for which one it is decides about the plan."""
    return equals(column)


_ORDERS = (_is(service_orders.c.merchant_id), _is(service_orders.c.customer_ref))
_APPLICATIONS = (_is(applications.c.merchant_id), _is(applications.c.customer_ref))
