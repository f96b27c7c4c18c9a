"""What a process serves with: the fast loop and parser, and a collector that lets it work."""

import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from garbage import GC_THRESHOLDS
from serve import config_of
from settings import Settings
from transport.connections import ReadingBounds
from transport.protocol import BoundedProtocol, protocol_of

ROOT = Path(__file__).parents[2]
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}))
from serve import allow_files
allow_files(2048)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
SERVED = """
import gc
from serve import application
from settings import load
application(load())
print(gc.get_freeze_count(), len(gc.get_objects()), *gc.get_threshold())
"""


def test_the_loop_is_uvloop_and_the_parser_httptools() -> None:
    config = config_of(Settings())
    protocol: object = config.http
    assert isinstance(protocol, partial)
    assert protocol.func is BoundedProtocol
    assert issubclass(BoundedProtocol, HttpToolsProtocol)
    assert config.ws == "none"
    factory = config.get_loop_factory()
    assert factory is not None
    loop = factory()
    assert isinstance(loop, uvloop.Loop)
    loop.close()


def test_each_process_counts_its_own_connections() -> None:
    protocol = protocol_of(ReadingBounds(connections=7))
    copies = [pickle.loads(pickle.dumps(protocol)) for _ in range(2)]  # noqa: S301 - our own
    registers = [copy.keywords["connections"] for copy in copies]
    assert registers[0] is not registers[1]
    assert [one.bounds.connections for one in registers] == [7, 7]


@pytest.mark.parametrize(("hard", "allowed"), [(4096, 2304), (512, 512)])
def test_the_limit_on_open_files_is_raised_and_too_low_a_one_is_warned_of(
    hard: int, allowed: int
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED.format(hard=hard)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    assert int(ran.stdout) == allowed
    assert ("may open 512 files: too few" in ran.stderr) == (allowed == hard)


def test_a_process_that_serves_has_told_the_collector_what_stays(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SERVED],
        cwd=ROOT,
        env={"AFTERSALES_DATA_DIR": str(tmp_path)},
        capture_output=True,
        check=True,
        text=True,
    )
    frozen, others, *threshold = map(int, ran.stdout.split())
    assert frozen > 50_000
    assert others < 1_000
    assert tuple(threshold) == GC_THRESHOLDS
