"""What a process serves with: the fast loop and parser, and a collector that lets it work."""

import subprocess
import sys
from pathlib import Path

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serve import COLLECT_AFTER, STACK

ROOT = Path(__file__).parents[2]
SERVED = """
import gc
from serve import application
from settings import load
application(load())
print(gc.get_freeze_count(), len(gc.get_objects()), *gc.get_threshold())
"""


def test_the_loop_is_uvloop_and_the_parser_httptools() -> None:
    config = uvicorn.Config("tests.http.toy:app", **STACK)
    config.load()
    assert config.http_protocol_class is HttpToolsProtocol
    assert config.ws_protocol_class is None
    factory = config.get_loop_factory()
    assert factory is not None
    loop = factory()
    assert isinstance(loop, uvloop.Loop)
    loop.close()


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
    assert tuple(threshold) == COLLECT_AFTER
