"""The settings: environment variables that begin with AFTERSALES_."""

import os
from datetime import timedelta
from enum import StrEnum
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from auth import key_file
from auth.keys import Keys
from database.addresses import behind_pooler
from database.connection_limiter import Limits
from execution.persisted_documents import Trust
from outgoing.addresses import Network
from outgoing.policy import Policy
from outgoing.target import policy_for
from transport.origins import read_origins

PREFIX = "AFTERSALES_"
OF_TESTS = f"{PREFIX}TEST_"
"""Variables with this prefix are for the tests, and no settings."""
KEY_FILE = "signing-key"
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


class Environment(StrEnum):
    """Where the server runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    environment: Annotated[
        Environment, Field(description="development or production; production is stricter")
    ] = Environment.DEVELOPMENT
    data_dir: Annotated[
        Path, Field(description="folder of the SQLite database, the signing key and the pictures")
    ] = Path("data")
    database_url: Annotated[
        str, Field(description="the database; by default an SQLite file in the data directory")
    ] = ""
    database_read_url: Annotated[
        str,
        Field(
            description=(
                "a replica to read from; a client that has written reads from the primary until "
                "the replica has caught up"
            )
        ),
    ] = ""
    database_pooled: Annotated[
        bool,
        Field(
            description=(
                "whether database_url leads through a pooler in transaction mode, such as PgBouncer"
            )
        ),
    ] = False
    database_distributed: Annotated[
        bool | None,
        Field(
            description=(
                "whether Citus distributes the tables over several machines; by default found out "
                "from the database at start"
            )
        ),
    ] = None
    database_listen_url: Annotated[
        str,
        Field(
            description=(
                "the same database, past the pooler, for LISTEN; without it, the clock behind a "
                "pooler polls once a second"
            )
        ),
    ] = ""
    database_connections: Annotated[
        int,
        Field(
            description="how many database connections of each kind a process keeps",
            ge=1,
            le=1000,
        ),
    ] = 8
    database_queue: Annotated[
        int,
        Field(description="how many transactions may wait for a connection; more get a 503", ge=0),
    ] = 1024
    transaction_timeout: Annotated[
        float,
        Field(description="how many seconds a request's transaction may take; then a 503", gt=0),
    ] = 15.0
    request_timeout: Annotated[
        float, Field(description="how many seconds a request may take; then a 503", gt=0)
    ] = 30.0
    pictures_url: Annotated[
        str, Field(description="store of pictures: a folder or s3://bucket/prefix")
    ] = ""
    direct_uploads: Annotated[
        bool,
        Field(
            description=(
                "whether clients may send pictures straight to the store where that is S3; if not, "
                "or where it is a folder, to this server"
            )
        ),
    ] = True
    signing_key: Annotated[
        SecretStr | None,
        Field(
            description=(
                "32 random bytes in base64, from which all keys are derived; several, separated by "
                "commas, while keys are rotated: the first one signs; outside production "
                "generated at the first start and kept in the data directory"
            )
        ),
    ] = None
    host: Annotated[str, Field(description="the address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(description="the port to listen on", ge=1, le=65535)] = 8000
    connections: Annotated[
        int,
        Field(
            description=(
                "how many client connections a process keeps; beyond that, a new one takes the "
                "place of the one that has waited longest"
            ),
            ge=1,
        ),
    ] = 2048
    connections_per_address: Annotated[
        int,
        Field(
            description=(
                "how many of them one address may have; 0 for no limit, for instance behind a "
                "proxy, from whose address all come"
            ),
            ge=0,
        ),
    ] = 256
    streams: Annotated[
        int,
        Field(description="how many subscriptions a process keeps; more are refused", ge=0),
    ] = 4096
    streams_per_viewer: Annotated[
        int,
        Field(description="how many of them one viewer may have, over all its connections", ge=1),
    ] = 64
    keep_alive: Annotated[
        int,
        Field(
            description=(
                "how many seconds a connection stays open without a request; longer than any proxy "
                "before the server keeps its own"
            ),
            ge=1,
            le=3600,
        ),
    ] = 75
    hsts_seconds: Annotated[
        int,
        Field(
            description=(
                "max-age of Strict-Transport-Security, for which browsers use only HTTPS; 0 to "
                "leave the header out"
            ),
            ge=0,
        ),
    ] = 0
    public_url: Annotated[
        str,
        Field(description="address of the server for clients; prefix of the pictures' addresses"),
    ] = ""
    allowed_origins: Annotated[
        str,
        Field(
            description=(
                "other origins whose pages may use the server from a browser, such as "
                "https://desk.example.com; separated by commas"
            )
        ),
    ] = ""
    trusted_proxies: Annotated[
        int,
        Field(
            description=(
                "how many proxies stand before the server; that many entries at the end of "
                "X-Forwarded-For are trusted, the first of them as the client's address"
            ),
            ge=0,
            le=16,
        ),
    ] = 0
    clock: Annotated[
        bool, Field(description="whether `serve` runs the clock too; if not, start a `worker`")
    ] = True
    feed_days: Annotated[
        int,
        Field(
            description=(
                "for how many days the feed keeps its events; a cursor that is older has expired"
            ),
            ge=1,
            le=3650,
        ),
    ] = 30
    retention_months: Annotated[
        int,
        Field(
            description=(
                "after how many months the personal data of finished orders is erased; 0 to keep it"
            ),
            ge=0,
            le=1200,
        ),
    ] = 0
    sandbox: Annotated[
        bool, Field(description="whether advanceClock may move the time; never in production")
    ] = False
    webhooks_inside: Annotated[
        bool,
        Field(
            description=(
                "whether webhooks may go to http://, to any port and to private addresses; for "
                "development, never in production"
            )
        ),
    ] = False
    webhooks_own_networks: Annotated[
        str,
        Field(
            description=(
                "public networks of the platform, such as 198.51.100.0/24, to which no webhook may "
                "go; separated by commas"
            )
        ),
    ] = ""
    trusted_documents: Annotated[
        Trust,
        Field(
            description=(
                "off: only query texts; on: also documents by hash, from the file or registered by "
                "clients; only: only the documents of the file"
            )
        ),
    ] = Trust.ON
    trusted_documents_file: Annotated[
        Path | None,
        Field(description="the file of trusted documents, written by `documents`; by default ours"),
    ] = None
    introspection: Annotated[
        bool | None,
        Field(
            description=(
                "whether clients may introspect the schema, get suggestions in error messages, and "
                "find GraphiQL at /; by default not in production"
            )
        ),
    ] = None
    metrics_port: Annotated[
        int,
        Field(
            description="the port of /metrics, in Prometheus's text format; 0 to serve none",
            ge=0,
            le=65535,
        ),
    ] = 0
    metrics_host: Annotated[
        str, Field(description="the address on which /metrics listens; it is open to all there")
    ] = "127.0.0.1"
    traces_url: Annotated[
        str,
        Field(
            description=(
                "where traces are sent by OTLP over HTTP, such as http://collector:4318/v1/traces; "
                "by default nowhere"
            )
        ),
    ] = ""
    traces_share: Annotated[
        float, Field(description="which share of the traces is sent", ge=0, le=1)
    ] = 1.0
    log_level: Annotated[
        str,
        Field(description="debug, info, warning or error", pattern="^(debug|info|warning|error)$"),
    ] = "info"
    log_format: Annotated[
        LogFormat, Field(description="text: lines to read; json: one object a line, to collect")
    ] = LogFormat.TEXT
    access_log: Annotated[
        bool, Field(description="whether each request is logged, without its values")
    ] = False

    @field_validator("signing_key")
    @classmethod
    def _check_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            Keys.read(value.get_secret_value())
        return value

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            message = "must begin with http:// or https://"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("allowed_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        read_origins(value)
        return value

    @field_validator("traces_url")
    @classmethod
    def _check_traces_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            message = "must begin with http:// or https://"
            raise ValueError(message)
        if value and not _has_host(value):
            message = "must be an address such as http://collector:4318/v1/traces"
            raise ValueError(message)
        if value and not _has_tracing():
            message = "needs the packages of requirements-tracing.txt"
            raise ValueError(message)
        return value

    @field_validator("webhooks_own_networks")
    @classmethod
    def _check_networks(cls, value: str) -> str:
        try:
            _networks(value)
        except ValueError:
            message = "must be networks such as 198.51.100.0/24, separated by commas"
            raise ValueError(message) from None
        return value

    @field_validator("database_url", "database_read_url", "database_listen_url")
    @classmethod
    def _with_driver(cls, value: str) -> str:
        if not value:
            return value
        scheme, _, rest = value.partition("://")
        driver = _DRIVERS.get(scheme.partition("+")[0])
        if driver is None or scheme not in (*_DRIVERS, driver):
            message = "must begin with sqlite:/// or postgresql://"
            raise ValueError(message)
        url = f"{driver}://{rest}"
        _check_url(url)
        return url

    @model_validator(mode="after")
    def _check_consistency(self) -> "Settings":
        is_postgresql = self.database_url.startswith("postgresql")
        for name in ("database_pooled", "database_read_url", "database_listen_url"):
            if getattr(self, name) and not is_postgresql:
                message = f"{PREFIX}{name.upper()} is for postgresql:// alone"
                raise ValueError(message)
        if self.database_distributed and (not is_postgresql or self.database_read_url):
            message = f"{PREFIX}DATABASE_DISTRIBUTED is for postgresql:// without a replica"
            raise ValueError(message)
        if self.environment is Environment.PRODUCTION:
            if self.sandbox:
                message = "AFTERSALES_SANDBOX cannot be on in production"
                raise ValueError(message)
            if self.webhooks_inside:
                message = "AFTERSALES_WEBHOOKS_INSIDE cannot be on in production"
                raise ValueError(message)
            if self.signing_key is None:
                message = "AFTERSALES_SIGNING_KEY must be set in production"
                raise ValueError(message)
        return self

    @property
    def database(self) -> str:
        """The database's address."""
        url = self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'aftersales.db'}"
        return behind_pooler(url) if self.database_pooled else url

    @property
    def replica(self) -> str | None:
        """The replica's address."""
        url = self.database_read_url
        return behind_pooler(url) if url and self.database_pooled else url or None

    @property
    def pictures_folder(self) -> Path | None:
        """The folder of the pictures; None if their store is not a folder."""
        if "://" in self.pictures_url:
            return None
        return Path(self.pictures_url) if self.pictures_url else self.data_dir / "pictures"

    @property
    def explorable(self) -> bool:
        """Whether clients may introspect the schema."""
        if self.introspection is None:
            return self.environment is not Environment.PRODUCTION
        return self.introspection

    @property
    def limits(self) -> Limits:
        return Limits(
            connections=self.database_connections,
            waiting=self.database_queue,
            transaction=timedelta(seconds=self.transaction_timeout),
        )

    @property
    def origins(self) -> frozenset[str]:
        """The allowed origins."""
        return read_origins(self.allowed_origins)

    @property
    def webhook_policy(self) -> Policy:
        """Which addresses webhooks may go to."""
        return policy_for(
            self.public_url,
            inside=self.webhooks_inside,
            own_networks=_networks(self.webhooks_own_networks),
        )

    def keys(self) -> Keys:
        """The keys, from the setting or from the data directory, where they are generated once.

        Raises:
            BadSettings: the file cannot be read or written, or holds no key.
        """
        if self.signing_key is not None:
            return Keys.read(self.signing_key.get_secret_value())
        file = self.data_dir / KEY_FILE
        try:
            if not file.exists():
                self.make_folder(self.data_dir)
                key_file.create(file)
            return Keys.read(key_file.read(file).setting)
        except OSError as error:
            raise BadSettings(f"{PREFIX}DATA_DIR: {file}: {error.strerror}") from error
        except ValueError as error:
            raise BadSettings(f"{file}: {error}") from error

    @staticmethod
    def make_folder(folder: Path) -> None:
        """Make a folder that only its owner can read, unless it exists. Raises BadSettings."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BadSettings(f"{PREFIX}DATA_DIR: {folder}: {error.strerror}") from error


def _networks(text: str) -> list[Network]:
    return [ip_network(network.strip()) for network in text.split(",") if network.strip()]


class BadSettings(Exception):
    """A setting is wrong. The message is one line and shows no value."""


def _has_host(url: str) -> bool:
    """Whether an address has a host, and a port that can be one if it has a port."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _has_tracing() -> bool:
    """Whether the packages of the extra are installed."""
    try:
        return find_spec("opentelemetry.exporter") is not None
    except ModuleNotFoundError:  # without `opentelemetry`, which is looked up first
        return False


def load(**values: Any) -> Settings:  # noqa: ANN401 - values of fields, as pydantic takes them
    """Load the settings; ``values`` override the environment. Raises BadSettings."""
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    variables = {name.upper() for name in os.environ if name.upper().startswith(PREFIX)}
    variables = {name for name in variables if not name.startswith(OF_TESTS)}
    if unknown := sorted(variables - names):
        message = f"{', '.join(unknown)}: no such setting; `aftersales settings` lists them"
        raise BadSettings(message)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise BadSettings("; ".join(_message(details) for details in error.errors())) from None


def _check_url(url: str) -> None:
    """Raises ValueError, whose message leaves out the address: it may hold a password."""
    try:
        query = make_url(url).query
    except (ArgumentError, ValueError):
        message = "is not the address of a database"
        raise ValueError(message) from None
    if "sslmode" in query:
        message = "takes `ssl=` in place of `sslmode=`"
        raise ValueError(message)


def _message(error: ErrorDetails) -> str:
    field = "".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{field.upper()}: {message}" if field else message
