"""What was done under a client's idempotency key, so that it is not done again."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Field, SQLModel

from models.columns import Stored, big, json
from models.tables import table_of

MAX_KEY: Final = 128
KEEP: Final = timedelta(hours=24)
"""For how long a key stands for the request that it was first used for."""


class IdempotencyKey(SQLModel, table=True):
    """A request that was carried out; written in the transaction of what it changed.

    ``actor`` is whoever asked, so that two never share a key. ``result`` is what the answer is read
    from when the request comes again: ids, never the answer itself.
    """

    __tablename__ = "idempotency_key"

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    actor: str = Field(primary_key=True, max_length=128)
    key: str = Field(primary_key=True, max_length=MAX_KEY)
    request_hash: str = Field(max_length=64)
    result: Stored | None = json(default=None)
    created_at: datetime = Field(index=True)


idempotency_keys = table_of(IdempotencyKey)
