"""The race: what is asked is the same for all, answers are compared, and ratios are reckoned."""

import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree as ET

import orjson
import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, build_schema, parse, validate

from bench.performance import PAGES, refreshed
from bench.race import machine
from bench.race.__main__ import Settings, settings, with_what_builds
from bench.race.answers import Differs, comparable, compare
from bench.race.peers import HOME, PEERS
from bench.race.picture import picture
from bench.race.questions import Asking, Questions
from bench.race.report import report
from bench.race.results import Results, Row
from bench.race.target_table import ANY, FASTEST, TARGETS
from bench.race.targets import Reached, reached
from bench.race.works import LOADS, MIDDLE, WORKS, said_of
from bench.results import FOLDER
from bench.stories import STORIES
from domain.events import EVENTS, EventKind
from schema import ids


def row(
    peer: str,
    round_: int,
    per_second: float,
    *,
    work: str = "queue",
    p99: float = 9,
    connections: int = MIDDLE,
    errors: int = 0,
) -> Row:
    return Row(
        peer=peer,
        work=work,
        round=round_,
        per_second=per_second,
        p50=3,
        p99=p99,
        server_us=1e6 / per_second,
        database_us=100,
        memory_mb=100 + round_,
        requests=1000,
        errors=errors,
        connections=connections,
    )


def results(*rows: Row) -> Results:
    return Results({"where": "here"}, 7, list(rows))


# What is asked


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_every_operation_is_one_that_this_server_answers(work, schema) -> None:
    document = parse(work.text("ours"))
    assert validate(schema._schema, document) == []
    assert f" {work.asks}(" in work.text("ours")


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_the_peers_are_asked_the_same_text(work) -> None:
    assert work.text("desk") == work.text("ours")
    assert f" {work.asks}(" in work.text("postgraphile")


def test_the_peers_schema_is_a_part_of_ours(schema) -> None:
    theirs = build_schema((HOME / "schema.graphql").read_text("utf-8"))
    for name, theirs_type in theirs.type_map.items():
        ours = schema._schema.type_map.get(name)
        if isinstance(theirs_type, GraphQLEnumType):
            assert isinstance(ours, GraphQLEnumType)
            assert set(theirs_type.values) <= set(ours.values)
        elif isinstance(theirs_type, GraphQLObjectType) and not name.startswith("__"):
            if name in ("Query", "Mutation", "Refusal"):
                continue  # ours takes more arguments, and a refusal is an interface
            assert isinstance(ours, GraphQLObjectType)
            for field, said in theirs_type.fields.items():
                assert str(said.type) == str(ours.fields[field].type), f"{name}.{field}"


def test_the_peers_schema_has_every_event_of_the_benchmark() -> None:
    kind = build_schema((HOME / "schema.graphql").read_text("utf-8")).type_map[
        "ServiceOrderEventKind"
    ]
    assert isinstance(kind, GraphQLEnumType)
    events = {EVENTS[step.action].value for _, steps in STORIES for step in steps}
    assert {EventKind.SUBMITTED.value, *events} <= set(kind.values)


def test_sixty_merchants_are_asked_for_and_their_four_fullest_queues() -> None:
    counted = [(merchant, status) for merchant in range(80) for status in "ABCDE"]
    found = Questions.among(counted)
    assert len(found) == 240
    assert {status for _, status in found} == {*"ABCD"}


def test_merchants_with_few_queues_come_last() -> None:
    assert Questions.among([(1, "A"), (2, "A"), (2, "B")]) == [(2, "A"), (2, "B"), (1, "A")]


QUESTIONS = Questions([(3, "COMPLETED")], [(3, 11)], [(3, 12)])


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_a_request_is_whole_and_says_who_asks(work, peer) -> None:
    asking = Asking(peer, 1234, QUESTIONS, {(3, "COMPLETED"): "a cursor"})
    found = asking.requests(work)
    assert len(found) == (2 if work.operation.endswith("page") else 1)
    for request in found:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[:2] == ["POST /graphql HTTP/1.1", "Host: 127.0.0.1:1234"]
        assert f"Content-Length: {len(body)}" in lines
        assert any(line.startswith("Authorization: Bearer ") for line in lines) is (
            peer.dialect == "ours"
        )
        assert ("X-Merchant: 3" in lines) is (peer.dialect != "ours")
        said = orjson.loads(body)
        assert said["operationName"] == work.asks
        assert b"\0" not in request  # what stands between two requests in wrk's file


# Answers


OURS = {
    "data": {
        "serviceOrders": {
            "nodes": [
                {
                    "id": ids.encode("ServiceOrder", 3, 11),
                    "number": "11",
                    "appliedAt": "2026-01-01T00:00:00+00:00",
                    "merchant": {"id": ids.encode("Merchant", 3), "name": "京北"},
                    "pictures": [{"id": ids.encode("Evidence", 3, "ab"), "mediaType": "image/png",
                                  "bytes": 1, "width": 2, "height": 3}],
                    "timeline": [{"sequence": 1, "actor": {"kind": "SYSTEM", "name": "系统"}}],
                }
            ],
            "pageInfo": {"hasNextPage": True, "endCursor": "ours"},
        }
    }
}  # fmt: skip
POSTGRAPHILE = {
    "data": {
        "serviceOrders": {
            "nodes": [
                {
                    "id": "WyJTZXJ2aWNlT3JkZXIiLCIzIiwiMTEiXQ==",
                    "number": "11",
                    "appliedAt": "2026-01-01T08:00:00.000000+08:00",
                    "merchant": {"id": "WyJNZXJjaGFudCIsIjMiXQ==", "name": "京北"},
                    "pictures": [{"sha256": "ab", "media_type": "image/png",
                                  "bytes": 1, "width": 2, "height": 3}],
                    "timeline": {"nodes": [
                        {"sequence": 1, "actorKind": "SYSTEM", "actorName": "系统"}
                    ]},
                }
            ],
            "pageInfo": {"hasNextPage": True, "endCursor": "theirs"},
        }
    }
}  # fmt: skip


def test_answers_are_the_same_if_only_their_form_differs() -> None:
    compare("here", comparable(OURS), comparable(POSTGRAPHILE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("11", "12"),
        ("京北", "京南"),
        ("2026-01-01T00:00:00", "2026-01-01T00:00:01"),
        ("SYSTEM", "CUSTOMER"),
        ('"width":2', '"width":3'),
        ('"hasNextPage":true', '"hasNextPage":false'),
        ("image/png", "image/jpeg"),
    ],
)
def test_a_difference_is_found_and_named(old: str, new: str) -> None:
    said = orjson.dumps(OURS).decode()
    assert old in said
    other = orjson.loads(said.replace(old, new))
    with pytest.raises(Differs, match=r"here\.serviceOrders"):
        compare("here", comparable(OURS), comparable(other))


def test_a_missing_row_is_a_difference() -> None:
    empty = {"data": {"serviceOrders": {"nodes": [], "pageInfo": {"hasNextPage": True}}}}
    with pytest.raises(Differs):
        compare("here", comparable(OURS), comparable(empty))


@pytest.mark.parametrize(
    "answer", [{"errors": [{"message": "no"}], "data": {"a": 1}}, {"data": None}]
)
def test_an_error_is_no_answer(answer) -> None:
    with pytest.raises(Differs, match="an error"):
        comparable(answer)


def test_a_refused_review_is_not_the_same_as_one_that_was_done() -> None:
    done, refused = (
        comparable({"data": {"reviewServiceOrder": {"serviceOrder": None, "refusals": said}}})
        for said in ([], [{"code": "STALE_VERSION"}])
    )
    with pytest.raises(Differs, match="STALE_VERSION"):
        compare("here", done, refused)


# Reckoning


def verdict(found: Results, what: str) -> Reached:
    [one] = [one for one in reached(found) if one.what.startswith(what)]
    return one


def test_a_ratio_is_the_median_of_those_within_the_rounds() -> None:
    found = results(
        *(row("ours", at, speed) for at, speed in enumerate((200, 20, 400))),
        *(row("yoga", at, speed) for at, speed in enumerate((100, 20, 100))),
    )
    assert found.ratio("ours", "yoga", "queue", lambda one: one.per_second) == 2
    assert found.ratio("ours", "apollo", "queue", lambda one: one.per_second) is None


def test_the_fastest_peer_is_no_floor_and_not_ours() -> None:
    found = results(
        row("ours", 0, 300), row("floor", 0, 900), row("yoga", 0, 100), row("apollo", 0, 150)
    )
    fastest = verdict(found, "queue: requests per second, against the fastest peer (Apollo Server)")
    assert (fastest.measured, fastest.met) == ("2.00 ×", True)
    assert not verdict(found, "queue: requests per second, against floor").met


def test_a_target_at_a_load_compares_the_runs_at_that_load() -> None:
    found = results(
        *(row("ours", 0, 300, connections=load) for load in LOADS),
        *(row("go", 0, 100 if load == 256 else 400, connections=load) for load in LOADS),
    )
    few, many = (
        verdict(found, f"queue at {load} connections: requests per second, against any")
        for load in (8, 256)
    )
    assert (few.measured, many.measured) == ("0.75 ×", "3.00 ×")
    assert verdict(found, "queue at 1 connection: p50").measured == "1.00 ×"


def test_many_connections_are_compared_with_the_middle_load() -> None:
    found = results(
        row("ours", 0, 1000),
        row("ours", 0, 800, connections=256, p99=15, errors=2),
    )
    at_many = [one for one in reached(found) if one.what.startswith("queue at 256 connections: ")]
    assert [(one.measured, one.met) for one in at_many if "against any" not in one.what] == [
        ("0.80 ×", False),
        ("5.00 ×", False),
        ("2", False),
    ]


def test_less_processor_time_than_any_peer_means_than_every_one() -> None:
    found = results(
        row("ours", 0, 200, work="nested"),
        row("yoga", 0, 400, work="nested"),
        row("apollo", 0, 100, work="nested"),
    )
    assert not verdict(found, "nested: processor time").met


def test_a_target_that_was_not_raced_for_is_not_met() -> None:
    one = verdict(results(row("ours", 0, 1)), "queue: requests per second, against PostGraphile")
    assert (one.measured, one.met) == (None, False)


def test_memory_is_compared_from_the_first_round_s_end_to_the_last_one_s() -> None:
    found = results(row("ours", 0, 1), row("ours", 4, 1))
    assert verdict(found, "memory of the server after").measured == "104 MB"
    assert verdict(found, "memory from the end").measured == "1.04 ×"


def test_every_target_names_a_work_and_a_peer_of_it() -> None:
    for target in TARGETS:
        layout = WORKS[target.work].layout
        assert layout in PEERS[target.ours].layouts
        assert target.than in (FASTEST, ANY) or layout in PEERS[target.than].layouts


# What is kept


def test_results_are_read_as_they_were_written(tmp_path) -> None:
    found = results(row("ours", 0, 123.456), row("yoga", 0, 100))
    found.write(tmp_path / "race.json")
    again = Results.read(tmp_path / "race.json")
    assert (again.ran_on, again.verified) == (found.ran_on, found.verified)
    assert report(again) == report(found)


def test_the_pages_the_table_and_the_picture_are_what_the_results_say() -> None:
    found = Results.read()
    assert (FOLDER / "race.md").read_text("utf-8") == report(found)
    assert (FOLDER / "race.svg").read_text("utf-8") == picture(found)
    for page in PAGES:
        said = page.read_text("utf-8")
        assert said == refreshed(said), "python -m bench.performance"


def test_the_kept_race_was_run_by_everybody_and_next_to_nothing_failed() -> None:
    found = Results.read()
    assert set(found.works()) == set(WORKS)
    raced = {one.peer for one in found.rows}
    assert {name for name, peer in PEERS.items() if not peer.is_compiled} <= raced <= set(PEERS)
    assert [one for one in found.rows if one.errors > one.requests / 100] == []
    assert found.verified > 1000


def test_a_longer_bar_is_more_requests() -> None:
    drawn = ET.fromstring(picture(results(row("ours", 0, 300), row("yoga", 0, 100))))  # noqa: S314
    bars = [float(one.attrib["width"]) for one in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(bars) == 2
    assert all(first > second for first, second in pairwise(bars))
    assert bars[0] == pytest.approx(3 * bars[1], rel=0.01)


def test_a_panel_is_drawn_for_each_load() -> None:
    found = results(
        *(row(peer, 0, load * 10, connections=load) for load in LOADS for peer in ("ours", "go"))
    )
    drawn = picture(found)
    assert [f">{said_of(load)}<" in drawn for load in LOADS] == [True] * len(LOADS)
    assert drawn.count("<rect ") == 2 * len(LOADS)
    assert drawn.count(">Go: graphql-go, pgx<") == 1  # the names stand once, before all panels


# What takes part


def test_a_short_race_has_the_middle_load_and_a_full_one_all(monkeypatch) -> None:
    def chosen(*arguments: str) -> Settings:
        monkeypatch.setattr(sys, "argv", ["race", *arguments])
        return settings()

    assert (chosen().loads, chosen().is_full) == (list(LOADS), True)
    assert (chosen("--rounds", "1").loads, chosen("--rounds", "1").is_full) == ([MIDDLE], False)
    assert chosen("--rounds", "1", "--loads", "256,8").loads == [8, 256]
    assert not chosen("--loads", "32").is_full


def test_a_peer_that_cannot_be_built_is_left_out_and_named(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", ["race", "--peers", "ours,go"])
    found = results()
    assert with_what_builds(settings(), found).peers == ["ours"]
    assert "apt-get install golang-go" in found.ran_on["not raced"]


# The machine


def test_the_processor_time_of_a_child_s_child_is_counted() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        assert len(machine.tree(process.pid)) == 2
        assert machine.between({}, machine.run_times(process.pid)) > 0.3
        assert machine.memory(process.pid) > 5
        process.communicate(b"\n")
