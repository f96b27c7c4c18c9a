"""STUB until main has the feed's cursor."""


def encode_cursor(merchant_id: int, position: int, service_order_id: int, sequence: int) -> str:
    return f"{merchant_id}.{position}.{service_order_id}.{sequence}"
