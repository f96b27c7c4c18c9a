"""The table of metrics, the page of the docs, the dashboard and the alerts say the same."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from watching.metrics import BY_NAME, METRICS, Kind, Together

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "observability.md").read_text("utf-8")
RULES: Final = ROOT / "deploy" / "prometheus" / "aftersales.rules.yml"
DASHBOARD: Final = ROOT / "deploy" / "grafana" / "aftersales.json"

_SERIES: Final = re.compile(r"\b(aftersales_\w+)(?:\{([^}]*)\})?")
_SUFFIX: Final = re.compile(r"_(?:bucket|sum|count)$")
_SCRAPED: Final = frozenset({"job", "instance", "le"})
"""Labels that Prometheus adds."""


def wrong_series(text: str) -> list[str]:
    """What a query names that the table has not."""
    wrong = []
    for name, selector in _SERIES.findall(text):
        plain = _SUFFIX.sub("", name)
        metric = BY_NAME.get(name) or BY_NAME.get(plain)
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
        if metric is None or (metric.kind is Kind.HISTOGRAM) is (plain == name):
            wrong.append(name)
        elif not labels <= {*metric.labels, *_SCRAPED}:
            wrong.append(f"{name}{{{selector}}}")
    return wrong


def wrong_groups(query: str) -> set[str]:
    """Labels by which a query groups although none of its metrics has them."""
    named = (_SUFFIX.sub("", name) for name, _ in _SERIES.findall(query))
    known = {label for name in named if name in BY_NAME for label in BY_NAME[name].labels}
    groups = ", ".join(re.findall(r"\bby \(([^)]*)\)", query))
    return set(re.findall(r"\w+", groups)) - known - _SCRAPED


def queries_of(node: Any) -> Iterator[str]:
    """The queries anywhere in a dashboard. Any: JSON."""
    if isinstance(node, dict):
        if "expr" in node:
            yield str(node["expr"])
        for value in node.values():
            yield from queries_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from queries_of(value)


def rules() -> dict[str, str]:
    """The query of each alert."""
    parts = re.split(r"- alert: (\w+)\n", RULES.read_text("utf-8"))[1:]
    return {
        name: " ".join(body[: re.search(r"\n {8}(?:for|labels):", body).start()].split())  # type: ignore[union-attr] # each has labels
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def test_the_check_of_queries_finds_what_it_is_for() -> None:
    assert wrong_series("rate(aftersales_request_total[5m])") == ["aftersales_request_total"]
    assert wrong_series('aftersales_requests_total{outcom="ok"}') != []
    assert wrong_series("rate(aftersales_request_duration_seconds[5m])") != []
    assert wrong_series("aftersales_streams_open_bucket") != []
    assert wrong_groups("sum by (operation, pool) (aftersales_requests_total)") == {"pool"}


def test_each_metric_is_named_as_prometheus_wants_it() -> None:
    assert len(BY_NAME) == len(METRICS)
    for metric in METRICS:
        assert metric.name.endswith("_total") is (metric.kind is Kind.COUNTER), metric.name
        assert bool(metric.bounds) is (metric.kind is Kind.HISTOGRAM), metric.name
        assert list(metric.bounds) == sorted(metric.bounds)
        assert metric.help.endswith(".")


def test_the_page_has_the_table() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| `aftersales_")
    ]
    assert rows == [
        [
            f"`{metric.name}`",
            metric.kind + (" (widest)" if metric.together is Together.WIDEST else ""),
            ", ".join(f"`{label}`" for label in metric.labels) or "–",
            metric.help,
        ]
        for metric in METRICS
    ]


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    queries = list(queries_of(json.loads(DASHBOARD.read_text("utf-8"))))
    assert [wrong for query in queries for wrong in wrong_series(query)] == []
    assert {query: wrong for query in queries if (wrong := wrong_groups(query))} == {}
    shown = {_SUFFIX.sub("", name) for query in queries for name, _ in _SERIES.findall(query)}
    assert {metric.name for metric in METRICS} - shown == set()


def test_each_alert_asks_for_metrics_that_there_are_and_the_page_says_what_to_do() -> None:
    alerts = rules()
    assert len(alerts) > 10
    for name, query in alerts.items():
        assert (name, wrong_series(query), wrong_groups(query)) == (name, [], set())
        assert f"| `{name}` |" in PAGE, f"add a row of {name} to docs/observability.md"
    assert set(re.findall(r"^\| `(Aftersales\w+)` \|", PAGE, re.MULTILINE)) == alerts.keys()


def test_each_metric_has_a_reading() -> None:
    code = "".join((ROOT / name).read_text("utf-8") for name in ("readings.py", "watching/pipe.py"))
    missing = [
        metric.name
        for metric in METRICS
        if f'"{metric.name.removeprefix("aftersales_")}"' not in code
        and f'"{metric.name}"' not in code
    ]
    assert missing == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_the_alerts_and_the_configuration() -> None:
    folder = RULES.parent
    for words in (("rules", RULES), ("config", folder / "prometheus.yml")):
        ran = subprocess.run(["promtool", "check", *words], capture_output=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
