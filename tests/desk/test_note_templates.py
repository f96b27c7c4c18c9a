"""Templates of notes: kept by the merchant, rendered for each order of a decision."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from domain.desk.note_templates import MAX_NOTE_TEMPLATES, MAX_TEMPLATE
from domain.desk.reviews import MAX_NOTE
from domain.permissions import Permission
from models.note_template import note_templates
from models.service_order import events
from schema import ids
from tests.client import Client, Failed
from tests.given import OrderRef, Shop, World
from tests.house.test_statements import counting

pytestmark = pytest.mark.anyio

SHAPE = "noteTemplate { id name textZh textEn decisions position }"
SEND: dict[str, Any] = {
    "name": "寄回",
    "textZh": "请将 {goods} 寄到 {returnAddress}, 注明 {number}",
    "textEn": "Send {goods} to {returnAddress}, naming {number}",
    "decisions": ["APPROVE"],
    "position": 3,
}
PREVIEW = """query(
  $id: ID!, $order: ID!, $decision: ServiceOrderAction!, $address: ID, $language: NoteLanguage = ZH
) {
  renderNoteTemplate(id: $id, serviceOrderId: $order, decision: $decision,
    returnAddressId: $address, noteLanguage: $language) { text refusals { code path } } }"""
LINE = "王店长 13800138000 广东省 深圳市 南山区 科技园路 1 号"
LIST = "{ noteTemplates { id name } }"


async def desk(client: Client, given: World) -> tuple[Shop, Client]:
    shop = await given.merchant()
    return shop, client.as_(shop.owner.token)


async def stored_note(given: World, order: OrderRef) -> str | None:
    """The note of the order's decision, which the event has too."""
    row = await given.row(order)
    async with given.parts.database.read() as connection:
        told = await connection.scalar(
            sa.select(events.c.customer_note).where(
                events.c.service_order_id == order.key, events.c.sequence == row.version
            )
        )
    assert told == row.review_customer_note
    return told


async def test_a_template_is_made_changed_listed_and_deleted(client: Client, given: World) -> None:
    _, owner = await desk(client, given)
    made = (await owner.do("createNoteTemplate", SHAPE, **SEND))["noteTemplate"]
    id_ = made["id"]
    assert made == {"id": id_, **SEND}
    first = await owner.do("createNoteTemplate", SHAPE, name="一", textZh="好")
    assert first["noteTemplate"]["position"] == 0
    assert first["noteTemplate"]["decisions"] == []
    assert [one["name"] for one in await owner.ask(LIST)] == ["一", "寄回"]
    changes: tuple[dict[str, Any], ...] = (
        {"name": "请寄回"},
        {"textZh": "{goods}"},
        {"textEn": None},
        {"decisions": ["RESEND", "APPROVE"]},
        {"position": 0},
    )
    for change in changes:
        after = await owner.do("updateNoteTemplate", SHAPE, id=id_, **change)
        if "decisions" in change:
            change["decisions"] = ["APPROVE", "RESEND"]
        made |= change
        assert after["noteTemplate"] == made
    assert (await owner.do("deleteNoteTemplate", "done", id=id_))["done"]
    assert [one["name"] for one in await owner.ask(LIST)] == ["一"]
    for mutation in ("deleteNoteTemplate", "updateNoteTemplate"):
        refusal = await owner.refused(mutation, id=id_)
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "NoteTemplate")


@pytest.mark.parametrize("field", ["textZh", "textEn"])
async def test_an_unknown_placeholder_is_refused_and_named_when_the_template_is_saved(
    client: Client, given: World, field: str
) -> None:
    shop, owner = await desk(client, given)
    id_ = await given.note_template(shop)
    said = {**SEND, field: "您好 {customerName}"}
    for mutation, arguments in (
        ("createNoteTemplate", said),
        ("updateNoteTemplate", {"id": id_, field: said[field]}),
    ):
        refusal = await owner.refused(mutation, **arguments)
        assert (refusal["code"], refusal["path"]) == ("UNKNOWN_PLACEHOLDER", [field])
        assert refusal["placeholder"] == "{customerName}"
        assert refusal["known"] == ["{number}", "{goods}", "{returnAddress}"]
    assert len(await owner.ask(LIST)) == 1


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "x" * 65}, ["name"]),
        ({"textZh": " "}, ["textZh"]),
        ({"textZh": "好" * (MAX_TEMPLATE + 1)}, ["textZh"]),
        ({"textEn": "x" * (MAX_TEMPLATE + 1)}, ["textEn"]),
        ({"decisions": ["SHIP"]}, ["decisions"]),
        ({"position": -1}, ["position"]),
    ],
)
async def test_a_malformed_template_is_bad_input(
    client: Client, given: World, changes: dict[str, Any], argument: list[str]
) -> None:
    _, owner = await desk(client, given)
    with pytest.raises(Failed) as failed:
        await owner.do("createNoteTemplate", **SEND | changes)
    assert (failed.value.code, failed.value.extensions["argument"]) == ("BAD_USER_INPUT", argument)


async def test_a_name_is_unique_within_the_merchant_whatever_its_capitals(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    other = await given.merchant("另一家")
    await given.note_template(shop, name="Return")
    id_ = await given.note_template(shop, name="b")
    for mutation, said in (
        ("createNoteTemplate", SEND | {"name": "RETURN"}),
        ("updateNoteTemplate", {"id": id_, "name": "return"}),
    ):
        refusal = await owner.refused(mutation, **said)
        assert (refusal["code"], refusal["path"]) == ("NAME_TAKEN", ["name"])
    assert await owner.codes("updateNoteTemplate", id=id_, name="B") == []
    theirs = client.as_(other.owner.token)
    assert await theirs.codes("createNoteTemplate", **SEND | {"name": "Return"}) == []


async def test_of_many_who_make_the_hundredth_template_at_once_one_makes_it(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    row = {
        "merchant_id": shop.id,
        "text_zh": "好",
        "decisions": [],
        "position": 0,
        "created_at": given.now,
        "updated_at": given.now,
    }
    rows = [row | {"id": n, "name": str(n)} for n in range(1, MAX_NOTE_TEMPLATES)]
    async with given.parts.database.write() as connection:
        await connection.execute(sa.insert(note_templates), rows)
    answers = await asyncio.gather(
        *[owner.codes("createNoteTemplate", **SEND | {"name": f"n{n}"}) for n in range(4)]
    )
    assert sorted(answers) == [[], *[["TOO_MANY_NOTE_TEMPLATES"]] * 3]
    assert len(await owner.ask(LIST)) == MAX_NOTE_TEMPLATES


async def test_an_approval_sends_the_note_with_the_address_that_this_order_gets(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    template = (await owner.do("createNoteTemplate", SHAPE, **SEND))["noteTemplate"]["id"]
    order = await given.order(shop)
    approve = {"customerNoteTemplateId": template}
    shape = "serviceOrder { review { customerNote } }"
    payload = await owner.do(
        "reviewServiceOrder", shape, id=order.id, decision={"approve": approve}
    )
    expected = f"请将 蓝牙耳机 寄到 {LINE}, 注明 {order.key}"
    assert payload["serviceOrder"]["review"]["customerNote"] == expected
    assert await stored_note(given, order) == expected
    # A later change of the template does not change the note.
    await owner.do("updateNoteTemplate", id=template, textZh="别的")
    assert await stored_note(given, order) == expected


async def test_the_note_names_the_address_that_was_chosen_and_is_english_if_asked(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    template = (await owner.do("createNoteTemplate", SHAPE, **SEND))["noteTemplate"]["id"]
    address = ids.encode(
        "ReturnAddress", shop.id, await given.return_address(shop.id, is_default=False)
    )
    changed = {
        "contact": "仓管",
        "phone": "021-5555",
        "zip": "200000",
        "provinceCode": "310000",
        "cityCode": "310100",
        "districtCode": "310101",
        "detail": "人民路 2 号",
    }
    await owner.do("saveReturnAddress", id=address, address=changed)
    order = await given.order(shop)
    approve = {
        "customerNoteTemplateId": template,
        "returnAddressId": address,
        "noteLanguage": "EN",
    }
    arguments = {"id": template, "order": order.id, "decision": "APPROVE"}
    preview = await owner.ask(PREVIEW, **arguments, address=address, language="EN")
    assert (
        await owner.codes("reviewServiceOrder", id=order.id, decision={"approve": approve})
    ) == []
    note = await stored_note(given, order)
    assert note is not None
    assert note.startswith("Send 蓝牙耳机 to 仓管 021-5555 上海市")
    assert note.endswith(f"人民路 2 号 200000, naming {order.key}")
    assert preview == {"text": note, "refusals": []}


OUTCOMES: dict[str, dict[str, Any]] = {
    "REJECT": {"reject": {"reason": "NOT_ELIGIBLE.USED"}},
    "RESEND": {"resend": {"goods": "耳机", "later": True}},
    "REQUEST_FEEDBACK": {"requestFeedback": {}},
    "RECORD_GIVE_UP": {"recordGiveUp": {}},
}


def with_template(decision: str, template: str) -> dict[str, Any]:
    [(name, said)] = OUTCOMES[decision].items()
    field = "questionTemplateId" if decision == "REQUEST_FEEDBACK" else "customerNoteTemplateId"
    return {name: said | {field: template}}


@pytest.mark.parametrize("decision", OUTCOMES)
async def test_every_decision_takes_a_template_and_none_without_an_address_names_it(
    client: Client, given: World, decision: str
) -> None:
    shop, owner = await desk(client, given)
    template = await given.note_template(shop, "服务单 {number}: {goods} {{}}")
    order = await given.order(shop)
    naming = await given.note_template(shop, "寄到 {returnAddress}")
    decided = with_template(decision, naming)
    refusal = await owner.refused("reviewServiceOrder", id=order.id, decision=decided)
    assert (refusal["code"], refusal["placeholder"]) == ("PLACEHOLDER_EMPTY", "{returnAddress}")
    assert (await given.row(order)).version == 1
    decided = with_template(decision, template)
    assert await owner.codes("reviewServiceOrder", id=order.id, decision=decided) == []
    assert await stored_note(given, order) == f"服务单 {order.key}: 蓝牙耳机 {{}}"


@pytest.mark.parametrize("decision", OUTCOMES)
async def test_a_decision_takes_the_text_or_a_template_and_not_both_or_neither(
    client: Client, given: World, decision: str
) -> None:
    shop, owner = await desk(client, given)
    template = await given.note_template(shop)
    order = await given.order(shop)
    [(name, said)] = with_template(decision, template).items()
    note = "question" if decision == "REQUEST_FEEDBACK" else "customerNote"
    neither = {key: value for key, value in said.items() if "Template" not in key}
    for wrong in (said | {note: "好"}, neither, neither | {note: " "}):
        with pytest.raises(Failed) as failed:
            await owner.do("reviewServiceOrder", id=order.id, decision={name: wrong})
        assert failed.value.code == "BAD_USER_INPUT"
        assert failed.value.extensions["argument"] == ["decision", name, note]
    assert (await given.row(order)).version == 1


async def test_a_template_that_cannot_be_used_is_refused_and_says_why(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    order = await given.order(shop)
    other = await given.merchant("另一家")
    path = ["decision", "reject", "customerNoteTemplateId"]
    approving = await given.note_template(shop, decisions=["APPROVE"])
    long = await given.note_template(shop, "好" * (MAX_NOTE + 1))
    chinese = await given.note_template(shop)
    theirs = await given.note_template(other)
    gone = ids.encode("NoteTemplate", shop.id, 7)
    for template, language, code in (
        (approving, "ZH", "TEMPLATE_NOT_FOR_DECISION"),
        (long, "ZH", "NOTE_TOO_LONG"),
        (chinese, "EN", "NO_ENGLISH_TEXT"),
        (theirs, "ZH", "NOT_FOUND"),
        (gone, "ZH", "NOT_FOUND"),
        (order.id, "ZH", "NOT_FOUND"),
    ):
        decided = with_template("REJECT", template)
        decided["reject"]["noteLanguage"] = language
        refusal = await owner.refused("reviewServiceOrder", id=order.id, decision=decided)
        assert (refusal["code"], refusal["path"]) == (code, path)
    assert (await given.row(order)).version == 1


async def test_a_batch_renders_the_template_for_each_order_and_refuses_one_that_does_not_fit(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    template = await given.note_template(shop, "{goods}" * 3)
    short = await given.order(shop, item_name="耳机")
    long = await given.order(shop, item_name="好" * 200)
    decided = with_template("REJECT", template)
    batch = {"ids": [short.id, long.id], "decision": decided}
    plan = await owner.ask(
        """query($input: ReviewPlanInput!) { reviewPlan(input: $input) {
          planToken results { done refusals { code } } } }""",
        input=batch,
    )
    expected = [
        {"done": True, "refusals": []},
        {"done": False, "refusals": [{"code": "NOTE_TOO_LONG"}]},
    ]
    assert plan["results"] == expected
    # The token stands for the notes too.
    await owner.do("updateNoteTemplate", id=template, textZh="{goods}" * 4)
    changed = await owner.refused("reviewServiceOrders", **batch, planToken=plan["planToken"])
    assert changed["code"] == "PLAN_CHANGED"
    payload = await owner.do("reviewServiceOrders", "results { done refusals { code } }", **batch)
    assert payload["results"] == expected
    assert await stored_note(given, short) == "耳机" * 4
    assert (await given.row(long)).version == 1


async def test_a_preview_shows_the_note_of_any_decision_and_changes_nothing(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    other = await given.merchant("另一家")
    order, theirs = await given.order(shop), await given.order(other)
    template = (await owner.do("createNoteTemplate", SHAPE, **SEND | {"decisions": []}))[
        "noteTemplate"
    ]["id"]
    note = f"请将 蓝牙耳机 寄到 {LINE}, 注明 {order.key}"
    for order_id, decision, expected in (
        (order.id, "APPROVE", (note, [])),
        (order.id, "REJECT", (None, [{"code": "PLACEHOLDER_EMPTY", "path": ["id"]}])),
        (theirs.id, "APPROVE", (None, [{"code": "NOT_FOUND", "path": ["serviceOrderId"]}])),
    ):
        preview = await owner.ask(PREVIEW, id=template, order=order_id, decision=decision)
        assert (preview["text"], preview["refusals"]) == expected
    with pytest.raises(Failed) as failed:
        await owner.ask(PREVIEW, id=template, order=order.id, decision="SHIP")
    assert failed.value.extensions["argument"] == ["decision"]
    assert (await given.row(order)).version == 1


async def test_who_reviews_reads_templates_and_who_manages_settings_keeps_them(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    id_ = await given.note_template(shop)
    reviewer = client.as_((await given.employee(shop, Permission.REVIEW)).token)
    keeper = client.as_((await given.employee(shop, Permission.SETTINGS_MANAGE)).token)
    nobody = client.as_((await given.employee(shop, Permission.NOTE)).token)
    for person, reads, keeps in (
        (reviewer, True, False),
        (keeper, True, True),
        (nobody, False, False),
    ):
        for mutation, said in (
            ("createNoteTemplate", SEND),
            ("updateNoteTemplate", {"id": id_, "position": 1}),
        ):
            assert await person.codes(mutation, **said) == ([] if keeps else ["FORBIDDEN"])
        if reads:
            assert id_ in {one["id"] for one in await person.ask(LIST)}
        else:
            with pytest.raises(Failed, match="FORBIDDEN"):
                await person.ask(LIST)
    theirs = client.as_((await given.merchant("另一家")).owner.token)
    assert await theirs.ask(LIST) == []
    for mutation in ("updateNoteTemplate", "deleteNoteTemplate"):
        assert await theirs.codes(mutation, id=id_) == ["NOT_FOUND"]


@pytest.mark.asked_once
async def test_a_template_costs_one_statement_more_than_a_note_that_is_written(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    template = await given.note_template(shop)
    counts = []
    for note in (
        {"customerNote": "好"},
        {"customerNote": "好"},
        {"customerNoteTemplateId": template},
    ):
        order = await given.order(shop)
        with counting(given.parts.database.writing) as statements:
            await owner.do("reviewServiceOrder", id=order.id, decision={"approve": note})
        counts.append(len(statements))
    assert counts[2] == counts[1] + 1
