"""A query takes as many statements for twelve rows as for one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import FieldNode, OperationDefinitionNode, parse
from sqlalchemy.ext.asyncio import AsyncEngine
from strawberry import Schema

from database.driver_connection import LISTENERS, StatementEvent
from domain.desk.receipts import (
    AccessoriesFinding,
    AppearanceFinding,
    Finding,
    FunctionFinding,
    GoodsFinding,
    InboundShipment,
    InvoiceFinding,
    PackingFinding,
    Receipt,
)
from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from domain.statuses import Status
from jobs.sequencer import sequence
from models.merchant import EnrolmentAttempt
from schema import ids
from tests.client import Client
from tests.given import ITEM, PASSWORD, OrderRef, Person, Shop, World, jpeg
from tests.webhooks.rows import delivery, webhook

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

MANY = 12
PICTURE = {"sha256": "0" * 64, "media_type": "image/jpeg", "bytes": 9, "width": 3, "height": 3}

RECEIPT = Receipt(
    packing=Finding(PackingFinding.OPENED, "封条已撕"),
    function=Finding(FunctionFinding.FAULTY),
    appearance=Finding(AppearanceFinding.USED),
    accessories=Finding(AccessoriesFinding.INCOMPLETE),
    invoice=Finding(InvoiceFinding.ENCLOSED),
    received_quantity=1,
    goods=GoodsFinding.AS_APPLIED,
    remark="少一根线",
)

ORDER = """
  id number version status orderNumber expectation description logisticsIn autoApprovalBlocked
  appliedAt updatedAt finishedAt
  merchant { id name enrolment }
  customer { ref name phone }
  reason { code name }
  pictures { id url width height }
  item { sku name quantity purchasedQuantity unitPrice paidAmount }
  assignee { id name }
  review { decision automatic reviewer { kind name id } at reason { name } customerNote
    returnAddress { contact region } shipment { goods } evidence { id url } }
  processing { action by { kind name } at customerNote newOrderNumber report
    shipment { goods waybill } }
  inbound { carrier waybill freight at }
  receipt { packing { finding remark } function { finding } appearance { finding } at remark
    accessories { finding } invoice { finding } receivedQuantity goods evidence { id url } }
  target { at missed } clock { kind dueAt remaining } reviewClock { kind dueAt remaining }
  actions { action allowed allowedUntil blockers { code message } }
"""
TIMELINE = "timeline { sequence kind at actor { kind name } fromStatus toStatus details }"
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"

# Each query, its viewer, and the number of its statements: one to read the viewer, and one for each
# list.
QUERIES: dict[str, tuple[str, str, int]] = {
    "a page of orders with everything": (
        "supervisor",
        f"""{{ serviceOrders(first: 50) {{
          edges {{ cursor node {{ {ORDER} {TIMELINE} latest: timeline(last: 1) {{ kind }}
            application {{ id externalRef customer {{ name }} merchant {{ name }}
              serviceOrders {{ id status assignee {{ name }} {TIMELINE} }} }} }} }}
          nodes {{ id {TIMELINE} }} {PAGE} }} }}""",
        # the viewer; the page; two timelines; the orders of the applications, their timelines; the
        # timelines again, for `nodes`; the count
        8,
    ),
    "a page of orders with their columns": (
        "supervisor",
        f"{{ serviceOrders(first: 50, orderBy: DUE_AT_ASC) {{ nodes {{ {ORDER} }} }} }}",
        2,
    ),
    "the page of a customer": (
        "customer",
        f"{{ serviceOrders(last: 50) {{ nodes {{ {ORDER} {TIMELINE} }} {PAGE} }} }}",
        4,
    ),
    "all merchants' orders": (
        "platform",
        f"{{ serviceOrders(first: 50) {{ nodes {{ {ORDER} {TIMELINE} }} }} }}",
        3,
    ),
    "filtered": (
        "supervisor",
        """{ serviceOrders(filter: {status: [PENDING_REVIEW, AWAITING_SHIPMENT], overdue: false,
          expectation: [RETURN], dueWithin: 900000}) { nodes { id } totalCount } }""",
        3,
    ),
    "one order": (
        "supervisor",
        f"""query($order: ID!) {{ serviceOrder(id: $order) {{ {ORDER} {TIMELINE}
          thread {{ kind at actor {{ kind name }} customerNote pictures {{ id url }} }}
          siblings {{ number status }}
          application {{ serviceOrders {{ id {TIMELINE} }} }} }} }}""",
        7,
    ),
    "counters": (
        "supervisor",
        "{ queueSummary { review { waiting overdue dueSoon pastTarget } autoApprovalBlocked } }",
        2,
    ),
    "the work of everybody": (
        "supervisor",
        "{ workload { assignee { id name } review receipt processing overdue unfinished } }",
        3,  # the viewer; the counts; the names
    ),
    "own sessions": (
        "supervisor",
        f"{{ sessions(first: 50) {{ nodes {{ id label userAgent lastUsedAt }} {PAGE} }} }}",
        3,
    ),
    "single sign-on": ("owner", "{ singleSignOn { issuer } }", 2),
    "counts of statuses": ("supervisor", "{ statusCounts { status count } }", 2),
    "searched": (
        "supervisor",
        """{ serviceOrders(filter: {phone: "138****5678", customerName: "李小"}) {
          nodes { id customer { name } } totalCount } }""",
        3,
    ),
    "a plan": (
        "supervisor",
        f"""query($orders: [ID!]!) {{ reviewPlan(input: {{ids: $orders, decision: {{
          reject: {{reason: "NOT_ELIGIBLE.USED", customerNote: "-"}}}}}}) {{ planToken
          results {{ index done refusals {{ code }} serviceOrder {{ id {TIMELINE} }} }} }} }}""",
        4,  # the viewer; the orders; the orders of the answer, their timelines
    ),
    "a node": (
        "supervisor",
        f"query($order: ID!) {{ node(id: $order) {{ id ... on ServiceOrder {{ {ORDER} }} }} }}",
        2,
    ),
    "an application and a merchant": (
        "supervisor",
        """query($application: ID!, $merchant: ID!) {
          application(id: $application) { id serviceOrders { id } }
          merchant(id: $merchant) { id name } }""",
        4,  # the viewer; the application and its orders; the merchant
    ),
    "nodes of every type": (
        "owner",
        f"""query($nodes: [ID!]!) {{ nodes(ids: $nodes) {{ __typename id
          ... on ServiceOrder {{ status {TIMELINE} }}
          ... on Application {{ serviceOrders {{ id status }} }}
          ... on Merchant {{ name }} ... on ReturnAddress {{ region }}
          ... on Evidence {{ url }} ... on Role {{ name permissions }}
          ... on Employee {{ name roles {{ name }} }} }} }}""",
        # the viewer; seven types; and their timelines, orders, roles
        11,
    ),
    "the same orders in two places": (
        "supervisor",
        "query($orders: [ID!]!) { a: nodes(ids: $orders) { id } b: nodes(ids: $orders) { id } }",
        3,  # the two fields share one read of the viewer
    ),
    "the viewer": (
        "supervisor",
        "{ viewer { name merchant { name } permissions { permission throughRoles direct } } }",
        2,
    ),
    "roles": ("owner", "{ roles { id name permissions updatedAt } }", 2),
    "employees with their roles": (
        "owner",
        f"""{{ employees(first: 50) {{ edges {{ node {{ name roles {{ name permissions }} }} }}
          nodes {{ login extraPermissions unfinishedOrders }} {PAGE} }} }}""",
        4,
    ),
    "a preview of a role": (
        "owner",
        """query($role: ID!) { rolePreview(roleId: $role, permissions: [NOTE]) {
          effects { name gains loses } orphaned } }""",
        3,  # the viewer; the role; the permissions of all employees
    ),
    "the enrolment": (
        "owner",
        """{ enrolment { status merchant { name } attempts { number result }
          suspensions { reason } returnAddresses { region } } }""",
        5,
    ),
    "everybody's enrolments": (
        "platform",
        f"""{{ enrolments(first: 50) {{ nodes {{ status merchant {{ id name }}
          attempts {{ number result }} suspensions {{ reason }} returnAddresses {{ region }} }}
          {PAGE} }} }}""",
        6,
    ),
    "own reasons": (
        "owner",
        "{ reasons(use: REVIEW, includeRetired: true) { code name decisions retiredAt } }",
        3,  # the viewer; what the merchant retired; its own
    ),
    "webhook endpoints": (
        "owner",
        "{ webhookEndpoints { id url kinds scopes owner { name id } disabledAt } }",
        2,
    ),
    "a webhook endpoint": (
        "owner",
        """query($webhook: ID!) { webhookEndpoint(id: $webhook) { url owner { name } }
          viewer { merchant { failedWebhookEndpoints } } }""",
        3,
    ),
    "deliveries of webhooks": (
        "owner",
        f"""query($webhook: ID!) {{ webhookDeliveries(endpointId: $webhook, first: 50) {{
          nodes {{ id messageId type serviceOrderId status answer }} {PAGE} }} }}""",
        3,
    ),
    "the definitions of figures": ("owner", "{ qualityMetrics { metric name unit } }", 0),
    "figures of service quality": (
        "owner",
        """{ qualityReport(period: {month: "2026-11"}, by: EMPLOYEE) { isCurrent
          figures { metric value } series { employee { name } figures { value } } } }""",
        7,  # the viewer; the merchant; cases and quantiles, both for the series, too; names
    ),
    "the orders behind a figure": (
        "owner",
        f"""{{ qualityReport(period: {{month: "2026-11"}}, metrics: [HANDLED], first: 50) {{
          figures {{ value orders {{ nodes {{ at hours serviceOrder {{ number }} }} {PAGE} }} }}
          }} }}""",
        4,
    ),
    "the number of orders behind a figure": (
        "owner",
        """{ qualityReport(period: {month: "2026-11"}, metrics: [HANDLED]) {
          figures { metric orders { totalCount } } } }""",
        3,  # the viewer; the merchant; cases, whose number is the figure's
    ),
    "the current evaluation plan": (
        "owner",
        "{ evaluationPlan { version criteria { metric } publishedBy { name } } }",
        3,
    ),
    "the versions of the evaluation plan": (
        "owner",
        f"""{{ evaluationPlans(first: 50) {{
          nodes {{ version note criteria {{ metric }} }} {PAGE} }} }}""",
        3,
    ),
    "a preview of an evaluation plan": (
        "platform",
        """{ evaluationPreview(months: ["2026-11"], plan: {criteria: [
          {metric: REVIEW_HOURS_P90, target: 1, floor: 9, weight: 1}]}) {
          merchants { merchant { name } movement months { month draft } } } }""",
        6,  # the viewer; the plan; the merchants; cases and quantiles; names
    ),
    "a score of a month": (
        "owner",
        """{ qualityScore(month: "2026-11") { score merchant { name } plan { version }
          explains { metric adds } figures { value } benchmark { score { p50 } } } }""",
        9,  # the viewer; the merchant; benchmark, snapshot, plan; cases and quantiles; both again
    ),
    "the scores of a month": (
        "platform",
        f"""{{ qualityScores(month: "2026-09", first: 50) {{
          nodes {{ merchant {{ name }} score planVersion }} {PAGE} }} }}""",
        3,
    ),
    "what an employee did": (
        "owner",
        f"""query($employee: ID) {{ activity(employeeId: $employee, first: 50,
            period: {{month: "2026-11"}}) {{ employee {{ name }} isCurrent done {{ kind cases }}
          figures {{ value }} cases {{ nodes {{ at serviceOrder {{ number }} }} {PAGE} }} }} }}""",
        7,  # the viewer; the employee; the merchant; cases; the page and its count; the name
    ),
    "the summary of a day": (
        "owner",
        """{ dailySummary(date: "2026-11-22") { merchant { name } done { cases }
          queues { review { waiting } }
          byEmployee { employee { name } done { cases } waiting overdue } } }""",
        7,  # the viewer; the merchant; cases; queues; work; the names of the merchant and employees
    ),
    "alerts, their log and thresholds": (
        "owner",
        f"""{{ qualityAlerts(open: true, first: 50) {{ nodes {{ id value merchant {{ name }} }}
          {PAGE} }} qualityAlertEvents(first: 50) {{ nodes {{ cursor alert {{ id metric }} }}
          {PAGE} }} qualityThresholds {{ version platform {{ limit }} }} }}""",
        7,  # the viewer; two pages and their counts; the merchant's thresholds and the platform's
    ),
    "orders that are due soon": (
        "owner",
        f"""{{ atRisk(withinHours: 48, first: 50) {{ nodes {{ number assignee {{ name }} }}
          {PAGE} }} atRiskByAssignee(withinHours: 48) {{ assignee {{ name }} orders }} }}""",
        5,  # the viewer; the page and its count; the shares and their names
    ),
    "templates of notes": ("owner", "{ noteTemplates { id name textZh decisions } }", 2),
    "a preview of a note": (
        "owner",
        """query($template: ID!, $order: ID!) { renderNoteTemplate(
          id: $template, serviceOrderId: $order, decision: REJECT) { text } }""",
        3,  # the viewer; the order; the template
    ),
    "a preview of an employee": (
        "owner",
        """query($employee: ID!) { employeePreview(employeeId: $employee, roleIds: []) {
          loses orphaned openOrders connectors { name } } }""",
        6,  # the viewer; the employee and roles, what each holds, connectors and open orders
    ),
    "the coverage of permissions": ("owner", "{ coverage { permission holders } }", 2),
    "the history of the staff": (
        "owner",
        """{ staffHistory(first: 50) { nodes { kind at actor { name } subject changed
          before { name permissions } after { name permissions } } } }""",
        2,
    ),
    "exports": (
        "owner",
        f"""{{ exports(first: 50) {{ nodes {{ id status columns total rowsWritten url
          requestedBy {{ name }} }} {PAGE} }} }}""",
        3,
    ),
    "an export": (
        "owner",
        "query($export: ID!) { export(id: $export) { id status rowsWritten url } }",
        2,
    ),
    "platform accounts": (
        "platform",
        "{ platformAccounts(first: 50) { nodes { name permissions } } }",
        2,
    ),
    "the history of platform accounts": (
        "platform",
        "{ platformAccountHistory(first: 50) { nodes { kind at subject changed } } }",
        2,
    ),
    "return addresses": ("owner", "{ returnAddresses { id region isDefault } }", 2),
    "connectors": ("owner", "{ connectors { id name scopes } }", 2),
    "the platform's connectors": ("platform", "{ platformConnectors { id merchantIds } }", 2),
    "a page of the feed": (
        "supervisor",
        f"""{{ events(first: 30) {{ endCursor nodes {{ cursor event {{ kind actor {{ name }} }}
          serviceOrder {{ {ORDER} {TIMELINE} }} }} }} }}""",
        6,  # the viewer; the standing, the window; the events; the orders, their timelines
    ),
    "a snapshot": (
        "supervisor",
        "{ snapshot(first: 50) { cursor serviceOrders { nodes { id version } } } }",
        3,  # the viewer; the standing; the page
    ),
    "pause windows": ("owner", "{ pauseWindows { name startAt endAt declaredBy { name } } }", 2),
    "reference": (
        "nobody",
        """{ serverTime lifecycle { statuses { status } rules { action } }
          divisions { code } reasons { code } permissions { permission }
          evidenceRules { maxBytes } }""",
        0,
    ),
}
FIXED = {
    "single sign-on",
    "the definitions of figures",
    "the number of orders behind a figure",
    "the current evaluation plan",
    "a score of a month",
    "a preview of a note",
    "reference",
    "counters",
    "counts of statuses",
    "a node",
    "an application and a merchant",
    "an export",
    "one order",
    "the viewer",
    "a preview of an employee",
    "the coverage of permissions",
    "a webhook endpoint",
}
"""Queries whose answer does not grow with the number of rows."""


def test_every_query_of_the_schema_is_counted(schema: Schema) -> None:
    counted = set()
    for _, text, _ in QUERIES.values():
        for definition in parse(text).definitions:
            assert isinstance(definition, OperationDefinitionNode)
            counted |= {
                field.name.value
                for field in definition.selection_set.selections
                if isinstance(field, FieldNode)
            }
    query_type = schema._schema.query_type
    assert query_type is not None
    missing = set(query_type.fields) - counted
    assert not missing, f"add a query with {missing} to QUERIES in tests/house/test_statements.py"
    assert counted == set(query_type.fields)


@contextmanager
def counting(*engines: AsyncEngine) -> Iterator[list[str]]:
    """Collect the statements on the engines' connections, without those that begin transactions."""
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        # The statements of SQLAlchemy for a new connection are in lower case; ours are not.
        begins = statement.startswith(("BEGIN", "SELECT set_config"))
        if not (begins or statement[:1].islower()):
            statements.append(statement)

    for engine in engines:
        sa.event.listen(engine.sync_engine, "before_cursor_execute", count)
    pools = [engine.sync_engine.pool for engine in engines]

    def note(event: StatementEvent) -> None:
        if event.pool in pools:
            statements.append(event.statement)

    LISTENERS.append(note)
    try:
        yield statements
    finally:
        LISTENERS.remove(note)
        for engine in engines:
            sa.event.remove(engine.sync_engine, "before_cursor_execute", count)


@dataclass
class Desk:
    """A merchant with at least one of everything that a query lists; it can grow."""

    given: World
    client: Client
    shop: Shop
    people: dict[str, Person]
    orders: list[OrderRef]
    employees: list[Person]
    picture: str
    template: str = ""
    export: str = ""
    webhook: str = ""

    @classmethod
    async def open(cls, given: World, client: Client) -> "Desk":
        shop = await given.merchant()
        people = {
            "owner": shop.owner,
            "supervisor": await given.employee(shop, roles=["售后主管"]),
            "customer": await given.customer(shop),
            "platform": await given.platform(),
        }
        uploaded = await client.as_(shop.owner.token).upload(jpeg())
        desk = cls(given, client, shop, people, [], [], uploaded["evidence"]["id"])
        await desk.add_order()
        return desk

    def as_(self, who: str) -> Client:
        return self.client.as_(self.people[who].token if who != "nobody" else None)

    async def add_order(self) -> None:
        """Add an order that waits, one that was reviewed, and one of everything else."""
        given, number = self.given, len(self.orders)
        employee = await given.employee(
            self.shop, Permission.EXPORT, name=f"小{number}", roles=["审核组", "处理组"]
        )
        self.employees.append(employee)
        columns: dict[str, Any] = {"pictures": [PICTURE], "assignee_id": employee.id}
        waiting, *_ = await given.application(self.shop, 1 + number % 3, **columns)
        reviewed = await given.in_status(
            self.shop,
            Status.AWAITING_SHIPMENT,
            review_reason="AGREED.OTHER",
            review_pictures=[PICTURE],
            shipped_at=given.now,
            inbound=InboundShipment(carrier="SF", waybill="1", freight=1200).stored(),
            received_at=given.now,
            receipt=RECEIPT.stored(),
            receipt_pictures=[PICTURE],
            **columns,
        )
        self.orders += [waiting, reviewed]
        for order in (waiting, reviewed):
            payload = await self.as_("supervisor").do("addNote", id=order.id, text="催促")
            assert payload["refusals"] == []
        await given.quality_case(reviewed, employee)
        await given.quality_case(reviewed, self.employees[0], sequence=9)
        await given.quality_alert(self.shop)
        await self.client.sign_in(self.people["supervisor"].login)
        await sequence(given.parts.database, given.now)
        await given.return_address(self.shop.id, is_default=False)
        await given.connector(self.shop)
        await given.connector()
        await given.own_reason(self.shop, f"R{number}")
        self.template = await given.note_template(self.shop)
        self.export = await given.export(self.shop)
        hook = await webhook(given, self.shop, waiting)
        self.webhook = self.webhook or hook.endpoint
        await delivery(given, self.webhook, waiting)
        other = await given.merchant(f"京南 {number}", address=False)
        for shop in (self.shop, other):
            await self._enrol(shop, number + 1)
        await given.evaluation_plan(number + 1)
        await given.quality_snapshot(other, "2026-09")
        role = await self.as_("owner").do("createRole", name=f"角色 {number}", permissions=["NOTE"])
        assert role["refusals"] == []
        await self._rest(number)

    async def _enrol(self, shop: Shop, number: int) -> None:
        attempt = EnrolmentAttempt(
            merchant_id=shop.id,
            number=number,
            applied_by="店主",
            applied_at=self.given.now,
            reviewed_by="平台小王",
            reviewed_at=self.given.now,
            result=EnrolmentStatus.ENABLED,
        )
        await self.given._add(attempt)
        platform, where = self.as_("platform"), {"merchantId": shop.global_id}
        for step in ("suspendMerchant", "resumeMerchant"):
            assert (await platform.do(step, **where, reason="检查"))["refusals"] == []

    async def _rest(self, number: int) -> None:
        start = self.given.now + timedelta(days=100 + number)
        payload = await self.as_("platform").do(
            "declarePauseWindow",
            name=f"假期 {number}",
            startAt=start.isoformat(),
            endAt=(start + timedelta(hours=1)).isoformat(),
        )
        assert payload["refusals"] == []
        account = await self.as_("platform").do(
            "createPlatformAccount",
            login=f"platform-{number}",
            password=PASSWORD,
            name=f"平台 {number}",
            permissions=["MERCHANT_READ"],
        )
        assert account["refusals"] == []

    def variables(self) -> dict[str, Any]:
        """The values of the queries' variables: ids of every object."""
        orders = [order.id for order in self.orders]
        assert self.shop.address_id is not None
        address = ids.encode("ReturnAddress", self.shop.id, self.shop.address_id)
        return {
            "order": orders[0],
            "application": self.orders[0].application_id,
            "merchant": self.shop.global_id,
            "template": self.template,
            "export": self.export,
            "webhook": self.webhook,
            "employee": self.employees[0].global_id,
            "orders": orders,
            "role": self.shop.roles["审核组"],
            "nodes": [
                *orders,
                *[order.application_id for order in self.orders],
                *[employee.global_id for employee in self.employees],
                *self.shop.roles.values(),
                self.shop.global_id,
                address,
                self.picture,
            ],
        }

    async def measure(self, name: str) -> tuple[int, int]:
        """The number of a query's statements, and the length of its answer."""
        who, text, _ = QUERIES[name]
        used = {key: value for key, value in self.variables().items() if f"${key}" in text}
        self.given.parts.authenticator.forget()  # so that reading the viewer always counts
        database = self.given.parts.database
        with counting(database.vital, database.reading, database.writing) as statements:
            answer = await self.as_(who).ask_all(text, used)
        assert all(text.lstrip("( ").startswith("SELECT") for text in statements), name
        return len(statements), len(json.dumps(answer))


async def test_no_query_takes_more_statements_for_more_rows(given: World, client: Client) -> None:
    desk = await Desk.open(given, client)
    few = {name: await desk.measure(name) for name in QUERIES}
    for _ in range(MANY - 1):
        await desk.add_order()
    many = {name: await desk.measure(name) for name in QUERIES}

    expected = {name: statements for name, (_, _, statements) in QUERIES.items()}
    assert {name: statements for name, (statements, _) in few.items()} == expected
    assert {name: statements for name, (statements, _) in many.items()} == expected
    # The answers grew; otherwise the counts would prove nothing.
    grown = {name for name in QUERIES if many[name][1] > few[name][1] * 1.5}
    assert set(QUERIES) - grown == FIXED


MUTATIONS = {
    "reviewServiceOrders": (
        f"""mutation($ids: [ID!]!) {{ reviewServiceOrders(input: {{ids: $ids, decision: {{
          recordGiveUp: {{customerNote: "客户不退了"}}}}}}) {{ refusals {{ code }} results {{
          done refusals {{ code }} serviceOrder {{ {ORDER} {TIMELINE}
            application {{ serviceOrders {{ id status }} }} }} }} }} }}""",
        3,
    ),
    "submitApplication": (
        f"""mutation($items: [ApplicationItemInput!]!, $ref: String!) {{
          submitApplication(input: {{externalRef: $ref, orderNumber: "P-1", customerRef: "c-1",
            customerName: "李小花", customerPhone: "13812345678", items: $items}}) {{
          refusals {{ code }} application {{ serviceOrders {{ {ORDER} {TIMELINE} }} }} }} }}""",
        3,
    ),
}


async def test_the_answer_of_a_batch_is_read_in_as_many_statements_as_that_of_one(
    given: World, client: Client
) -> None:
    shop = await given.merchant()
    reviewer = client.as_((await given.employee(shop, roles=["售后主管"])).token)
    text, expected = MUTATIONS["reviewServiceOrders"]
    taken = {}
    for size in (1, MANY):
        orders = [await given.order(shop) for _ in range(size)]
        database = given.parts.database
        with counting(database.reading) as statements:
            answer = await reviewer.ask(text, ids=[order.id for order in orders])
        assert [result["done"] for result in answer["results"]] == [True] * size
        assert len(answer["results"][0]["serviceOrder"]["timeline"]) == 2
        taken[size] = len(statements)
    assert taken == {1: expected, MANY: expected}


async def test_the_answer_of_an_application_is_read_in_as_many_statements_for_many_items(
    given: World, client: Client
) -> None:
    shop = await given.merchant()
    storefront = client.as_((await given.connector(shop)).token)
    text, expected = MUTATIONS["submitApplication"]
    taken = {}
    for size in (1, MANY):
        items = [{**ITEM, "sku": f"SKU-{index}"} for index in range(size)]
        database = given.parts.database
        with counting(database.reading) as statements:
            answer = await storefront.ask(text, items=items, ref=f"A-{size}")
        assert answer["refusals"] == []
        assert len(answer["application"]["serviceOrders"]) == size
        taken[size] = len(statements)
    assert taken == {1: expected, MANY: expected}
