"""Small file systems in memory that a test can fill or make read-only."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE = 4096


@contextmanager
def disk(folder: Path, *options: str) -> Iterator[None]:
    """A file system in memory, mounted on a folder. Skips the test if mounting is forbidden."""
    mounting = ["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mounting, check=False).returncode:
        pytest.skip("this user may not mount a file system: root may")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Fill the ``disk`` of a folder for as long as the block lasts."""
    assert folder.stat().st_dev != folder.parent.stat().st_dev, "this is the machine's own disk"
    filling = folder / "filling"
    try:
        with filling.open("wb") as file:
            # Other processes write meanwhile, so that less may be free by now.
            while (free := shutil.disk_usage(folder).free) >= PAGE:
                with contextlib.suppress(OSError):
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), free)
        yield
    finally:
        filling.unlink(missing_ok=True)
