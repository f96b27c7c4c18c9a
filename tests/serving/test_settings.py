"""What settings make of one another."""

import sys
from ipaddress import ip_address

import pytest
from pydantic import SecretStr, ValidationError

from auth.keys import Keys
from serve import config_of
from settings import Environment, Settings

SERVER = "postgresql://desk:secret@db.test:6432/aftersales"


def test_a_pooled_address_says_so_itself() -> None:
    direct, pooled = (Settings(database_url=SERVER, database_pooled=on) for on in (False, True))
    assert direct.database == SERVER.replace("postgresql", "postgresql+asyncpg")
    assert pooled.database == f"{direct.database}?prepared_statement_cache_size=0"


@pytest.mark.parametrize("url", ["", "sqlite:///desk.db"])
def test_there_is_no_pooler_before_a_file(url: str) -> None:
    with pytest.raises(ValidationError, match="AFTERSALES_DATABASE_POOLED"):
        Settings(database_url=url, database_pooled=True)


def test_webhooks_may_go_inside_in_development_alone() -> None:
    assert Settings().webhook_policy.inside is False
    assert Settings(webhooks_inside=True).webhook_policy.inside is True
    with pytest.raises(ValidationError, match="AFTERSALES_WEBHOOKS_INSIDE"):
        Settings(
            environment=Environment.PRODUCTION,
            signing_key=SecretStr(Keys.fresh()),
            webhooks_inside=True,
        )


def test_webhooks_do_not_go_to_the_platform_itself() -> None:
    settings = Settings(
        public_url="https://Desk.example.net:8443/api",
        webhooks_own_networks="93.184.216.0/24, 2606:4700::/32",
    )
    policy = settings.webhook_policy
    assert policy.is_own_host("desk.example.net")
    for text in ("93.184.216.34", "2606:4700::1"):
        assert not policy.allows_address(ip_address(text))
    assert policy.allows_address(ip_address("93.184.217.34"))


@pytest.mark.parametrize("text", ["10.0.0.0/33", "example.com", "93.184.216.34/24", "1"])
def test_a_network_of_the_platform_must_be_one(text: str) -> None:
    with pytest.raises(ValidationError, match="must be networks such as"):
        Settings(webhooks_own_networks=text)


def test_an_idle_connection_stays_open_longer_than_a_proxys() -> None:
    assert config_of(Settings()).timeout_keep_alive == 75
    assert config_of(Settings(keep_alive=7)).timeout_keep_alive == 7
    with pytest.raises(ValidationError, match="keep_alive"):
        Settings(keep_alive=0)


@pytest.mark.parametrize(
    "text", ["http://", "http://:4318", "http://[::1", "http://collector:99999/"]
)
def test_traces_are_sent_to_an_address_that_can_be_one(text: str) -> None:
    with pytest.raises(ValidationError, match="must be an address such as"):
        Settings(traces_url=text)


def test_traces_need_their_packages_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "opentelemetry.exporter", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ValidationError, match=r"needs the packages of requirements-tracing\.txt"):
        Settings(traces_url="http://collector:4318/v1/traces")
