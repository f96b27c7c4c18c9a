"""The tables of uploaded pictures. The file store has the bytes, under the same hash."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from domain.actors import ActorKind
from models.columns import big, enum
from models.tables import table_of


class Evidence(SQLModel, table=True):
    """A picture, stored once for each merchant. ``uploaded_by`` is the first uploader."""

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    sha256: str = Field(primary_key=True, max_length=64)
    media_type: str = Field(max_length=16)
    bytes: int
    width: int
    height: int
    uploaded_by_kind: ActorKind = enum(ActorKind)
    uploaded_by_id: int = big()
    uploaded_at: datetime


class EvidenceUpload(SQLModel, table=True):
    """An upload of a picture: several uploaders may have sent the same bytes.

    All customers have the id 0; ``customer_ref`` distinguishes them, and is empty for others.
    """

    __tablename__ = "evidence_upload"
    __table_args__ = (
        ForeignKeyConstraint(
            ["merchant_id", "sha256"], ["evidence.merchant_id", "evidence.sha256"]
        ),
    )

    merchant_id: int = big(primary_key=True)
    sha256: str = Field(primary_key=True, max_length=64)
    uploader_kind: ActorKind = enum(ActorKind, primary_key=True)
    uploader_id: int = big(primary_key=True)
    customer_ref: str = Field(primary_key=True, max_length=64)
    uploaded_at: datetime


class PictureErasure(SQLModel, table=True):
    """A picture that is to be erased, unless an order that is not erased uses it.

    With ``erased_at`` its row and its file are gone. Whoever uploads the same bytes again deletes
    this row, and then stores the file again: see ``resolvers/service_orders/upload_evidence.py``.
    """

    __tablename__ = "picture_erasure"

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    sha256: str = Field(primary_key=True, max_length=64)
    queued_at: datetime
    erased_at: datetime | None = None


evidence = table_of(Evidence)
picture_erasures = table_of(PictureErasure)
evidence_uploads = table_of(EvidenceUpload)
