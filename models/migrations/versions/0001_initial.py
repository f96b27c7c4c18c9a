"""Everything there is at first."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("login", AutoString(length=64), nullable=False),
        sa.Column("password_hash", AutoString(length=256), nullable=False),
        sa.Column(
            "kind",
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
        sa.Column("merchant_id", sa.BigInteger(), nullable=True),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_merchant_id"), ["merchant_id"], unique=False)

    op.create_table(
        "connector",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=True),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column("secret_hash", AutoString(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector")),
    )
    with op.batch_alter_table("connector", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_connector_merchant_id"), ["merchant_id"], unique=False)

    op.create_table(
        "merchant",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column(
            "enrolment",
            sa.Enum(
                "NOT_ENROLLED",
                "PENDING_REVIEW",
                "ENABLED",
                "REJECTED",
                "SUSPENDED",
                name="enrolment_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
    )
    op.create_table(
        "pause_window",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column("start_at", UTCDateTime(), nullable=False),
        sa.Column("end_at", UTCDateTime(), nullable=False),
        sa.Column("declared_by", AutoString(length=64), nullable=False),
        sa.Column("declared_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_window")),
    )
    with op.batch_alter_table("pause_window", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_window_start_at"), ["start_at"], unique=False)

    op.create_table(
        "sandbox_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ahead_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_clock")),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("login", AutoString(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_started_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_sign_in_throttle")),
    )
    op.create_table(
        "application",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("connector_id", sa.BigInteger(), nullable=False),
        sa.Column("external_ref", AutoString(length=64), nullable=False),
        sa.Column("content_hash", AutoString(length=64), nullable=False),
        sa.Column("order_number", AutoString(length=64), nullable=False),
        sa.Column("customer_ref", AutoString(length=64), nullable=False),
        sa.Column("customer_name", AutoString(length=64), nullable=False),
        sa.Column("customer_phone", AutoString(length=32), nullable=False),
        sa.Column("pickup_address", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_application_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_application")),
        sa.UniqueConstraint(
            "merchant_id",
            "connector_id",
            "external_ref",
            name=op.f("uq_application_merchant_id_connector_id_external_ref"),
        ),
    )
    op.create_table(
        "employee",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column("login", AutoString(length=64), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("extra_permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["account.id"], name=op.f("fk_employee_id_account")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_employee_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_employee")),
    )
    op.create_table(
        "enrolment_attempt",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("applied_by", AutoString(length=64), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.Column("reviewed_by", AutoString(length=64), nullable=True),
        sa.Column("reviewed_at", UTCDateTime(), nullable=True),
        sa.Column(
            "result",
            sa.Enum(
                "NOT_ENROLLED",
                "PENDING_REVIEW",
                "ENABLED",
                "REJECTED",
                "SUSPENDED",
                name="enrolment_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_enrolment_attempt_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "number", name=op.f("pk_enrolment_attempt")),
    )
    op.create_table(
        "evidence",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.Column("media_type", AutoString(length=16), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column(
            "uploaded_by_kind",
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
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_evidence_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "sha256", name=op.f("pk_evidence")),
    )
    op.create_table(
        "return_address",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contact", AutoString(length=64), nullable=False),
        sa.Column("phone", AutoString(length=32), nullable=False),
        sa.Column("zip", AutoString(length=6), nullable=True),
        sa.Column("province_code", AutoString(length=6), nullable=False),
        sa.Column("city_code", AutoString(length=6), nullable=False),
        sa.Column("district_code", AutoString(length=6), nullable=False),
        sa.Column("detail", AutoString(length=200), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_return_address_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_return_address")),
    )
    with op.batch_alter_table("return_address", schema=None) as batch_op:
        batch_op.create_index(
            "uq_return_address_default",
            ["merchant_id"],
            unique=True,
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )

    op.create_table(
        "role",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(length=32), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_role_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_role")),
        sa.UniqueConstraint("merchant_id", "name", name=op.f("uq_role_merchant_id_name")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("secret_hash", AutoString(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_account_id"), ["account_id"], unique=False)

    op.create_table(
        "suspension",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("suspended_by", AutoString(length=64), nullable=False),
        sa.Column("suspended_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resumed_by", AutoString(length=64), nullable=True),
        sa.Column("resumed_at", UTCDateTime(), nullable=True),
        sa.Column("resume_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_suspension_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "number", name=op.f("pk_suspension")),
    )
    op.create_table(
        "employee_role",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "employee_id"],
            ["employee.merchant_id", "employee.id"],
            name=op.f("fk_employee_role_merchant_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "role_id"],
            ["role.merchant_id", "role.id"],
            name=op.f("fk_employee_role_merchant_id_role_id_role"),
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id", "employee_id", "role_id", name=op.f("pk_employee_role")
        ),
    )
    with op.batch_alter_table("employee_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employee_role_role_id"), ["role_id"], unique=False)

    op.create_table(
        "service_order",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("order_number", AutoString(length=64), nullable=False),
        sa.Column("customer_ref", AutoString(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING_REVIEW",
                "AWAITING_FEEDBACK",
                "AWAITING_SHIPMENT",
                "AWAITING_RECEIPT",
                "AWAITING_PROCESSING",
                "AWAITING_CONFIRMATION",
                "COMPLETED",
                "REJECTED",
                "CANCELLED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "last_action",
            sa.Enum(
                "APPROVE",
                "REJECT",
                "RESEND",
                "REQUEST_FEEDBACK",
                "RECORD_GIVE_UP",
                "AUTO_APPROVE",
                "RESPOND",
                "EXPIRE_FEEDBACK",
                "EXPIRE_SHIPMENT",
                "SHIP",
                "CANCEL",
                "RECEIVE",
                "REFUND",
                "EXCHANGE",
                "REPAIR",
                "SEND_BACK",
                "CLOSE",
                "UNDO",
                "CONFIRM",
                "AUTO_CONFIRM",
                "REPORT_UNSOLVED",
                "ESCALATE",
                "NOTE",
                name="last_action",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "expectation",
            sa.Enum(
                "RETURN",
                "EXCHANGE",
                "REPAIR",
                name="expectation",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason_code", AutoString(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("pictures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "logistics_in",
            sa.Enum(
                "CUSTOMER_SHIPS",
                "DROP_OFF",
                "PICKUP",
                name="logistics_in",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sku", AutoString(length=64), nullable=False),
        sa.Column("item_name", AutoString(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "APPROVE",
                "REJECT",
                "RESEND",
                "REQUEST_FEEDBACK",
                "RECORD_GIVE_UP",
                "AUTO_APPROVE",
                "RESPOND",
                "EXPIRE_FEEDBACK",
                "EXPIRE_SHIPMENT",
                "SHIP",
                "CANCEL",
                "RECEIVE",
                "REFUND",
                "EXCHANGE",
                "REPAIR",
                "SEND_BACK",
                "CLOSE",
                "UNDO",
                "CONFIRM",
                "AUTO_CONFIRM",
                "REPORT_UNSOLVED",
                "ESCALATE",
                "NOTE",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "decided_by_kind",
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
            nullable=True,
        ),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", AutoString(length=64), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("review_reason", AutoString(length=64), nullable=True),
        sa.Column("review_customer_note", sa.Text(), nullable=True),
        sa.Column("review_address", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("review_pictures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("review_shipment", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("clock_started_at", UTCDateTime(), nullable=True),
        sa.Column("clock_due_at", UTCDateTime(), nullable=True),
        sa.Column("review_started_at", UTCDateTime(), nullable=False),
        sa.Column("review_due_at", UTCDateTime(), nullable=True),
        sa.Column("review_paused_at", UTCDateTime(), nullable=True),
        sa.Column("review_left_ms", sa.BigInteger(), nullable=True),
        sa.Column("review_pauses", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("auto_approval_blocked", sa.Boolean(), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "application_id"],
            ["application.merchant_id", "application.id"],
            name=op.f("fk_service_order_merchant_id_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "assignee_id"],
            ["employee.merchant_id", "employee.id"],
            name=op.f("fk_service_order_merchant_id_assignee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_service_order_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_service_order")),
    )
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_service_order_application", ["merchant_id", "application_id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_applied", ["merchant_id", "applied_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_assignee", ["merchant_id", "assignee_id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_customer", ["merchant_id", "customer_ref"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_due", ["merchant_id", "clock_due_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_purchase", ["merchant_id", "order_number"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_queue", ["merchant_id", "status", "applied_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_review_due",
            ["review_due_at"],
            unique=False,
            sqlite_where=sa.text("status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"),
            postgresql_where=sa.text("status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"),
        )
        batch_op.create_index("ix_service_order_sku", ["merchant_id", "sku"], unique=False)
        batch_op.create_index(
            "ix_service_order_updated", ["merchant_id", "updated_at", "id"], unique=False
        )

    op.create_table(
        "service_order_event",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("service_order_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "SUBMITTED",
                "APPROVED",
                "REJECTED",
                "RESENT",
                "FEEDBACK_REQUESTED",
                "GIVEN_UP",
                "AUTO_APPROVED",
                "AUTO_APPROVAL_BLOCKED",
                "AUTO_APPROVAL_UNBLOCKED",
                "RESPONDED",
                "FEEDBACK_EXPIRED",
                "SHIPMENT_EXPIRED",
                "SHIPPED",
                "CANCELLED",
                "RECEIVED",
                "REFUNDED",
                "EXCHANGED",
                "REPAIRED",
                "SENT_BACK",
                "CLOSED",
                "UNDONE",
                "CONFIRMED",
                "AUTO_CONFIRMED",
                "REPORTED_UNSOLVED",
                "ESCALATED",
                "NOTED",
                "CONTACT_REVEALED",
                "CLOCK_MOVED",
                name="event_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column(
            "actor_kind",
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
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", AutoString(length=64), nullable=False),
        sa.Column(
            "from_status",
            sa.Enum(
                "PENDING_REVIEW",
                "AWAITING_FEEDBACK",
                "AWAITING_SHIPMENT",
                "AWAITING_RECEIPT",
                "AWAITING_PROCESSING",
                "AWAITING_CONFIRMATION",
                "COMPLETED",
                "REJECTED",
                "CANCELLED",
                name="from_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "PENDING_REVIEW",
                "AWAITING_FEEDBACK",
                "AWAITING_SHIPMENT",
                "AWAITING_RECEIPT",
                "AWAITING_PROCESSING",
                "AWAITING_CONFIRMATION",
                "COMPLETED",
                "REJECTED",
                "CANCELLED",
                name="to_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("customer_note", sa.Text(), nullable=True),
        sa.Column("internal_note", sa.Text(), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "service_order_id"],
            ["service_order.merchant_id", "service_order.id"],
            name=op.f("fk_service_order_event_merchant_id_service_order_id_service_order"),
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id", "service_order_id", "sequence", name=op.f("pk_service_order_event")
        ),
    )


def downgrade() -> None:
    op.drop_table("service_order_event")
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.drop_index("ix_service_order_updated")
        batch_op.drop_index("ix_service_order_sku")
        batch_op.drop_index(
            "ix_service_order_review_due",
            sqlite_where=sa.text("status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"),
            postgresql_where=sa.text("status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"),
        )
        batch_op.drop_index("ix_service_order_queue")
        batch_op.drop_index("ix_service_order_purchase")
        batch_op.drop_index("ix_service_order_due")
        batch_op.drop_index("ix_service_order_customer")
        batch_op.drop_index("ix_service_order_assignee")
        batch_op.drop_index("ix_service_order_applied")
        batch_op.drop_index("ix_service_order_application")

    op.drop_table("service_order")
    with op.batch_alter_table("employee_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employee_role_role_id"))

    op.drop_table("employee_role")
    op.drop_table("suspension")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_account_id"))

    op.drop_table("sign_in")
    op.drop_table("role")
    with op.batch_alter_table("return_address", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_return_address_default",
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )

    op.drop_table("return_address")
    op.drop_table("evidence")
    op.drop_table("enrolment_attempt")
    op.drop_table("employee")
    op.drop_table("application")
    op.drop_table("sign_in_throttle")
    op.drop_table("sandbox_clock")
    with op.batch_alter_table("pause_window", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pause_window_start_at"))

    op.drop_table("pause_window")
    op.drop_table("merchant")
    with op.batch_alter_table("connector", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connector_merchant_id"))

    op.drop_table("connector")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_merchant_id"))

    op.drop_table("account")
