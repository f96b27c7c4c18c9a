"""The signature of a webhook is the one that the Standard Webhooks specification describes."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from auth.keys import Keys
from outgoing.signature import PREFIX, secret_of, signed_headers

KEYS = Keys(bytes(32))
BODY = json.dumps({"type": "service_order.approved", "note": "同意退货 🙂"}).encode()


def signed(*secrets: str, body: bytes = BODY, at: datetime | None = None) -> dict[str, str]:
    return signed_headers("msg_1", at or datetime.now(UTC), body, secrets)


def test_the_published_library_verifies_our_signature() -> None:
    secret = secret_of(KEYS, 1, 2, 1)
    raw = json.dumps({"note": "同意退货 🙂"}, ensure_ascii=False).encode()
    assert Webhook(secret).verify(BODY, signed(secret))["type"] == "service_order.approved"
    assert Webhook(secret).verify(raw, signed(secret, body=raw)) == {"note": "同意退货 🙂"}


def test_our_signature_is_the_one_that_the_published_library_makes() -> None:
    secret, at = secret_of(KEYS, 1, 2, 1), datetime(2026, 11, 22, 12, 0, 0, 999_999, UTC)
    assert signed(secret, at=at) == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1795348800",
        "webhook-signature": Webhook(secret).sign("msg_1", at, BODY.decode()),
    }


def test_while_a_secret_is_rotated_both_secrets_verify_and_no_other() -> None:
    former, present, other = (secret_of(KEYS, 1, 2, generation) for generation in (1, 2, 3))
    headers = signed(present, former)
    for secret in (former, present):
        Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "body"])
def test_id_time_and_body_are_all_signed(name: str) -> None:
    secret = secret_of(KEYS, 1, 2, 1)
    headers, body = signed(secret), BODY
    if name == "body":
        body += b" "
    elif name == "webhook-id":
        headers[name] = "msg_2"
    else:
        headers[name] = str(int(headers[name]) + 1)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_an_old_message_is_not_accepted_by_receivers() -> None:
    secret = secret_of(KEYS, 1, 2, 1)
    headers = signed(secret, at=datetime.now(UTC) - timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(BODY, headers)


def test_a_secret_has_the_form_of_the_specification() -> None:
    secret = secret_of(KEYS, 1, 2, 1)
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix(PREFIX), validate=True)) <= 64


def test_each_merchant_endpoint_generation_and_server_has_another_secret() -> None:
    secrets = [
        secret_of(keys, *numbers)
        for keys in (KEYS, Keys(bytes(31) + b"1"))
        for numbers in [(1, 2, 1), (1, 2, 2), (1, 3, 1), (2, 2, 1), (12, 1, 1), (1, 21, 1)]
    ]
    assert len(set(secrets)) == len(secrets) == 12


def test_an_id_with_a_full_stop_is_refused_since_what_it_signs_would_be_ambiguous() -> None:
    with pytest.raises(ValueError, match="full stop"):
        signed_headers("msg.1", datetime.now(UTC), BODY, [secret_of(KEYS, 1, 2, 1)])
