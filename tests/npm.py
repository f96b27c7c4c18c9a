"""Installs the npm packages that tests need, or skips the tests with the reason."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL_SECONDS = 300


def require(package: str, folder: Path) -> None:
    """Install a package, or skip the test with the reason if it cannot be used."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{package} needs {tool}, which is not on this machine")
    with (folder / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests of one folder may run in several processes
        if not (folder / "node_modules" / package).is_dir():
            install = ["npm", "ci", "--ignore-scripts", "--silent"]
            subprocess.run(install, cwd=folder, check=True, timeout=INSTALL_SECONDS)
