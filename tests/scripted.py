"""Scripts in Node that drive a browser through pages, and print what they found as JSON."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import npm

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first one that there is. The shell takes a fifth less processor: it draws no window."""
PACKAGES = ("playwright-core", "axe-core")
PATIENCE_S = 1800


async def printed_by(script: Path, address: str, *arguments: str) -> Any:
    """What a script prints, which is started with an address and a browser. Any: it is JSON.

    Skips the test where there is no browser. Raises TimeoutError.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"a browser is needed, and there is no {' or '.join(BROWSERS)} here")
    for package in PACKAGES:
        npm.require(package, Path(__file__).parent / "browser")
    running = await asyncio.create_subprocess_exec(
        *("node", str(script), address, browser, *arguments), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            printed, _ = await running.communicate()
    finally:
        if running.returncode is None:
            running.kill()
    return json.loads(printed)
