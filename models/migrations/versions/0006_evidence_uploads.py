"""The table of uploads: customers and storefronts attach only pictures that they uploaded.

Of existing pictures the first uploader is known, but not which customer it was. A customer must
upload a picture again that is not attached to anything yet.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_upload",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.Column(
            "uploader_kind",
            sa.Enum(
                "PLATFORM",
                "MAIN_ACCOUNT",
                "EMPLOYEE",
                "CONNECTOR",
                "CUSTOMER",
                "SYSTEM",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("uploader_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_ref", AutoString(length=64), nullable=False),
        sa.Column("uploaded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "sha256"],
            ["evidence.merchant_id", "evidence.sha256"],
            name=op.f("fk_evidence_upload_merchant_id_evidence"),
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id",
            "sha256",
            "uploader_kind",
            "uploader_id",
            "customer_ref",
            name=op.f("pk_evidence_upload"),
        ),
    )
    op.execute(
        "INSERT INTO evidence_upload"
        " (merchant_id, sha256, uploader_kind, uploader_id, customer_ref, uploaded_at)"
        " SELECT merchant_id, sha256, uploaded_by_kind, uploaded_by_id, '', uploaded_at"
        " FROM evidence WHERE uploaded_by_kind <> 'CUSTOMER'"
    )


def downgrade() -> None:
    op.drop_table("evidence_upload")
