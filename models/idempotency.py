"""The table of idempotency keys, by which a repeated request is not carried out again."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Field, SQLModel

from models.columns import Stored, big, json
from models.tables import table_of

MAX_KEY: Final = 128
KEEP: Final = timedelta(hours=24)
"""How long a key stands for the request that first used it."""


class IdempotencyKey(SQLModel, table=True):
    """A request that was carried out; written in the transaction of its changes.

    The key is unique for each ``actor``. When the request is repeated, its answer is read by the
    ids in ``result``; the answer itself is never stored.
    """

    __tablename__ = "idempotency_key"

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    actor: str = Field(primary_key=True, max_length=128)
    key: str = Field(primary_key=True, max_length=MAX_KEY)
    request_hash: str = Field(max_length=64)
    result: Stored | None = json(default=None)
    created_at: datetime = Field(index=True)


idempotency_keys = table_of(IdempotencyKey)
