"""No file of the repository holds a registry's address, a path of a machine or a key."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In pieces, so that this file does not match itself.
REGISTRIES = re.compile(
    "|".join(
        rf"\b{host}\b"
        for host in (
            r"pypi\.(?:org|python\.org)",
            r"files\.python" + r"hosted\.org",
            r"registry\.np" + r"mjs\.org",
            r"registry\.yarn" + r"pkg\.com",
            r"npm\.pkg\.git" + r"hub\.com",
            r"proxy\.go" + r"lang\.org",
            r"static\.crates\.io",
        )
    )
)
MACHINE = re.compile(r"(?<![\w.$}/*-])/(?:work|root|home|tmp|Users)/[\w.]")
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{36}\b|\bxox[bp]-\w{10,}"
)


def texts() -> list[tuple[str, str]]:
    """The name and the text of every file that is or could be committed, binary files left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    files = []
    for name in listed.stdout.split("\0"):
        file = ROOT / name
        if name and file.is_file():
            try:
                files.append((name, file.read_text("utf-8")))
            except UnicodeDecodeError:
                continue
    return files


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_patterns_find_what_they_are_for() -> None:
    assert REGISTRIES.search("https://pypi" + ".org/simple")
    assert REGISTRIES.search('"resolved": "https://registry.np' + 'mjs.org/react/-/react.tgz"')
    assert MACHINE.search('open("/tmp' + '/x")')
    assert MACHINE.search("cd /wo" + "rk/main")
    assert not MACHINE.search("auth/home/x and ./tmp/x and example.com/home/x")
    assert SECRETS.search("-----BEGIN " + "PRIVATE KEY-----")
    assert len(texts()) > 100


def test_no_file_holds_the_address_of_a_package_registry() -> None:
    assert places(REGISTRIES) == []


def test_no_file_holds_a_path_of_somebody_s_machine() -> None:
    assert places(MACHINE) == []


def test_no_file_holds_a_key() -> None:
    assert places(SECRETS) == []


def test_nothing_that_is_made_by_a_run_is_committed() -> None:
    made = ("node_modules/", ".venv/", "__pycache__/", ".db", ".pyc", "data/aftersales", ".sqlite")
    names = [name for name, _ in texts()]
    assert [name for name in names if any(part in name for part in made)] == []
