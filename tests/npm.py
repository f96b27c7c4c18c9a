"""Installs what tests need from npm, or skips them with the reason."""

import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL_SECONDS = 300


def require(package: str, folder: Path) -> None:
    """Skip, and say why, where a package cannot be used; install it where it can."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{package} needs {tool}, which is not on this machine")
    if not (folder / "node_modules" / package).is_dir():
        install = ["npm", "ci", "--ignore-scripts", "--silent"]
        subprocess.run(install, cwd=folder, check=True, timeout=INSTALL_SECONDS)
