"""Every root field: who may use it, who may not, and what the others are told.

The table says it once more, apart from the declarations, so that loosening one needs two changes.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from strawberry import Schema

from domain.permissions import DELEGABLE, MAIN_ACCOUNT, PLATFORM, Permission
from domain.scopes import SCOPES
from execution.streams import SubscriptionRefused
from schema import ids
from schema.access import Access, Requires, SignedIn
from tests.client import Client, Failed
from tests.given import ADDRESS, RECEIPT, Person, jpeg
from tests.staff.conftest import Stage
from tests.streams import streaming

pytestmark = [pytest.mark.anyio, pytest.mark.one_database]

P = Permission
PUBLIC, SIGNED_IN = "public", "signed in"
_DESK = (P.SERVICE_ORDER_READ, P.MERCHANT_READ, P.CUSTOMER_ACT, P.INTERVENE)


class Field(NamedTuple):
    """A root field, who may use it, and a use of it that makes sense."""

    name: str
    who: str | tuple[Permission, ...]
    selection: str
    arguments: Callable[[Stage], dict[str, tuple[str, Any]]] = lambda _stage: {}


def given(**arguments: tuple[str, Any]) -> Callable[[Stage], dict[str, tuple[str, Any]]]:
    return lambda _stage: arguments


def input_(kind: str, **said: Any) -> Callable[[Stage], dict[str, tuple[str, Any]]]:
    return given(input=(f"{kind}!", said))


def on_order(kind: str, **said: Any) -> Callable[[Stage], dict[str, tuple[str, Any]]]:
    return lambda stage: {"input": (f"{kind}!", {"id": stage.order.id, **said})}


def on_merchant(kind: str, **said: Any) -> Callable[[Stage], dict[str, tuple[str, Any]]]:
    return lambda stage: {"input": (f"{kind}!", {"merchantId": stage.shop.global_id, **said})}


def on_nobody(kind: str, type_name: str, **said: Any) -> Callable[[Stage], dict[str, Any]]:
    """On an object that the merchant does not have: enough to be let in, and to change nothing."""
    return lambda stage: {
        "input": (f"{kind}!", {"id": ids.encode(type_name, stage.shop.id, 1), **said})
    }


PAGE = "nodes { __typename }"
ORDER = "serviceOrder { id } refusals { code }"
DONE = "done refusals { code }"
EXPORT = "export { id } refusals { code }"
ACCOUNT = "account { id } refusals { code }"
CODE = "code refusals { code }"
NO_ACCOUNT = ids.encode("PlatformAccount", 1)
RESULTS = "results { done } refusals { code }"
ENROLMENT = "enrolment { status } refusals { code }"
APPROVE: dict[str, Any] = {"approve": {}}
APPLICATION = {
    "externalRef": "A",
    "orderNumber": "P",
    "customerRef": "c",
    "customerName": "李",
    "customerPhone": "1",
    "items": [
        {
            "expectation": "RETURN",
            "reason": "QUALITY.BROKEN",
            "description": "碎",
            "sku": "S",
            "name": "杯",
            "quantity": 1,
            "unitPrice": "1",
            "paidAmount": "1",
        }
    ],
}
PLAN = {"criteria": [{"metric": "APPROVAL", "target": 0.9, "floor": 0.5, "weight": 1}]}
AHEAD = {"startAt": "2030-01-01T00:00:00Z", "endAt": "2030-01-02T00:00:00Z"}

QUERIES = [
    Field("serviceOrder", _DESK, "id", lambda stage: {"id": ("ID!", stage.order.id)}),
    Field("serviceOrders", _DESK, PAGE, lambda stage: {"merchantId": ("ID", stage.shop.global_id)}),
    Field("statusCounts", (P.SERVICE_ORDER_READ,), "count"),
    Field("queueSummary", (P.SERVICE_ORDER_READ,), "autoApprovalBlocked"),
    Field("workload", (P.SERVICE_ORDER_READ,), "unfinished"),
    Field(
        "activity",
        SIGNED_IN,
        "isCurrent",
        lambda stage: {
            "period": ("QualityPeriod!", {"day": "2026-11-01"}),
            "employeeId": ("ID", stage.employee.global_id),
        },
    ),
    Field(
        "dailySummary",
        (P.QUALITY_READ, P.MERCHANT_READ),
        "day",
        lambda stage: {"merchantId": ("ID", stage.shop.global_id)},
    ),
    Field(
        "qualityThresholds",
        (P.QUALITY_READ, P.MERCHANT_READ, P.SETTINGS_MANAGE, P.QUALITY_MANAGE),
        "version",
        lambda stage: {"merchantId": ("ID", stage.shop.global_id)},
    ),
    Field(
        "qualityAlerts",
        (P.QUALITY_READ, P.MERCHANT_READ),
        PAGE,
        lambda stage: {"merchantId": ("ID", stage.shop.global_id)},
    ),
    Field(
        "qualityAlertEvents",
        (P.QUALITY_READ, P.MERCHANT_READ),
        PAGE,
        lambda stage: {"merchantId": ("ID", stage.shop.global_id)},
    ),
    Field(
        "atRisk",
        (P.SERVICE_ORDER_READ, P.MERCHANT_READ),
        PAGE,
        lambda stage: {
            "withinHours": ("Int!", 24),
            "merchantId": ("ID", stage.shop.global_id),
        },
    ),
    Field(
        "atRiskByAssignee",
        (P.SERVICE_ORDER_READ, P.MERCHANT_READ),
        "orders",
        lambda stage: {
            "withinHours": ("Int!", 24),
            "merchantId": ("ID", stage.shop.global_id),
        },
    ),
    Field("qualityMetrics", PUBLIC, "metric"),
    Field(
        "qualityReport",
        (P.QUALITY_READ, P.MERCHANT_READ),
        "isCurrent",
        lambda stage: {
            "period": ("QualityPeriod!", {"day": "2026-11-01"}),
            "merchantId": ("ID", stage.shop.global_id),
        },
    ),
    *[
        Field(name, (P.QUALITY_READ, P.MERCHANT_READ, P.QUALITY_MANAGE), selection)
        for name, selection in (("evaluationPlan", "version"), ("evaluationPlans", PAGE))
    ],
    Field(
        "evaluationPreview",
        (P.QUALITY_MANAGE,),
        "currentVersion",
        given(plan=("EvaluationPlanInput!", PLAN), months=("[String!]!", ["2026-10"])),
    ),
    Field(
        "qualityScore",
        (P.QUALITY_READ, P.MERCHANT_READ),
        "isFinal",
        lambda stage: {
            "month": ("String!", "2026-10"),
            "merchantId": ("ID", stage.shop.global_id),
        },
    ),
    Field("qualityScores", (P.MERCHANT_READ,), PAGE, given(month=("String!", "2026-10"))),
    Field(
        "reviewPlan",
        (P.REVIEW,),
        "planToken",
        lambda stage: {
            "input": (
                "ReviewPlanInput!",
                {"ids": [stage.order.id], "decision": APPROVE},
            )
        },
    ),
    Field("node", SIGNED_IN, "id", lambda stage: {"id": ("ID!", stage.shop.global_id)}),
    Field("nodes", SIGNED_IN, "id", lambda stage: {"ids": ("[ID!]!", [stage.shop.global_id])}),
    Field("viewer", PUBLIC, "name"),
    Field("roles", (P.STAFF_MANAGE,), "name"),
    Field("employees", (P.STAFF_MANAGE,), PAGE),
    Field(
        "rolePreview",
        (P.STAFF_MANAGE,),
        "orphaned",
        lambda stage: {"roleId": ("ID!", stage.shop.roles["审核组"])},
    ),
    Field("sessions", SIGNED_IN, PAGE),
    Field("singleSignOn", (P.STAFF_MANAGE, P.PLATFORM_ACCOUNT_MANAGE), "issuer"),
    Field("staffHistory", (P.STAFF_MANAGE,), PAGE),
    Field(
        "employeePreview",
        (P.STAFF_MANAGE,),
        "orphaned",
        lambda stage: {"employeeId": ("ID!", stage.employee.global_id)},
    ),
    Field("coverage", (P.STAFF_MANAGE,), "permission holders"),
    Field("exports", (P.EXPORT,), PAGE),
    Field(
        "export",
        (P.EXPORT,),
        "id",
        lambda stage: {"id": ("ID!", ids.encode("Export", stage.shop.id, 1))},
    ),
    Field("platformAccounts", (P.PLATFORM_ACCOUNT_MANAGE,), PAGE),
    Field("platformAccountHistory", (P.PLATFORM_ACCOUNT_MANAGE,), PAGE),
    Field("enrolment", (P.SETTINGS_MANAGE,), "status"),
    Field("enrolments", (P.ENROLMENT_REVIEW, P.MERCHANT_READ), PAGE),
    Field("returnAddresses", (P.SERVICE_ORDER_READ, P.SETTINGS_MANAGE), "id"),
    Field(
        "connectors",
        (P.SETTINGS_MANAGE, P.ENROLMENT_REVIEW),
        "id",
        lambda stage: {"merchantId": ("ID", stage.shop.global_id)},
    ),
    Field("platformConnectors", (P.ENROLMENT_REVIEW,), "id"),
    Field("noteTemplates", (P.REVIEW, P.SETTINGS_MANAGE), "name"),
    Field(
        "renderNoteTemplate",
        (P.REVIEW,),
        "text refusals { code }",
        lambda stage: {
            "id": ("ID!", ids.encode("NoteTemplate", stage.shop.id, 1)),
            "serviceOrderId": ("ID!", stage.order.id),
            "decision": ("ServiceOrderAction!", "REJECT"),
        },
    ),
    Field(
        "application",
        _DESK,
        "id",
        lambda stage: {"id": ("ID!", stage.order.application_id)},
    ),
    Field("merchant", SIGNED_IN, "id", lambda stage: {"id": ("ID!", stage.shop.global_id)}),
    Field("pauseWindows", SIGNED_IN, "name"),
    Field("serverTime", PUBLIC, ""),
    Field("lifecycle", PUBLIC, "statuses { status }"),
    Field("divisions", PUBLIC, "code"),
    Field("evidenceRules", PUBLIC, "maxBytes"),
    Field("reasons", PUBLIC, "code"),
    Field("permissions", PUBLIC, "permission"),
    Field(
        "events",
        (P.SERVICE_ORDER_READ, P.MERCHANT_READ),
        "endCursor",
        lambda stage: {"merchantId": ("ID", stage.shop.global_id)},
    ),
    Field(
        "snapshot",
        (P.SERVICE_ORDER_READ, P.MERCHANT_READ),
        "cursor",
        lambda stage: {"merchantId": ("ID", stage.shop.global_id)},
    ),
    Field("webhookEndpoints", (P.SETTINGS_MANAGE,), "id"),
    Field(
        "webhookEndpoint",
        (P.SETTINGS_MANAGE,),
        "id",
        lambda stage: {"id": ("ID!", ids.encode("WebhookEndpoint", stage.shop.id, 1))},
    ),
    Field(
        "webhookDeliveries",
        (P.SETTINGS_MANAGE,),
        PAGE,
        lambda stage: {"endpointId": ("ID!", ids.encode("WebhookEndpoint", stage.shop.id, 1))},
    ),
]
MERCHANT = "merchant { id } refusals { code }"
REASON = "reason { code } refusals { code }"
TEMPLATE = "noteTemplate { id } refusals { code }"
WEBHOOK = "webhookEndpoint { id } refusals { code }"
_SETTINGS = (P.SETTINGS_MANAGE,)
MUTATIONS = [
    Field(
        "exportServiceOrders",
        (P.EXPORT,),
        EXPORT,
        input_("ExportServiceOrdersInput", columns=["NUMBER"], format="CSV"),
    ),
    Field("cancelExport", (P.EXPORT,), EXPORT, on_nobody("CancelExportInput", "Export")),
    Field(
        "reopenServiceOrder",
        (P.REVIEW,),
        ORDER,
        on_order("ReopenServiceOrderInput", reason="看错了", expectedVersion=0),
    ),
    Field(
        "withdrawApproval",
        (P.REVIEW,),
        ORDER,
        on_order("WithdrawApprovalInput", reason="点错了", expectedVersion=0),
    ),
    Field(
        "changeReturnAddress",
        (P.REVIEW,),
        ORDER,
        on_order("ChangeReturnAddressInput", expectedVersion=0),
    ),
    Field(
        "setReturnAddressRules",
        _SETTINGS,
        MERCHANT,
        input_("SetReturnAddressRulesInput", rules=[], expectedVersion=99),
    ),
    Field(
        "setQualityThresholds",
        (P.SETTINGS_MANAGE, P.QUALITY_MANAGE),
        "refusals { code }",
        input_("SetQualityThresholdsInput", thresholds=[], expectedVersion=99),
    ),
    Field("setServiceTargets", _SETTINGS, MERCHANT, input_("SetServiceTargetsInput")),
    Field("setTimeZone", _SETTINGS, MERCHANT, input_("SetTimeZoneInput", timeZone="Asia/Shanghai")),
    Field(
        "createReason",
        _SETTINGS,
        REASON,
        input_(
            "CreateReasonInput", use="REVIEW", nameZh="原因", decisions=["APPROVE"], parentCode="X"
        ),
    ),
    Field("updateReason", _SETTINGS, REASON, input_("UpdateReasonInput", code="XR.NONE")),
    Field("retireReason", _SETTINGS, REASON, input_("RetireReasonInput", code="XR.NONE")),
    Field("restoreReason", _SETTINGS, REASON, input_("RestoreReasonInput", code="XR.NONE")),
    Field(
        "createNoteTemplate",
        _SETTINGS,
        TEMPLATE,
        input_("CreateNoteTemplateInput", name="模板", textZh="{nothing}", decisions=[]),
    ),
    Field(
        "updateNoteTemplate",
        _SETTINGS,
        TEMPLATE,
        on_nobody("UpdateNoteTemplateInput", "NoteTemplate"),
    ),
    Field(
        "deleteNoteTemplate", _SETTINGS, DONE, on_nobody("DeleteNoteTemplateInput", "NoteTemplate")
    ),
    Field(
        "createWebhookEndpoint",
        _SETTINGS,
        WEBHOOK,
        input_("CreateWebhookEndpointInput", url="http://localhost"),
    ),
    Field(
        "updateWebhookEndpoint",
        _SETTINGS,
        WEBHOOK,
        on_nobody("UpdateWebhookEndpointInput", "WebhookEndpoint", expectedVersion=1),
    ),
    *[
        Field(name, _SETTINGS, shape, on_nobody(f"{name[0].upper()}{name[1:]}Input", kind))
        for name, shape, kind in (
            ("rotateWebhookSecret", WEBHOOK, "WebhookEndpoint"),
            ("disableWebhookEndpoint", WEBHOOK, "WebhookEndpoint"),
            ("enableWebhookEndpoint", WEBHOOK, "WebhookEndpoint"),
            ("deleteWebhookEndpoint", DONE, "WebhookEndpoint"),
            ("testWebhookEndpoint", "result { delivered } refusals { code }", "WebhookEndpoint"),
        )
    ],
    Field(
        "resendWebhookDelivery",
        _SETTINGS,
        "webhookDelivery { id } refusals { code }",
        lambda stage: {
            "input": (
                "ResendWebhookDeliveryInput!",
                {"id": ids.encode("WebhookDelivery", stage.shop.id, 1, 1)},
            )
        },
    ),
    Field(
        "signIn",
        PUBLIC,
        "accessToken refusals { code }",
        input_("SignInInput", login="x", password="x"),
    ),
    Field(
        "refreshSession",
        PUBLIC,
        "accessToken refusals { code }",
        input_("RefreshSessionInput", refreshToken="x"),
    ),
    Field("signOut", SIGNED_IN, DONE),
    Field(
        "beginSingleSignOn",
        PUBLIC,
        "transaction refusals { code }",
        input_("BeginSingleSignOnInput", redirectUri="https://desk.example.com/back"),
    ),
    Field(
        "completeSingleSignOn",
        PUBLIC,
        "accessToken refusals { code }",
        input_("CompleteSingleSignOnInput", transaction="x", code="x", state="x"),
    ),
    Field(
        "linkSingleSignOn",
        SIGNED_IN,
        DONE,
        input_("LinkSingleSignOnInput", transaction="x", code="x", state="x", currentPassword="x"),
    ),
    Field("unlinkSingleSignOn", SIGNED_IN, DONE),
    Field(
        "setSingleSignOn",
        (P.STAFF_MANAGE, P.PLATFORM_ACCOUNT_MANAGE),
        "singleSignOn { issuer } refusals { code }",
        input_(
            "SetSingleSignOnInput",
            issuer="http://localhost",
            clientId="x",
            redirectUris=["https://desk.example.com/back"],
            expectedVersion=0,
            currentPassword="x",
        ),
    ),
    Field(
        "removeSingleSignOn",
        (P.STAFF_MANAGE, P.PLATFORM_ACCOUNT_MANAGE),
        DONE,
        input_("RemoveSingleSignOnInput", expectedVersion=0),
    ),
    Field(
        "changePassword",
        SIGNED_IN,
        DONE,
        input_("ChangePasswordInput", currentPassword="x", newPassword="a longer sentence"),
    ),
    Field(
        "redeemPasswordReset",
        PUBLIC,
        DONE,
        input_("RedeemPasswordResetInput", login="x", code="x", newPassword="a longer sentence"),
    ),
    Field(
        "issueEmployeePasswordReset",
        (P.STAFF_MANAGE,),
        CODE,
        on_nobody("IssueEmployeePasswordResetInput", "Employee"),
    ),
    Field(
        "issueMainAccountPasswordReset",
        (P.PLATFORM_ACCOUNT_MANAGE,),
        CODE,
        input_("IssueMainAccountPasswordResetInput", merchantId=ids.encode("Merchant", 1)),
    ),
    Field(
        "issuePlatformPasswordReset",
        (P.PLATFORM_ACCOUNT_MANAGE,),
        CODE,
        input_("IssuePlatformPasswordResetInput", id=NO_ACCOUNT),
    ),
    Field("endSession", SIGNED_IN, DONE, input_("EndSessionInput", id=ids.encode("Session", 1))),
    Field("endSessions", SIGNED_IN, "ended refusals { code }", input_("EndSessionsInput")),
    Field(
        "issueCustomerToken",
        (P.CUSTOMER_ACT,),
        "accessToken refusals { code }",
        on_merchant("IssueCustomerTokenInput", customerRef="c"),
    ),
    Field(
        "uploadEvidence",
        (P.REVIEW, P.RECEIVE, P.APPLICATION_SUBMIT, P.CUSTOMER_ACT),
        "evidence { id } refusals { code }",
        on_merchant("UploadEvidenceInput", file=None),
    ),
    Field(
        "prepareEvidenceUpload",
        (P.REVIEW, P.RECEIVE, P.APPLICATION_SUBMIT, P.CUSTOMER_ACT),
        "upload { id } refusals { code }",
        on_merchant("PrepareEvidenceUploadInput"),
    ),
    Field(
        "finishEvidenceUpload",
        (P.REVIEW, P.RECEIVE, P.APPLICATION_SUBMIT, P.CUSTOMER_ACT),
        "evidence { id } refusals { code }",
        input_("FinishEvidenceUploadInput", uploadId=ids.encode("EvidenceUpload", 1, "x", 1, "x")),
    ),
    Field(
        "reviewServiceOrder",
        (P.REVIEW,),
        ORDER,
        on_order("ReviewServiceOrderInput", decision=APPROVE, expectedVersion=99),
    ),
    Field(
        "reviewServiceOrders",
        (P.REVIEW,),
        "results { done } refusals { code }",
        lambda stage: {
            "input": (
                "ReviewServiceOrdersInput!",
                {"ids": [stage.order.id], "decision": APPROVE, "planToken": "x"},
            )
        },
    ),
    Field("cancelServiceOrder", (P.CUSTOMER_ACT,), ORDER, on_order("CancelServiceOrderInput")),
    Field(
        "respondToFeedback",
        (P.REVIEW, P.CUSTOMER_ACT),
        ORDER,
        on_order("RespondToFeedbackInput", text="好"),
    ),
    Field(
        "amendServiceOrder",
        (P.CUSTOMER_ACT,),
        ORDER,
        on_order("AmendServiceOrderInput", contact={"name": "李"}),
    ),
    Field(
        "correctWaybill",
        (P.RECEIVE, P.CUSTOMER_ACT),
        ORDER,
        on_order("CorrectWaybillInput", carrier="SF", waybill="1"),
    ),
    Field("confirmServiceOrder", (P.CUSTOMER_ACT,), ORDER, on_order("ConfirmServiceOrderInput")),
    Field(
        "reportUnsolved",
        (P.CUSTOMER_ACT,),
        ORDER,
        on_order("ReportUnsolvedInput", message="还是坏的"),
    ),
    Field(
        "escalateServiceOrder",
        (P.PROCESS, P.CUSTOMER_ACT),
        ORDER,
        on_order("EscalateServiceOrderInput", reason="谈不拢"),
    ),
    Field(
        "shipServiceOrder",
        (P.RECEIVE, P.CUSTOMER_ACT),
        ORDER,
        on_order("ShipServiceOrderInput", carrier="SF", waybill="1"),
    ),
    Field(
        "shipServiceOrders",
        (P.RECEIVE, P.CUSTOMER_ACT),
        RESULTS,
        lambda stage: {
            "input": (
                "ShipServiceOrdersInput!",
                {"ids": [stage.order.id], "carrier": "SF", "waybill": "1"},
            )
        },
    ),
    Field(
        "receiveServiceOrders",
        (P.RECEIVE,),
        RESULTS,
        lambda stage: {
            "input": (
                "ReceiveServiceOrdersInput!",
                {"receipts": [{"id": stage.order.id, **RECEIPT}]},
            )
        },
    ),
    Field("receiveCancelled", (P.RECEIVE,), ORDER, on_order("ReceiveCancelledInput")),
    Field(
        "returnCancelled",
        (P.RECEIVE,),
        ORDER,
        on_order("ReturnCancelledInput", carrier="SF", waybill="1"),
    ),
    Field(
        "receiveServiceOrder",
        (P.RECEIVE,),
        ORDER,
        on_order("ReceiveServiceOrderInput", **RECEIPT),
    ),
    Field(
        "closeServiceOrder", (P.PROCESS,), ORDER, on_order("CloseServiceOrderInput", reason="好")
    ),
    Field(
        "exchangeServiceOrder",
        (P.PROCESS,),
        ORDER,
        on_order("ExchangeServiceOrderInput", newOrderNumber="P2"),
    ),
    Field(
        "repairServiceOrder",
        (P.PROCESS,),
        ORDER,
        on_order("RepairServiceOrderInput", report="换屏", carrier="SF", waybill="1"),
    ),
    Field(
        "sendBackServiceOrder",
        (P.PROCESS,),
        ORDER,
        on_order("SendBackServiceOrderInput", carrier="SF", waybill="1"),
    ),
    Field("undoProcessing", (P.PROCESS,), ORDER, on_order("UndoProcessingInput")),
    Field(
        "solveServiceOrder",
        (P.PROCESS,),
        ORDER,
        on_order("SolveServiceOrderInput", customerNote="好"),
    ),
    Field(
        "replyToServiceOrder",
        (P.PROCESS, P.CUSTOMER_ACT),
        ORDER,
        on_order("ReplyToServiceOrderInput", text="好"),
    ),
    Field(
        "updateShipment",
        (P.RECEIVE,),
        ORDER,
        on_order("UpdateShipmentInput", carrier="SF", waybill="1"),
    ),
    Field(
        "refundServiceOrder",
        (P.REFUND,),
        ORDER,
        on_order("RefundServiceOrderInput", amount="1.00", method="BALANCE"),
    ),
    Field(
        "reportRefund",
        (P.REFUND, P.REFUND_REPORT),
        ORDER,
        on_nobody("ReportRefundInput", "Refund", outcome="SUCCEEDED"),
    ),
    Field(
        "assignServiceOrders",
        (P.ASSIGN, P.REVIEW, P.RECEIVE, P.PROCESS, P.REFUND),
        RESULTS,
        lambda stage: {
            "input": ("AssignServiceOrdersInput!", {"ids": [stage.order.id], "assigneeId": None})
        },
    ),
    Field(
        "claimServiceOrders",
        (P.REVIEW, P.RECEIVE, P.PROCESS, P.REFUND),
        "serviceOrders { id } refusals { code }",
        input_("ClaimServiceOrdersInput", queue="RECEIPT", count=1),
    ),
    Field("addNote", (P.NOTE,), ORDER, on_order("AddNoteInput", text="好")),
    Field(
        "revealCustomerContact",
        (P.CUSTOMER_CONTACT_READ,),
        "contact { phone } refusals { code }",
        on_order("RevealCustomerContactInput"),
    ),
    Field(
        "submitApplication",
        (P.APPLICATION_SUBMIT,),
        "application { id } refusals { code }",
        on_merchant("SubmitApplicationInput", **APPLICATION),
    ),
    Field(
        "submitApplications",
        (P.APPLICATION_SUBMIT,),
        "results { done refusals { code } } refusals { code }",
        input_("SubmitApplicationsInput", applications=[{**APPLICATION, "idempotencyKey": "key"}]),
    ),
    Field(
        "saveReturnAddress",
        (P.SETTINGS_MANAGE,),
        "returnAddress { id } refusals { code }",
        input_("SaveReturnAddressInput", address=ADDRESS),
    ),
    Field(
        "deleteReturnAddress",
        (P.SETTINGS_MANAGE,),
        DONE,
        on_nobody("DeleteReturnAddressInput", "ReturnAddress"),
    ),
    Field("applyForEnrolment", (P.SETTINGS_MANAGE,), ENROLMENT, input_("ApplyForEnrolmentInput")),
    Field(
        "approveEnrolment", (P.ENROLMENT_REVIEW,), ENROLMENT, on_merchant("ApproveEnrolmentInput")
    ),
    Field(
        "rejectEnrolment",
        (P.ENROLMENT_REVIEW,),
        ENROLMENT,
        on_merchant("RejectEnrolmentInput", reason="缺"),
    ),
    Field(
        "suspendMerchant",
        (P.ENROLMENT_REVIEW,),
        ENROLMENT,
        input_("SuspendMerchantInput", merchantId=ids.encode("Merchant", 1), reason="缺"),
    ),
    Field(
        "resumeMerchant",
        (P.ENROLMENT_REVIEW,),
        ENROLMENT,
        on_merchant("ResumeMerchantInput", reason="好"),
    ),
    Field(
        "createConnector",
        (P.SETTINGS_MANAGE,),
        "connector { id } refusals { code }",
        input_("CreateConnectorInput", name="商城", scopes=["APPLICATION_SUBMIT"]),
    ),
    Field(
        "handOverConnector",
        (P.SETTINGS_MANAGE,),
        "connector { id } refusals { code }",
        input_("HandOverConnectorInput", id=ids.encode("Connector", 1)),
    ),
    Field(
        "grantConnectorScopes",
        (P.ENROLMENT_REVIEW,),
        "connector { id } refusals { code }",
        input_("GrantConnectorScopesInput", id=ids.encode("Connector", 1), scopes=[]),
    ),
    Field(
        "disableConnector",
        (P.SETTINGS_MANAGE,),
        DONE,
        input_("DisableConnectorInput", id=ids.encode("Connector", 1)),
    ),
    Field(
        "createPlatformConnector",
        (P.ENROLMENT_REVIEW,),
        "connector { id } refusals { code }",
        input_("CreatePlatformConnectorInput", name="商城", scopes=[], allMerchants=True),
    ),
    Field(
        "setPlatformConnectorMerchants",
        (P.ENROLMENT_REVIEW,),
        "connector { id } refusals { code }",
        input_(
            "SetPlatformConnectorMerchantsInput",
            id=ids.encode("Connector", 1),
            allMerchants=True,
        ),
    ),
    Field(
        "disablePlatformConnector",
        (P.ENROLMENT_REVIEW,),
        DONE,
        input_("DisablePlatformConnectorInput", id=ids.encode("Connector", 1)),
    ),
    Field(
        "createRole",
        (P.STAFF_MANAGE,),
        "role { id } refusals { code }",
        input_("CreateRoleInput", name="夜班", permissions=[]),
    ),
    Field(
        "updateRole",
        (P.STAFF_MANAGE,),
        "role { id } refusals { code }",
        on_nobody("UpdateRoleInput", "Role"),
    ),
    Field("deleteRole", (P.STAFF_MANAGE,), DONE, on_nobody("DeleteRoleInput", "Role")),
    Field(
        "createEmployee",
        (P.STAFF_MANAGE,),
        "employee { id } refusals { code }",
        input_("CreateEmployeeInput", login="new", password="correct-horse", name="新人"),
    ),
    Field(
        "updateEmployee",
        (P.STAFF_MANAGE,),
        "employee { id } refusals { code }",
        on_nobody("UpdateEmployeeInput", "Employee"),
    ),
    Field(
        "disableEmployee",
        (P.STAFF_MANAGE,),
        "employee { id } refusals { code }",
        on_nobody("DisableEmployeeInput", "Employee"),
    ),
    Field(
        "enableEmployee",
        (P.STAFF_MANAGE,),
        "employee { id } refusals { code }",
        on_nobody("EnableEmployeeInput", "Employee"),
    ),
    Field(
        "registerMerchant",
        (P.ENROLMENT_REVIEW,),
        "merchant { id } refusals { code }",
        input_(
            "RegisterMerchantInput",
            name="新店",
            login="new-owner",
            password="correct-horse",
            mainAccountName="店主",
        ),
    ),
    Field(
        "declarePauseWindow",
        (P.CALENDAR_MANAGE,),
        "pauseWindow { name } refusals { code }",
        input_("DeclarePauseWindowInput", name="元旦", **AHEAD),
    ),
    Field(
        "changePauseWindow",
        (P.CALENDAR_MANAGE,),
        "pauseWindow { name } refusals { code }",
        on_nobody("ChangePauseWindowInput", "PauseWindow", **AHEAD),
    ),
    Field(
        "withdrawPauseWindow",
        (P.CALENDAR_MANAGE,),
        "pauseWindow { name } refusals { code }",
        on_nobody("WithdrawPauseWindowInput", "PauseWindow"),
    ),
    Field(
        "ruleOnServiceOrder",
        (P.INTERVENE,),
        ORDER,
        on_order("RuleOnServiceOrderInput", ruling={"close": {"text": "关闭"}}),
    ),
    Field(
        "createPlatformAccount",
        (P.PLATFORM_ACCOUNT_MANAGE,),
        ACCOUNT,
        input_(
            "CreatePlatformAccountInput",
            login="user-1",
            password="correct-horse",
            name="小",
            permissions=[],
        ),
    ),
    Field(
        "updatePlatformAccount",
        (P.PLATFORM_ACCOUNT_MANAGE,),
        ACCOUNT,
        input_("UpdatePlatformAccountInput", id=NO_ACCOUNT),
    ),
    Field(
        "disablePlatformAccount",
        (P.PLATFORM_ACCOUNT_MANAGE,),
        ACCOUNT,
        input_("DisablePlatformAccountInput", id=NO_ACCOUNT),
    ),
    Field(
        "resetPlatformPassword",
        (P.PLATFORM_ACCOUNT_MANAGE,),
        ACCOUNT,
        input_("ResetPlatformPasswordInput", id=NO_ACCOUNT, password="correct-horse"),
    ),
    Field(
        "publishEvaluationPlan",
        (P.QUALITY_MANAGE,),
        "evaluationPlan { version } refusals { code }",
        input_("PublishEvaluationPlanInput", plan=PLAN, expectedVersion=99),
    ),
    Field(
        "advanceClock",
        SIGNED_IN,
        "serverTime refusals { code }",
        input_("AdvanceClockInput", seconds=1),
    ),
]
FIELDS = [*QUERIES, *MUTATIONS]
GUARDED = [field for field in FIELDS if not isinstance(field.who, str)]


def names(fields: list[Field]) -> list[str]:
    return [field.name for field in fields]


async def use(stage: Stage, token: str | None, field: Field) -> list[dict[str, Any]]:
    """Use the field, and answer the errors."""
    client = stage.client.as_(token)
    if field.name == "uploadEvidence":
        return await upload(client, stage)
    arguments = field.arguments(stage)
    operation = "mutation" if field in MUTATIONS else "query"
    declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in arguments.items())
    passed = ", ".join(f"{name}: ${name}" for name in arguments)
    selection = f" {{ {field.selection} }}" if field.selection else ""
    response = await client.post(
        {
            "query": (
                f"{operation}{f'({declared})' if declared else ''} "
                f"{{ {field.name}{f'({passed})' if passed else ''}{selection} }}"
            ),
            "variables": {name: value for name, (_, value) in arguments.items()},
        }
    )
    assert response.status_code == 200, response.text
    return response.json().get("errors", [])


async def upload(client: Client, stage: Stage) -> list[dict[str, Any]]:
    try:
        await client.upload(jpeg(), merchantId=stage.shop.global_id)
    except Failed as failed:
        return failed.errors
    return []


async def holders(stage: Stage, permission: Permission) -> list[Person]:
    """Everybody who can hold the permission, holding no other."""
    world, shop = stage.world, stage.shop
    if permission in DELEGABLE:
        machines = [await world.connector(shop, [permission])] if permission in SCOPES else []
        return [await world.employee(shop, permission), *machines]
    if permission in MAIN_ACCOUNT:
        return [shop.owner]
    if permission in PLATFORM:
        return [await world.platform(permission)]
    customers = [await world.customer(shop)] if permission is P.CUSTOMER_ACT else []
    return [
        await world.connector(shop, [permission]),
        await world.connector(None, [permission]),
        *customers,
    ]


async def all_but(stage: Stage, needed: tuple[Permission, ...]) -> list[Person]:
    """Everybody, holding everything but what is needed."""
    world, shop = stage.world, stage.shop
    people = [
        await world.employee(shop, *sorted(DELEGABLE.difference(needed))),
        await world.connector(shop, sorted(set(SCOPES).difference(needed))),
        await world.connector(None, sorted(set(SCOPES).difference(needed))),
        await world.platform(*sorted(PLATFORM.difference(needed))),
    ]
    if P.CUSTOMER_ACT not in needed:
        people.append(await world.customer(shop))
    if not MAIN_ACCOUNT.intersection(needed):
        people.append(shop.owner)
    return people


SUBSCRIPTIONS: dict[str, tuple[Permission, ...]] = {
    "events": (P.SERVICE_ORDER_READ, P.MERCHANT_READ),
    "serviceOrderChanged": (P.SERVICE_ORDER_READ, P.MERCHANT_READ),
    "queueChanged": (P.SERVICE_ORDER_READ,),
    "exportChanged": (P.EXPORT,),
    "qualityAlerts": (P.QUALITY_READ, P.MERCHANT_READ),
}


def declared(schema, kind: str) -> dict[str, str | tuple[Permission, ...]]:
    """What the fields of a root type say about who may use them."""
    definition = schema._schema.type_map[kind].extensions["strawberry-definition"]
    found: dict[str, str | tuple[Permission, ...]] = {}
    for field in definition.fields:
        [access] = [one for one in field.extensions if isinstance(one, Access)]
        match access:
            case Requires():
                who: str | tuple[Permission, ...] = (access.permission, *access.others)
            case SignedIn():
                who = SIGNED_IN
            case _:
                who = PUBLIC
        found[schema.config.name_converter.get_graphql_name(field)] = who
    return found


def test_the_table_has_every_root_field_and_says_what_the_schema_says(schema) -> None:
    assert {field.name: field.who for field in QUERIES} == declared(schema, "Query")
    assert {field.name: field.who for field in MUTATIONS} == declared(schema, "Mutation")
    assert declared(schema, "Subscription") == SUBSCRIPTIONS


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
async def test_a_subscription_is_refused_without_its_permission(
    stage: Stage, schema: Schema, name: str
) -> None:
    needed = SUBSCRIPTIONS[name]
    selection = {"exportChanged": '(id: "x") { id }'}.get(name, "{ __typename }")
    people = [None, "no token", *[person.token for person in await all_but(stage, needed)]]
    async with streaming(stage.world.parts, schema) as streams:
        for token in people:
            with pytest.raises(SubscriptionRefused) as refused:
                async with streams.open(token, f"subscription {{ {name} {selection} }}") as stream:
                    await stream.next()
            extensions = refused.value.errors[0].extensions
            if token in (None, "no token"):
                assert extensions == {"code": "UNAUTHENTICATED"}
            else:
                assert extensions == {"code": "FORBIDDEN", "requires": needed[0]}


@pytest.mark.parametrize("field", FIELDS, ids=names(FIELDS))
async def test_nobody_who_is_not_signed_in_gets_further_than_the_public_fields(
    stage: Stage, field: Field
) -> None:
    errors = await use(stage, None, field)
    if field.who == PUBLIC:
        assert errors == []
    else:
        assert [error["extensions"] for error in errors] == [{"code": "UNAUTHENTICATED"}]


@pytest.mark.parametrize("field", GUARDED, ids=names(GUARDED))
async def test_the_needed_permission_alone_is_enough(stage: Stage, field: Field) -> None:
    assert not isinstance(field.who, str)
    for permission in field.who:
        for person in await holders(stage, permission):
            assert await use(stage, person.token, field) == [], person


@pytest.mark.parametrize("field", GUARDED, ids=names(GUARDED))
async def test_every_other_permission_is_not_enough(stage: Stage, field: Field) -> None:
    assert not isinstance(field.who, str)
    expected = {"code": "FORBIDDEN", "requires": field.who[0]}
    for person in await all_but(stage, field.who):
        errors = await use(stage, person.token, field)
        assert [error["extensions"] for error in errors] == [expected], person


OWN = {"activity"}
"""Fields that show employees their own without a permission: tests/quality/test_activity.py."""

UNGUARDED = [field for field in FIELDS if field.who == SIGNED_IN and field.name not in OWN]


@pytest.mark.parametrize("field", UNGUARDED, ids=names(UNGUARDED))
async def test_who_may_do_nothing_may_use_what_takes_no_permission(
    stage: Stage, field: Field
) -> None:
    world, shop = stage.world, stage.shop
    for person in (await world.employee(shop), await world.connector(shop, [])):
        assert await use(stage, person.token, field) == []


async def test_a_refused_field_does_not_hide_its_neighbour(stage: Stage) -> None:
    reviewer = await stage.world.reviewer(stage.shop)
    query = "{ viewer { name } employees { totalCount } queueSummary { autoApprovalBlocked } }"
    response = await stage.client.as_(reviewer.token).post({"query": query})
    answer = response.json()
    assert [error["path"] for error in answer["errors"]] == [["employees"]]
    assert answer["data"] == {
        "viewer": {"name": "小A"},
        "employees": None,
        "queueSummary": {"autoApprovalBlocked": 0},
    }


async def test_a_refused_mutation_does_not_hide_what_the_one_before_it_did(stage: Stage) -> None:
    writer = await stage.world.employee(stage.shop, P.SERVICE_ORDER_READ, P.NOTE)
    order = await stage.world.order(stage.shop)
    note = 'addNote(input: {id: $id, text: "催促"}) { serviceOrder { version } }'
    close = 'closeServiceOrder(input: {id: $id, reason: "好"}) { serviceOrder { version } }'
    query = f"mutation($id: ID!) {{ {note} {close} }}"
    body = {"query": query, "variables": {"id": order.id}}
    answer = (await stage.client.as_(writer.token).post(body)).json()
    assert [error["path"] for error in answer["errors"]] == [["closeServiceOrder"]]
    done = {"serviceOrder": {"version": 2}}
    assert answer["data"] == {"addNote": done, "closeServiceOrder": None}


async def test_the_message_is_in_the_language_of_the_request(stage: Stage) -> None:
    employee = await stage.world.employee(stage.shop)
    client = stage.client.as_(employee.token)
    said = {}
    for language in ("zh-CN", "en", "fr;q=0.9, en-GB;q=0.8", "fr", "zh;q=0, en;q=0"):
        body = {"query": "{ queueSummary { autoApprovalBlocked } }"}
        response = await client.post(body, **{"accept-language": language})
        said[language] = response.json()["errors"][0]["message"]
    zh, en = "需要权限“查看服务单”", 'This requires the permission "Read service orders".'
    assert list(said.values()) == [zh, en, en, zh, zh]
