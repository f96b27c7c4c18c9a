"""Good arguments for every root field, made from the schema; and places in them to spoil."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    is_leaf_type,
)

from domain.permissions import MAIN_ACCOUNT, PLATFORM, Permission
from schema import ids
from schema.access import Access, Requires
from tests.given import ADDRESS, PASSWORD
from tests.hostile.conftest import Ground
from tests.inputs import GOOD, TYPE_OF_ID

Path = tuple[str | int, ...]
Sample = Any

LEAVES: dict[str, Callable[[Ground], Sample] | Sample] = {
    **ADDRESS,
    "zip": "518000",
    "after": None,
    "applicationId": lambda ground: ground.order.application_id,
    "assigneeId": lambda ground: ground.employee.global_id,
    "before": None,
    "code": "ABCD-EFGH",
    "state": "x",
    "transaction": "x",
    "issuer": "https://id.example.com",
    "clientId": "desk",
    "clientSecret": None,
    "redirectUri": "https://desk.example.com/back",
    "redirectUris": "https://desk.example.com/back",
    "count": 1,
    "currentPassword": PASSWORD,
    "newPassword": PASSWORD,
    "label": None,
    "customerName": "李小花",
    "customerPhone": "13812345678",
    "customerRef": "c-1",
    "customerNoteTemplateId": lambda ground: ground.template,
    "decision": "REJECT",
    "decisions": "REJECT",
    "dueWithin": 60,
    "employeeId": lambda ground: ground.employee.global_id,
    "endAt": "2031-01-02T00:00:00Z",
    "closedDates": "2026-12-31",
    "closes": "18:00",
    "deviceToken": None,
    "expiresAt": lambda _ground: (datetime.now(UTC) + timedelta(days=9)).isoformat(),
    "evidenceIds": lambda ground: ground.photo,
    "expectation": "RETURN",
    "externalRef": "A-1",
    "extraPermissions": "NOTE",
    "file": None,
    "uploadId": ids.encode("EvidenceUpload", 1, "x", 1, "x"),
    "first": 5,
    "from": "2026-11-22T00:00:00Z",
    "id": lambda ground: ground.order.id,
    "idempotencyKey": lambda _ground: str(uuid4()),
    "ids": lambda ground: ground.order.id,
    "last": None,
    "login": "somebody",
    "logisticsIn": "PICKUP",
    "merchantId": lambda ground: ground.shop.global_id,
    "merchantIds": lambda ground: ground.shop.global_id,
    "message": "好",
    "method": "BALANCE",
    "name": "名称",
    "newOrderNumber": "P-2",
    "number": lambda ground: str(ground.order.key),
    "opens": "09:00",
    "numberPrefix": "P-12",
    "orderBy": "DUE_AT_ASC",
    "orderNumber": "P-1",
    "outcome": "SUCCEEDED",
    "paidAmount": "1.00",
    "parentCode": "440000",
    "password": PASSWORD,
    "permissions": "NOTE",
    "planToken": None,
    "queue": "REVIEW",
    "queues": "REVIEW",
    "refreshToken": "x",
    "remark": "好",
    "remedy": "REFUND",
    "report": "换屏",
    "reviewerId": lambda ground: ground.employee.global_id,
    "returnAddressId": lambda ground: ground.address,
    "roleId": lambda ground: ground.shop.roles["收货组"],
    "roleIds": lambda ground: ground.shop.roles["收货组"],
    "satisfaction": 5,
    "scopes": "APPLICATION_SUBMIT",
    "seconds": 60,
    "serviceOrderId": lambda ground: ground.order.id,
    "sku": "SKU-1",
    "startAt": "2031-01-01T00:00:00Z",
    "status": "PENDING_REVIEW",
    "timeZone": "Asia/Shanghai",
    "to": "2026-11-23T00:00:00Z",
    "unitPrice": "1.00",
    "use": "REVIEW",
    "handle": "BLURRED",
    "noteLanguage": "ZH",
    "questionTemplateId": lambda ground: ground.template,
    "AccessoriesInput.finding": "COMPLETE",
    "AppearanceInput.finding": "USED",
    "ApplicationItemInput.reason": "QUALITY.BROKEN",
    "ApproveInput.customerNote": None,  # a template makes the notes
    "ApproveInput.reason": "AGREED.OTHER",
    "IssueEmployeePasswordResetInput.id": lambda ground: ground.employee.global_id,
    "DeleteReturnAddressInput.id": lambda ground: ground.address,
    "DeleteRoleInput.id": lambda ground: ground.shop.roles["只读"],
    "DisableConnectorInput.id": lambda ground: ground.objects()["Connector"],
    "CancelExportInput.id": lambda ground: ground.export,
    "ExportServiceOrdersInput.columns": "NUMBER",
    "ExportServiceOrdersInput.format": "CSV",
    "Query.export.id": lambda ground: ground.export,
    "ExchangeServiceOrderInput.newOrderNumber": None,  # there are goods
    "FunctionInput.finding": "FAULTY",
    "GrantConnectorScopesInput.id": lambda ground: ground.objects()["Connector"],
    "GrantConnectorScopesInput.scopes": "CUSTOMER_ACT",
    "CreateReasonInput.parentCode": "EVIDENCE",
    "DeleteNoteTemplateInput.id": lambda ground: ground.template,
    "HandOverConnectorInput.employeeId": lambda ground: ground.employee.global_id,
    "HandOverConnectorInput.id": lambda ground: ground.objects()["Connector"],
    "DisableEmployeeInput.id": lambda ground: ground.employee.global_id,
    "SetReturnAddressRulesInput.expectedVersion": 0,
    "EnableEmployeeInput.id": lambda ground: ground.employee.global_id,
    "InvoiceInput.finding": "NOT_ISSUED",
    "PackingInput.finding": "INTACT",
    "ParcelReceiptInput.goods": "INCOMPLETE",
    "Query.enrolments.status": "ENABLED",
    "Query.renderNoteTemplate.id": lambda ground: ground.template,
    "RestoreReasonInput.code": lambda ground: ground.retired_reason,
    "RetireReasonInput.code": lambda ground: ground.reason,
    "ServiceOrderFilter.reason": "QUALITY.BROKEN",
    "UpdateNoteTemplateInput.id": lambda ground: ground.template,
    "UpdateReasonInput.code": lambda ground: ground.reason,
    "ReturnAddressRuleInput.kind": "CATEGORY",
    "EventFilter.kind": "NOTED",
    "EventFilter.toStatus": "PENDING_REVIEW",
    "EventFilter.serviceOrderId": lambda ground: ground.objects()["ServiceOrder"],
    "Query.platformAccountHistory.accountId": ids.encode("PlatformAccount", 1),
    "ReceiveServiceOrderInput.goods": "WRONG_GOODS",
    "RecordGiveUpInput.customerNote": None,
    "RecordGiveUpInput.reason": "AGREED.OTHER",
    "RejectInput.customerNote": None,
    "RequestFeedbackInput.question": None,
    "RequestFeedbackInput.reason": "EVIDENCE.INSUFFICIENT",
    "ResendInput.customerNote": None,
    "ResendInput.reason": "AGREED.OTHER",
    "RejectInput.reason": "NOT_ELIGIBLE.USED",
    "SaveReturnAddressInput.id": lambda ground: ground.address,
    "UpdateEmployeeInput.id": lambda ground: ground.employee.global_id,
    "UpdateRoleInput.id": lambda ground: ground.shop.roles["收货组"],
    "endpointId": lambda ground: ground.webhook.endpoint,
    "kinds": "APPROVED",
    "selection": "query($id: ID!) { serviceOrder(id: $id) { number } }",
    "url": "https://erp.example.com/hook",
    "Query.webhookDeliveries.status": "DELIVERED",
    "Query.qualityReport.by": "EMPLOYEE",
    "Query.qualityReport.employeeId": lambda ground: ground.employee.global_id,
    "Query.qualityReport.metrics": "HANDLED",
    "Query.qualityReport.part": "NUMERATOR",
    "Query.dailySummary.date": "2026-11-01",
    "Query.qualityAlerts.open": True,
    "QualityThresholdInput.metric": "APPROVAL",
    "QualityThresholdInput.side": "ABOVE",
    "SetQualityThresholdsInput.expectedVersion": 0,
    "QualityPeriod.day": "2026-11-01",
    "QualityPeriod.week": "2026-11-01",
    "QualityPeriod.month": "2026-11",
    "DayRange.first": "2026-11-01",
    "DayRange.last": "2026-11-30",
    "Query.evaluationPreview.months": "2026-11",
    "Query.evaluationPreview.afterMerchant": lambda ground: ground.shop.global_id,
    "Query.qualityScore.month": "2026-11",
    "Query.qualityScores.month": "2026-11",
    "EvaluationCriterionInput.metric": "APPROVAL",
    "EvaluationCriterionInput.target": 0.9,
    "EvaluationCriterionInput.floor": 0.5,
    "EvaluationCriterionInput.weight": 1.0,
    "PublishEvaluationPlanInput.expectedVersion": 0,
    "Query.webhookEndpoint.id": lambda ground: ground.webhook.endpoint,
    "CreateWebhookEndpointInput.scopes": "SERVICE_ORDER_READ",
    "UpdateWebhookEndpointInput.scopes": "SERVICE_ORDER_READ",
    "ResendWebhookDeliveryInput.id": lambda ground: ground.webhook.delivery,
    **{
        f"{name}Input.id": lambda ground: ground.webhook.endpoint
        for name in (
            "DeleteWebhookEndpoint",
            "DisableWebhookEndpoint",
            "EnableWebhookEndpoint",
            "RotateWebhookSecret",
            "TestWebhookEndpoint",
            "UpdateWebhookEndpoint",
        )
    },
}
"""A good value for a leaf, by its name or by its type and name, where GOOD has none."""


@dataclass(frozen=True)
class Place:
    """Where something can be spoiled, and what belongs there."""

    path: Path
    kind: Any
    """A GraphQL type."""

    def spoil(self, arguments: dict[str, Sample], value: Sample) -> dict[str, Sample]:
        spoiled = copy.deepcopy(arguments)
        holder: Any = spoiled
        for key in self.path[:-1]:
            holder = holder[key]
        holder[self.path[-1]] = value
        return spoiled

    @property
    def nullable(self) -> bool:
        return not isinstance(self.kind, GraphQLNonNull)

    @property
    def bare(self) -> Any:
        return self.kind.of_type if isinstance(self.kind, GraphQLNonNull) else self.kind


@dataclass(frozen=True)
class Root:
    """A root field with arguments."""

    operation: str
    name: str
    field: GraphQLField
    access: Access

    def __str__(self) -> str:
        return self.name

    def document(self) -> str:
        declared = ", ".join(f"${name}: {one.type}" for name, one in self.field.args.items())
        passed = ", ".join(f"{name}: ${name}" for name in self.field.args)
        return f"{self.operation}({declared}) {{ {self.name}({passed}) {self._selection()} }}"

    def _selection(self) -> str:
        kind: Any = self.field.type
        while hasattr(kind, "of_type"):
            kind = kind.of_type
        if is_leaf_type(kind):
            return ""
        if "results" in kind.fields:
            return "{ results { done refusals { code } } " + (
                "refusals { code path } }" if "refusals" in kind.fields else "}"
            )
        return "{ refusals { code path } }" if "refusals" in kind.fields else "{ __typename }"

    def asker(self, ground: Ground) -> str | None:
        """The token of somebody who may."""
        match self.access:
            case Requires(permission=permission):
                pass
            case _:
                return ground.shop.owner.token
        if permission in MAIN_ACCOUNT:
            return ground.shop.owner.token
        if permission in PLATFORM:
            return ground.platform.token
        if permission is Permission.CUSTOMER_ACT and self.name != "issueCustomerToken":
            return ground.customer.token
        return ground.connector.token

    def alternatives(self, ground: Ground) -> Iterator[tuple[dict[str, Sample], list[Place]]]:
        """Good arguments with the places in them; one for each choice that they leave."""
        choices = [_choices(one.type) for one in self.field.args.values()]
        for at in range(max(map(len, choices))):
            arguments: dict[str, Sample] = {}
            places: list[Place] = []
            for name, one in self.field.args.items():
                owner = f"{self.operation.title()}.{self.name}"
                arguments[name], found = _made(one.type, owner, name, (name,), ground, at)
                places += found
            yield arguments, places


def roots(schema: Any) -> list[Root]:
    """Every root field that takes arguments."""
    core: GraphQLSchema = schema._schema
    found = []
    for operation, kind in (("query", core.query_type), ("mutation", core.mutation_type)):
        assert kind is not None
        definition = kind.extensions["strawberry-definition"]
        access = {
            schema.config.name_converter.get_graphql_name(field): one
            for field in definition.fields
            for one in field.extensions
            if isinstance(one, Access)
        }
        found += [
            Root(operation, name, field, access[name])
            for name, field in kind.fields.items()
            if field.args
        ]
    return found


def _choices(kind: Any) -> list[str]:
    """The members of the choice that lies somewhere inside, or one if there is none."""
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    if not isinstance(kind, GraphQLInputObjectType):
        return [""]
    if kind.is_one_of:
        return list(kind.fields)
    return max((_choices(one.type) for one in kind.fields.values()), key=len)


def _made(
    kind: Any, owner: str, name: str, path: Path, ground: Ground, choice: int
) -> tuple[Sample, list[Place]]:
    """A good value, and the places in it, itself the first."""
    here = Place(path, kind)
    bare = here.bare
    if isinstance(bare, GraphQLList):
        inner, places = _made(bare.of_type, owner, name, (*path, 0), ground, choice)
        return [inner], [here, *places]
    if isinstance(bare, GraphQLInputObjectType):
        names = list(bare.fields)
        if bare.is_one_of:
            names = [names[choice % len(names)]]
        sample, places = {}, [here]
        for one in names:
            made = _made(bare.fields[one].type, bare.name, one, (*path, one), ground, choice)
            sample[one], found = made
            places += found
        return sample, places
    return _leaf(owner, name, bare.name, ground), [here]


def _leaf(owner: str, name: str, type_: str, ground: Ground) -> Sample:
    for key in (f"{owner}.{name}", name):
        if key in LEAVES:
            leaf = LEAVES[key]
            return leaf(ground) if callable(leaf) else leaf
    if name in TYPE_OF_ID:
        return ground.objects()[TYPE_OF_ID[name]]
    if type_ in GOOD:
        return GOOD[type_]
    message = f"Add a good value for {owner}.{name} to LEAVES in tests/hostile/arguments.py"
    raise LookupError(message)
