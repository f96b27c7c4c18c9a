"""The command that forgets a customer."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import cli
from settings import PREFIX


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {f"{PREFIX}DATA_DIR": str(tmp_path / "data")}


def test_the_command_says_what_it_did_and_for_whom_it_could_not(
    environment: dict[str, str],
) -> None:
    run = CliRunner()
    assert run.invoke(cli, ["migrate"], env=environment).exit_code == 0
    result = run.invoke(cli, ["forget", "c-1"], env=environment)
    assert (result.exit_code, result.output) == (0, "Nothing of this customer is stored.\n")
    for merchant, line in (
        ("7", "There is no merchant 7.\n"),
        ("nobody", "nobody is neither a merchant's number nor its id.\n"),
    ):
        result = run.invoke(cli, ["forget", "c-1", "--merchant", merchant], env=environment)
        assert (result.exit_code, result.output) == (2, line)
