"""Programs of the page as processes."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.serving.process import PATIENCE_S


def command(program: Path, *arguments: object) -> tuple[str, ...]:
    interpreter = sys.executable if program.suffix == ".py" else "node"
    return (interpreter, str(program), *map(str, arguments))


@asynccontextmanager
async def running(program: Path, *arguments: object) -> AsyncIterator[None]:
    """The program runs until the end of the block, and is killed then."""
    process = await asyncio.create_subprocess_exec(
        *command(program, *arguments), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def printed(program: Path, *arguments: object) -> list[str]:
    """The lines that the program prints until it ends."""
    process = await asyncio.create_subprocess_exec(
        *command(program, *arguments), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE_S):
        output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode().splitlines()


async def listening(port: int) -> None:
    """Wait until something accepts connections on the port."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
