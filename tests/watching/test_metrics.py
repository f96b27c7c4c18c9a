"""What a desk did can be read from its metrics, and no stranger can add a series to them."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from jobs import loop
from jobs.backlog import measure
from jobs.quality.derive import derive
from jobs.sequencer import sequence
from parts import Parts
from tests.client import SIGN_IN, Client
from tests.conftest import NOON, StoppedClock
from tests.exports.running import run_all
from tests.given import PASSWORD, World
from transport.edge import Application
from watching.counts import Counts, RequestCounts
from watching.exposition import _Snapshots
from watching.metrics import BY_NAME, Kind
from watching.snapshot import Buckets, Snapshot

pytestmark = pytest.mark.anyio

TRUSTED = "query Desk { viewer { name } }"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scraped(snapshot: Snapshot) -> Samples:
    """The samples as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshots(lambda: snapshot))
    return {
        (
            sample.name.removeprefix("aftersales_"),
            tuple(sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }


def snapshot_of(app: Application) -> Snapshot:
    assert app.snapshot is not None
    return app.snapshot()


def requests(samples: Samples) -> dict[tuple[str, str], float]:
    """How many requests there were of each operation and outcome."""
    return {
        (dict(labels)["operation"], dict(labels)["outcome"]): value
        for (name, labels), value in samples.items()
        if name == "requests_total" and value
    }


async def test_requests_are_counted_by_known_operations_and_outcomes(
    given: World, parts: Parts, schema
) -> None:
    watched = replace(parts, counts=Counts(requests=RequestCounts()), trusted={"0" * 64: TRUSTED})
    app = create_app(watched, runs_clock=False, schema=schema)
    shop = await given.merchant()
    async with Client.of(app) as client:
        owner = client.as_(shop.owner.token)
        await owner.ask(TRUSTED)
        await owner.ask("query Mine { serviceOrders(first: 1) { nodes { id } } }")
        for number in range(3):  # a client makes up names, fields and paths
            await owner.post({"query": f"query A{number} {{ a{number}: __typename }}"})
            await owner.post({"query": f"{{ nothing{number} }}"})
            await client.http.get(f"/made-up-{number}")
        await client.ask(SIGN_IN, login=shop.owner.login, password="mistyped")
        await client.sign_in(shop.owner.login, PASSWORD)
        await client.post({"query": "{ employees(first: 1) { nodes { id } } }"})
        await client.http.get("/healthz")
        await client.http.get("/evidence/1/2.jpg")
    for name, values in snapshot_of(app).items():
        for labels, value in values.items():
            metric = BY_NAME[name]
            assert len(labels) == len(metric.labels), name
            assert isinstance(value, Buckets) is (metric.kind is Kind.HISTOGRAM), name
    samples = scraped(snapshot_of(app))
    assert requests(samples) == {
        ("Desk", "ok"): 1,
        ("serviceOrders", "ok"): 1,
        ("other", "ok"): 3,
        ("other", "invalid"): 6,
        ("signIn", "refused"): 1,
        ("signIn", "ok"): 1,
        ("employees", "denied"): 1,
        ("/healthz", "ok"): 1,
        ("/evidence", "denied"): 1,
    }
    assert samples["sign_ins_total", (("outcome", "wrong_credentials"),)] == 1
    assert samples["sign_ins_total", (("outcome", "ok"),)] == 1
    assert samples["request_duration_seconds_count", (("operation", "Desk"),)] == 1
    assert samples["database_connections_in_use", (("pool", "reading"),)] == 0
    is_batched = not parts.database.is_distributed
    assert (samples["database_batch_size_count", (("pool", "vital"),)] >= 1) is is_batched
    assert samples["requests_in_progress", ()] == 0
    text = json.dumps([str(key) for key in samples])
    for personal in (shop.owner.login, "mistyped", "A1", "nothing1", "made-up"):
        assert personal not in text


async def test_jobs_tell_what_they_did_and_how_late_they_are(
    given: World, parts: Parts, clock: StoppedClock
) -> None:
    jobs = parts.counts.jobs
    shop = await given.merchant()
    past = NOON - timedelta(seconds=3)
    await given.order(shop, review_due_at=past, clock_due_at=past)
    await loop.tick(parts.database, NOON, counts=jobs)
    assert (jobs.sweeps, dict(jobs.steps), jobs.blocked) == (1, {"AUTO_APPROVE": 1}, 0)
    assert jobs.lateness.total == pytest.approx(3)
    await loop.tick(parts.database, NOON, counts=jobs)
    assert (jobs.sweeps, sum(jobs.lateness.counts)) == (2, 1)

    clock.pass_(timedelta(seconds=7))
    await measure(parts.database, clock, jobs)
    assert (jobs.feed_lag_s, jobs.quality_lag_s) == (7, 0)
    await sequence(parts.database, clock.now())
    clock.pass_(timedelta(seconds=5))
    await measure(parts.database, clock, jobs)
    assert (jobs.feed_lag_s, jobs.quality_lag_s) == (0, 5)
    while await derive(parts.database):
        pass
    await measure(parts.database, clock, jobs)
    assert jobs.quality_lag_s == 0

    await given.export(shop)
    await run_all(parts)
    assert (jobs.exports["done"], jobs.export_rows, jobs.exports_running) == (1, 1, 0)
