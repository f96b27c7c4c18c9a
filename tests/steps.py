"""How each action of the lifecycle is asked for over GraphQL: the mutation and its input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from domain.actions import Action, Rule
from domain.lifecycle import LIFECYCLE
from domain.permissions import Permission
from schema.access import Requires
from tests.client import Client, Failed
from tests.given import RECEIPT

ME, COLLEAGUE = "me", "colleague"
"""Stand for the ids of employees, which differ from test to test."""
RESULTS: Final = "results { done refusals { code } }"


@dataclass(frozen=True)
class Way:
    """A mutation, and its input besides the id of the order or of the refund."""

    mutation: str
    input: Mapping[str, Any] = field(default_factory=dict)
    of: str = "ServiceOrder"
    """What the id names; ``ServiceOrders`` for a batch, which is asked about one order."""

    async def codes(
        self, client: Client, named: str, employees: Mapping[str, str], **given: Any
    ) -> list[str]:
        """Ask, with ``employees`` for ME and COLLEAGUE; the codes of what it is refused with."""
        given = {**self.input, **given}
        if self.of != "ServiceOrders":
            return await client.codes(self.mutation, id=named, **given)
        given["assigneeId"] = employees.get(given["assigneeId"])
        try:
            payload = await client.do(self.mutation, RESULTS, ids=[named], **given)
        except Failed as failed:
            return failed.codes
        results = [refusal for result in payload["results"] for refusal in result["refusals"]]
        return [refusal["code"] for refusal in [*payload["refusals"], *results]]


def _decision(**decision: Any) -> Way:
    return Way("reviewServiceOrder", {"decision": decision})


def _assignment(assignee: str | None) -> Way:
    return Way("assignServiceOrders", {"assigneeId": assignee}, of="ServiceOrders")


def _ruling(**ruling: Any) -> Way:
    return Way("ruleOnServiceOrder", {"ruling": ruling})


PARCEL: Final = {"carrier": "顺丰", "waybill": "SF1234567890"}
WAYS: Final[Mapping[Action, Way]] = {
    Action.APPROVE: _decision(approve={}),
    Action.REJECT: _decision(reject={"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}),
    Action.RESEND: _decision(resend={"goods": "耳机", "later": True, "customerNote": "补发"}),
    Action.REQUEST_FEEDBACK: _decision(requestFeedback={"question": "照片?"}),
    Action.RECORD_GIVE_UP: _decision(recordGiveUp={"customerNote": "不退了"}),
    Action.RESPOND: Way("respondToFeedback", {"text": "好"}),
    Action.AMEND: Way("amendServiceOrder", {"contact": {"name": "李小花"}}),
    Action.SHIP: Way("shipServiceOrder", {**PARCEL, "freight": "12.00"}),
    Action.CORRECT_WAYBILL: Way("correctWaybill", PARCEL),
    Action.CANCEL: Way("cancelServiceOrder"),
    Action.RECEIVE: Way("receiveServiceOrder", RECEIPT),
    Action.RECEIVE_CANCELLED: Way("receiveCancelled", {"remark": "已取消"}),
    Action.RETURN_CANCELLED: Way("returnCancelled", PARCEL),
    Action.REFUND: Way("refundServiceOrder", {"amount": "1.00", "method": "ORIGINAL_PAYMENT"}),
    Action.SETTLE_REFUND: Way("reportRefund", {"outcome": "SUCCEEDED"}, of="Refund"),
    Action.FAIL_REFUND: Way("reportRefund", {"outcome": "FAILED", "reason": "退回"}, of="Refund"),
    Action.EXCHANGE: Way("exchangeServiceOrder", {"newOrderNumber": "P-9"}),
    Action.REPAIR: Way("repairServiceOrder", {"report": "换了电池", **PARCEL}),
    Action.SEND_BACK: Way("sendBackServiceOrder", PARCEL),
    Action.SOLVE: Way("solveServiceOrder", {"customerNote": "已解决"}),
    Action.UPDATE_SHIPMENT: Way("updateShipment", PARCEL),
    Action.REPLY: Way("replyToServiceOrder", {"text": "好"}),
    Action.CLOSE: Way("closeServiceOrder", {"reason": "好"}),
    Action.UNDO: Way("undoProcessing"),
    Action.CONFIRM: Way("confirmServiceOrder", {"satisfaction": 5, "comment": "好"}),
    Action.REPORT_UNSOLVED: Way("reportUnsolved", {"message": "还是坏的"}),
    Action.ESCALATE: Way("escalateServiceOrder", {"reason": "不同意"}),
    Action.NOTE: Way("addNote", {"text": "好"}),
    Action.REOPEN: Way("reopenServiceOrder", {"reason": "看错了照片"}),
    Action.WITHDRAW_APPROVAL: Way("withdrawApproval", {"reason": "点错了"}),
    Action.CHANGE_RETURN_ADDRESS: Way("changeReturnAddress"),
    Action.ASSIGN: _assignment(COLLEAGUE),
    Action.CLAIM: _assignment(ME),
    Action.RELEASE: _assignment(None),
    Action.RULE_RETURN: _ruling(returnGoods={"text": "退回"}),
    Action.RULE_PROCESS: _ruling(process={"remedy": "OTHER", "text": "补偿"}),
    Action.RULE_CANCEL: _ruling(cancel={"text": "取消"}),
    Action.RULE_CLOSE: _ruling(close={"text": "关闭"}),
    Action.RULE_UPHOLD: _ruling(uphold={"text": "维持"}),
}
"""Every action but those of the system, which the timers take."""

NOT_YET: Final[frozenset[Action]] = frozenset()
"""Actions that the lifecycle promises and whose mutation may still be missing."""


def missing(schema: GraphQLSchema) -> set[Action]:
    """The actions without a mutation that lets in whom their rule names, and takes their input."""
    mutations = schema.mutation_type
    assert isinstance(mutations, GraphQLObjectType)
    return {
        action
        for action, rule in LIFECYCLE.items()
        if (needed := permissions(rule)) and not _is_there(mutations, WAYS.get(action), needed)
    }


def permissions(rule: Rule) -> set[Permission]:
    """The permissions of those who can take the action; none for the system."""
    customer = Permission.CUSTOMER_ACT if rule.customer else None
    named = {*rule.staff, rule.connector, rule.platform, customer}
    return {permission for permission in named if permission is not None}


def guarded_by(field: GraphQLField) -> set[Permission]:
    """The permissions of which a field of the root requires one."""
    extensions = field.extensions["strawberry-definition"].extensions
    [guard] = (extension for extension in extensions if isinstance(extension, Requires))
    return {guard.permission, *guard.others}


def _is_there(mutations: GraphQLObjectType, way: Way | None, needed: set[Permission]) -> bool:
    field = mutations.fields.get(way.mutation) if way else None
    if way is None or field is None or not needed <= guarded_by(field):
        return False
    kind: Any = field.args["input"].type
    id_ = "ids" if way.of == "ServiceOrders" else "id"
    return {id_, *way.input} <= set(kind.of_type.fields)
