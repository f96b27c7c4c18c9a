"""Each command of docs/operating.md runs in the suite, or the table here says why it does not."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "operating.md").read_text("utf-8")

MACHINE: Final = "not run: it changes the machine that runs the suite"
SYSTEMD: Final = "not run: no systemd runs here; tests/deploy/test_files.py verifies the units"
ENGINE: Final = "not run: no engine for containers is here; tests/deploy/rehearse.py has the steps"
VENDOR: Final = (
    "not run: it needs a server with an archive; a copy of pictures is tested without it"
)
SIGN_IN: Final = "not run: a person fills in the names and passwords"

STORY: Final = "tests/backups/test_backup.py::test_a_backup_of_a_desk_in_use"
ROTATION: Final = "tests/sign_in/test_key_rotation.py::test_the_key_file_goes_through_the_steps"
RESTORED: Final = "tests/backups/test_postgresql.py::test_a_dump_and_the_pictures_copied_after_it"
SETUP: Final = "tests/deploy/test_setting_up.py::test_the_settings_are_written"
PROXIED: Final = "tests/serving/test_proxies.py::test_a_proxy_puts_tls_in_front_of_the_server"

RUN: Final = {
    "DESK=desk.example.com": SETUP,
    "apt-get install": MACHINE,
    "useradd --system": MACHINE,
    "chmod 700 /var/lib/aftersales": MACHINE,
    "make -C /opt/aftersales-1 setup": "not run: `make check` begins with the same target",
    "ln -sfn /opt/aftersales-1": MACHINE,
    "install -D -m 600": SETUP,
    "key=": SETUP,
    'sed -i "s|^AFTERSALES_SIGNING_KEY': SETUP,
    'sed -i "s|desk.example.com|': SETUP,
    "install -m 755": SETUP,
    "aftersales migrate": SETUP,
    "aftersales account platform": SETUP,
    "cp /opt/aftersales/deploy/systemd/*": SYSTEMD,
    "systemctl enable --now aftersales@8000": SYSTEMD,
    "curl --fail http://127.0.0.1:8000/readyz": "tests/faults/test_database_away.py::test_",
    'sed "s|desk.example.com|': SETUP,
    "systemctl restart caddy": SYSTEMD,
    "curl --fail https://$DESK/healthz": PROXIED,
    "curl --json": SIGN_IN,
    "TOKEN=": SIGN_IN,
    "curl --oauth2-bearer": SIGN_IN,
    "install -d -m 700 -o aftersales": MACHINE,
    "systemctl enable --now aftersales-backup.timer": SYSTEMD,
    "docker compose": ENGINE,
    "make setup": "not run: `make check` begins with it",
    "make demo": "tests/demo/test_ends.py::test_",
    "make -C /opt/aftersales-2 setup": "not run: `make check` begins with the same target",
    "ln -sfn /opt/aftersales-2": MACHINE,
    "systemctl start aftersales@8001": SYSTEMD,
    "curl --fail http://127.0.0.1:8001/readyz": (
        "tests/house/test_side_by_side.py::test_a_server_goes_on_beside_a_later_release"
    ),
    "systemctl restart aftersales@8000": SYSTEMD,
    "systemctl stop aftersales@8001": SYSTEMD,
    "aftersales rotate-key announce": ROTATION,
    "aftersales rotate-key use": ROTATION,
    "aftersales rotate-key retire": ROTATION,
    "aftersales backup": STORY,
    "aftersales restore": STORY,
    "pg_dump": RESTORED,
    "createdb": RESTORED,
    "pg_restore": RESTORED,
    "aftersales doctor": RESTORED,
    "rsync": VENDOR,
    "pg_basebackup": VENDOR,
}
"""By the beginning of a command, the longest first: the test that runs it, or why none does."""


def commands() -> list[str]:
    """The lines of the indented blocks, each without what it is indented by."""
    return [
        line.strip()
        for block in re.findall(r"(?:^|\n\n)((?: {4,}[^ \n].*\n)+)", PAGE)
        for line in block.splitlines()
    ]


def entry_of(command: str) -> str | None:
    return max((start for start in RUN if command.startswith(start)), key=len, default=None)


def test_every_command_of_the_page_runs_in_the_suite_or_is_said_not_to_and_why() -> None:
    found = {command: entry_of(command) for command in commands()}
    assert len(found) > 30
    assert [command for command, entry in found.items() if entry is None] == []
    assert set(RUN) - set(found.values()) == set(), "the page has no such commands"


@pytest.mark.parametrize("test", sorted({test for test in RUN.values() if "::" in test}))
def test_the_tests_of_the_table_exist(test: str) -> None:
    file, _, name = test.partition("::")
    assert re.search(rf"^(?:async )?def {name}", (ROOT / file).read_text("utf-8"), re.MULTILINE)
