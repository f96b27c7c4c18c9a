"""A key is rotated in steps: what the former key signed is accepted until that key is retired."""

import base64
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from typer.testing import CliRunner, Result

from auth import device_tokens, refresh_tokens, tokens
from auth.keys import Keys
from auth.sealing import BadSeal, seal, seal_owner, unseal
from auth.signed_addresses import is_signed, signed_query
from cli import cli
from outgoing.rotation import Signer
from outgoing.signature import secret_of

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
STEPS = {
    "before": Keys(OLD),
    "announced": Keys(OLD, (NEW,)),
    "in use": Keys(NEW, (OLD,)),
    "retired": Keys(NEW),
}


ENDPOINT = (
    "INSERT INTO webhook_endpoint (merchant_id, id, version, url, scopes, owner_id, owner,"
    " generation, position, lease, failures, created_at, updated_at) VALUES (7, 8, 1,"
    " 'https://erp.example.com/hook', '[]', 9, '店主', 1, 0, 0, 0, '2020-01-01 00:00:00',"
    " '2020-01-01 00:00:00')"
)
PROVIDER = (
    "INSERT INTO identity_provider (owner_id, issuer, client_id, client_secret, redirect_uris,"
    " links_by_email, version, updated_at) VALUES (0, 'https://id.example.com', 'desk', ?, '[]',"
    " 0, 1, '2020-01-01 00:00:00')"
)


def reads_access_token(keys: Keys, token: str) -> bool:
    try:
        return tokens.read(keys, token, NOW)[0] == tokens.Session(session_id=7)
    except tokens.BadToken:
        return False


def reads_address(keys: Keys, query: str) -> bool:
    expires, signature = (part.partition("=")[2] for part in query.split("&"))
    return is_signed(keys, "picture", "7/a", expires=expires, signature=signature, now=NOW)


def opens_seal(keys: Keys, sealed: str) -> bool:
    try:
        return unseal(keys, sealed, owner="7") == "s"
    except BadSeal:
        return False


def verifies_webhook(keys: Keys, secret: str) -> bool:
    """Whether a receiver that has the secret accepts a message that is signed with the keys."""
    time = datetime.now(UTC)  # the library compares with it
    signer = Signer(keys=keys, merchant_id=7, endpoint_id=8, generation=1, overlap_until=None)
    try:
        Webhook(secret).verify(b"{}", signer.headers("msg_1", time, b"{}"))
    except WebhookVerificationError:
        return False
    return True


KINDS: dict[str, tuple[Callable[[Keys], str], Callable[[Keys, str], object]]] = {
    "access token": (
        lambda keys: tokens.issue(keys, tokens.Session(session_id=7), NOW).token,
        reads_access_token,
    ),
    "refresh token": (lambda keys: refresh_tokens.issue(keys, 7, 3), refresh_tokens.read),
    "device token": (lambda keys: device_tokens.issue(keys, 7), device_tokens.read),
    "address": (
        lambda keys: signed_query(keys, "picture", "7/a", expires=int(NOW.timestamp()) + 60),
        reads_address,
    ),
    "sealed secret": (lambda keys: seal(keys, "s", owner="7"), opens_seal),
    "webhook secret": (lambda keys: secret_of(keys, 7, 8, 1), verifies_webhook),
}


@pytest.mark.parametrize("kind", KINDS)
def test_processes_accept_each_others_signatures_if_they_are_one_step_apart(kind: str) -> None:
    issue, accepts = KINDS[kind]
    steps = list(STEPS.values())
    for number, keys in enumerate(steps):
        accepted = [bool(accepts(other, issue(keys))) for other in steps]
        signs_with_new = number >= 2
        assert accepted == (
            [False, True, True, True] if signs_with_new else [True, True, True, False]
        )


def run(folder: Path, *arguments: str, **more: str) -> Result:
    environment = {"AFTERSALES_DATA_DIR": str(folder), "AFTERSALES_SIGNING_KEY": None, **more}
    return CliRunner().invoke(cli, arguments, env=environment)


def lines_of(folder: Path) -> list[list[str]]:
    file = folder / "signing-key"
    assert file.stat().st_mode & 0o077 == 0
    return [line.split() for line in file.read_text().splitlines()]


def age(folder: Path, days: int) -> None:
    """Make the signing key that old."""
    [first, *others] = (folder / "signing-key").read_text().splitlines()
    key = first.split()[0]
    since = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    (folder / "signing-key").write_text("\n".join([f"{key} {since}", *others]))


def test_the_key_file_goes_through_the_steps_and_no_key_is_retired_that_is_needed(
    tmp_path: Path,
) -> None:
    assert run(tmp_path, "migrate").exit_code == 0
    [[old]] = lines_of(tmp_path)
    assert run(tmp_path, "rotate-key", "announce").exit_code == 0
    [[signs, _], [announced]] = lines_of(tmp_path)
    assert signs == old
    assert run(tmp_path, "rotate-key", "announce").exit_code == 1, "one after the other"
    assert "not in use yet" in run(tmp_path, "rotate-key", "retire").stderr
    assert run(tmp_path, "rotate-key", "use").exit_code == 0
    assert [line[0] for line in lines_of(tmp_path)] == [announced, old]
    assert "Sessions" in run(tmp_path, "rotate-key", "retire").stderr

    age(tmp_path, 31)
    with closing(sqlite3.connect(tmp_path / "aftersales.db")) as database:
        database.execute(ENDPOINT)
        database.commit()
        assert (
            "these merchants have secrets of the former key: 7."
            in run(tmp_path, "rotate-key", "retire").stderr
        )
        sealed = seal(Keys.read(old), "s", owner=seal_owner(0))
        database.execute(PROVIDER, (sealed,))
        database.execute("DELETE FROM webhook_endpoint")
        database.commit()
        assert "with the former key, of: the platform." in run(
            tmp_path, "rotate-key", "retire"
        ).stderr.replace("\n", " ")
        database.execute("DELETE FROM identity_provider")
        database.execute(ENDPOINT)
        overlap = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
        database.execute("UPDATE webhook_endpoint SET overlap_until = ?", (overlap,))
        database.commit()
    retired = run(tmp_path, "rotate-key", "retire")
    assert retired.exit_code == 0, retired.output
    assert [line[0] for line in lines_of(tmp_path)] == [announced]


def test_a_key_that_leaked_is_replaced_and_retired_at_once(tmp_path: Path) -> None:
    assert run(tmp_path, "rotate-key", "announce").exit_code == 0
    [[old, _], _] = lines_of(tmp_path)
    assert run(tmp_path, "rotate-key", "use").exit_code == 0
    assert run(tmp_path, "rotate-key", "retire", "--now").exit_code == 0
    [[key, _]] = lines_of(tmp_path)
    assert key != old
    (tmp_path / "signing-key.new").touch()
    failed = run(tmp_path, "rotate-key", "use")
    assert (failed.exit_code, "File exists" in failed.stderr) == (2, True)


def test_the_setting_is_printed_with_its_next_value_and_nothing_else(tmp_path: Path) -> None:
    old = base64.b64encode(OLD).decode()
    value, steps = old, []
    for step in ("announce", "use", "retire"):
        result = run(tmp_path, "rotate-key", step, AFTERSALES_SIGNING_KEY=value)
        assert result.exit_code == 0, result.output
        value = result.stdout.strip()
        assert value not in result.stderr
        steps.append(value.split(","))
    (first, new), in_use, retired = steps
    assert (first, in_use, retired) == (old, [new, old], [new])
    assert not (tmp_path / "signing-key").exists()
