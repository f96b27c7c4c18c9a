"""Pictures that were uploaded; the bytes lie in the file store under the same hash."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from domain.actors import ActorKind
from models.columns import big, enum
from models.tables import table_of


class Evidence(SQLModel, table=True):
    """A picture, stored once for each merchant, whoever uploads it again."""

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    sha256: str = Field(primary_key=True, max_length=64)
    media_type: str = Field(max_length=16)
    bytes: int
    width: int
    height: int
    uploaded_by_kind: ActorKind = enum(ActorKind)
    uploaded_by_id: int = big()
    uploaded_at: datetime


evidence = table_of(Evidence)
