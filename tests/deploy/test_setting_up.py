"""The steps of docs/operating.md that set up a desk, run in a folder in place of the machine."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from settings import PREFIX
from tests.deploy.dockerfile import ROOT
from tests.docs.test_operating import RUN as TABLE
from tests.docs.test_operating import SETUP, commands, entry_of
from tests.serving.process import COMMAND

PASSWORD: Final = "correct-horse-battery"


def test_the_settings_are_written_the_tables_made_and_the_first_account_exists(
    tmp_path: Path,
) -> None:
    steps = [command for command in commands() if TABLE[entry_of(command) or ""] == SETUP]
    first = next(
        number for number, step in enumerate(steps) if step.startswith("aftersales account")
    )
    caddy = next(step for step in steps if "Caddyfile" in step)
    text = "\n".join(["set -eu", *steps[: first + 1], caddy])
    for before, after in {
        "/etc/": f"{tmp_path}/etc/",
        "/usr/local/bin/": f"{tmp_path}/bin/",
        "/opt/aftersales/deploy": f"{ROOT}/deploy",
        "desk.example.com\n": "desk.test\n",
        "account platform": f"account platform --password {PASSWORD}",
    }.items():
        assert before in text
        text = text.replace(before, after)
    for folder in ("bin", "etc/caddy", "data"):
        (tmp_path / folder).mkdir(parents=True, mode=0o700)
    stand_ins(tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "DESK_ENVIRONMENT": str(tmp_path / "etc/aftersales/environment"),
    }
    ran = subprocess.run(
        ["sh", "-c", text],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert ran.stdout.splitlines() == [
        "The database is up to date.",
        "Created the platform account platform.",
    ]
    settings = tmp_path / "etc/aftersales/environment"
    assert settings.stat().st_mode & 0o077 == 0
    assert re.search(r'^AFTERSALES_SIGNING_KEY="[\w+/]{43}="$', settings.read_text(), re.MULTILINE)
    assert "AFTERSALES_PUBLIC_URL=https://desk.test\n" in settings.read_text()
    assert "{$DESK_ADDRESS:desk.test} {" in (tmp_path / "etc/caddy/Caddyfile").read_text()


def stand_ins(folder: Path) -> None:
    """What the machine would have: the user of the services, and the release in its place.

    The data directory is in the folder, too.
    """
    runuser = folder / "bin/runuser"
    runuser.write_text(
        f'#!/bin/sh\nshift 4\nAFTERSALES_DATA_DIR="{folder}/data" exec {COMMAND} "$@"\n'
    )
    runuser.chmod(0o755)
    assert shutil.which("openssl"), "openssl makes the key"
