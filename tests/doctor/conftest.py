"""A desk with a long history, made once: the demo, and what the demo has not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from app import create_app
from database.database import Database
from demo.create import create
from demo.people import PASSWORD, STOREFRONT_TOKEN
from doctor.examine import examine
from doctor.finding import Finding
from jobs.quality.alerts import compare
from jobs.quality.derive import derive
from jobs.quality.snapshots import make_due
from jobs.sequencer import sequence
from jobs.timers import fire_timers
from models.accounts import accounts
from models.evidence import PictureErasure
from models.quality import quality_heads
from models.single_sign_on import Identity, IdentityProvider
from models.tables import add
from parts import Parts
from resolvers.pictures import Pictures
from schema.build import build
from tests.client import Client
from tests.conftest import StoppedClock
from tests.databases import Backend
from tests.demo.reading import FEW, KEYS, NOW, pictures_in
from tests.given import ITEM
from tests.webhooks.rows import delivery_row


@dataclass(frozen=True)
class Desk:
    """The desk, and where its pictures lie."""

    database: Database
    pictures: Pictures
    folder: Path
    now: datetime

    async def examine(
        self, connection: AsyncConnection | None = None, now: datetime | None = None
    ) -> list[Finding]:
        """What the doctor finds in what a connection sees, committed or not."""
        found: list[Finding] = []
        if connection is not None:
            await examine(connection, self.pictures, now or self.now, found.append)
            return found
        async with self.database.read() as opened:
            await examine(opened, self.pictures, now or self.now, found.append)
        return found


async def _write_accounts(owner: Client) -> None:
    """An employee with a history, and with a code for a new password."""
    hired = await owner.do(
        "createEmployee",
        "employee { id }",
        login="history",
        password=PASSWORD,
        name="小史",
        extraPermissions=["EXPORT", "NOTE"],
    )
    await owner.do("issueEmployeePasswordReset", id=hired["employee"]["id"])


def erased_picture(merchant_id: int) -> PictureErasure:
    return PictureErasure(merchant_id=merchant_id, sha256="0" * 64, queued_at=NOW, erased_at=NOW)


async def _identities(connection: AsyncConnection, now: datetime) -> list[SQLModel]:
    """The provider of a merchant, and an identity of its main account."""
    main = sa.select(accounts.c.id, accounts.c.merchant_id).where(
        accounts.c.login == "digital-owner"
    )
    id_, owner = (await connection.execute(main)).one()
    said: dict[str, Any] = {"owner_id": owner, "issuer": "https://id.example.com"}
    return [
        IdentityProvider(**said, client_id="desk", version=1, updated_at=now),
        Identity(**said, account_id=id_, subject="a", linked_at=now),
    ]


@pytest.fixture(scope="session")
async def desk(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("doctor")
    url = await backend.fresh(folder)
    database, pictures, clock = Database.open(url), pictures_in(folder), StoppedClock()
    assert clock.now() == NOW
    await create(database, pictures, NOW, lambda _count: None, orders=FEW)
    parts = Parts(database, KEYS, pictures, clock)
    async with Client.of(create_app(parts, runs_clock=False, schema=build())) as client:
        platform = await client.sign_in("platform", PASSWORD)
        # Declared at one instant, so that a clock set just then may have heeded one or both.
        for name, after in (("国庆", 20), ("中秋", 90)):
            start = NOW + timedelta(hours=after)
            await platform.do(
                "declarePauseWindow",
                name=name,
                startAt=start.isoformat(),
                endAt=(start + timedelta(hours=30)).isoformat(),
            )
        reviewer = await client.sign_in("digital-reviewer", PASSWORD)
        waiting = await reviewer.ask(
            "{ serviceOrders(filter: {status: [PENDING_REVIEW]}) { nodes { id } } }"
        )
        for order in waiting["nodes"][:3]:
            asked = {"requestFeedback": {"question": "请补充照片"}}
            key = f"ask {order['id']}"
            await reviewer.do(
                "reviewServiceOrder", id=order["id"], decision=asked, idempotencyKey=key
            )
        clock.pass_(timedelta(hours=120))
        await fire_timers(database, clock.now())
        owner = await client.sign_in("digital-owner", PASSWORD)
        merchant = (await owner.ask("{ enrolment { merchant { id } } }"))["merchant"]["id"]
        for number in ("1", "2"):
            await client.as_(STOREFRONT_TOKEN).do(
                "submitApplication",
                merchantId=merchant,
                externalRef=f"A-{number}",
                orderNumber=f"P-{number}",
                customerRef="c-1",
                customerName="李小花",
                customerPhone="13812345678",
                items=[ITEM],
            )
        waiting = await owner.ask(
            '{ serviceOrders(filter: {orderNumber: "P-2"}) { nodes { id } } }'
        )
        [order] = waiting["nodes"]
        await owner.do("reviewServiceOrder", id=order["id"], decision={"approve": {}})
        await _write_accounts(owner)
        await platform.do(
            "createPlatformAccount",
            login="calendar",
            password=PASSWORD,
            name="平台小历",
            permissions=["CALENDAR_MANAGE"],
        )
        await owner.do("createReason", use="APPLICATION", nameZh="活动")
        await owner.do("createNoteTemplate", name="寄回", textZh="请寄回")
        await owner.do("exportServiceOrders", columns=["NUMBER"], format="CSV")
        shape, url = "webhookEndpoint { id }", "https://erp.example.com/hook"
        made = await owner.do("createWebhookEndpoint", shape, url=url)
        row = delivery_row(made["webhookEndpoint"]["id"], clock.now(), order["id"])
        async with database.write() as connection:
            await add(
                connection,
                row,
                erased_picture(row.merchant_id),
                *await _identities(connection, clock.now()),
            )
        while await sequence(database, clock.now()):
            pass
        while await derive(database):
            pass
        await platform.do(
            "publishEvaluationPlan",
            plan={"criteria": [{"metric": "APPROVAL", "target": 1, "floor": 0, "weight": 1}]},
            expectedVersion=0,
        )
        ahead = clock.now() + timedelta(days=40)
        assert await make_due(database, ahead) > 0
        threshold = {"metric": "HANDLED", "side": "ABOVE", "limit": 0, "days": 90}
        await owner.do("setQualityThresholds", thresholds=[threshold], expectedVersion=0)
        await compare(database, clock.now())
        async with database.write() as connection:
            # As before a rebuild: only one merchant's cases are compared, which is quicker.
            first = sa.select(sa.func.min(quality_heads.c.merchant_id)).scalar_subquery()
            others = quality_heads.c.merchant_id > first
            await connection.execute(sa.update(quality_heads).where(others).values(version=0))
    yield Desk(database, pictures, folder / "pictures", clock.now())
    await database.close()
    await backend.release(url)
