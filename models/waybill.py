"""The table of waybills, by which orders are found."""

from sqlmodel import SQLModel

from models.columns import big, search_key
from models.tables import table_of, within_tenant


class ServiceOrderWaybill(SQLModel, table=True):
    """A waybill of a shipment to or from the merchant, in the form that searches compare.

    Rows are never deleted: an order is also found by a waybill that was corrected.
    """

    __tablename__ = "service_order_waybill"
    __table_args__ = (within_tenant("service_order_id", "service_order"),)

    merchant_id: int = big(primary_key=True)
    waybill: str = search_key(primary_key=True)
    service_order_id: int = big(primary_key=True)


waybills = table_of(ServiceOrderWaybill)
