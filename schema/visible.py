"""Which rows a viewer may see: conditions that come from the viewer, never from an argument."""

from typing import Any

import sqlalchemy as sa

from auth.viewer import Viewer
from domain.permissions import Permission
from models.application import applications
from models.service_order import service_orders
from schema.answers import one

Conditions = tuple[sa.ColumnElement[bool], ...]


def of_merchant(viewer: Viewer, column: sa.ColumnElement[Any]) -> Conditions:
    """The viewer's own merchant; for the platform every merchant."""
    return () if viewer.merchant_id is None else (column == viewer.merchant_id,)


def orders(viewer: Viewer) -> Conditions:
    """The service orders that the viewer may see."""
    return _desk(viewer, service_orders)


def submitted(viewer: Viewer) -> Conditions:
    """The applications that the viewer may see."""
    return _desk(viewer, applications)


def _desk(viewer: Viewer, table: sa.Table) -> Conditions:
    """By what the viewer may read, not by what it is: who may read nothing, sees nothing."""
    if viewer.may(Permission.MERCHANT_READ):
        return ()
    mine = table.c.merchant_id == viewer.merchant_id
    if viewer.may(Permission.SERVICE_ORDER_READ):
        return (mine,)
    if viewer.customer_ref is not None:
        return (mine, table.c.customer_ref == viewer.customer_ref)
    return (sa.false(),)


def order(viewer: Viewer, key: tuple[int, int]) -> Any:  # Any: a source stands for its object
    """One service order, if the viewer may see it."""
    return one("ServiceOrder", key, orders(viewer))
