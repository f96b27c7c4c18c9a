"""Everything that can be set from outside: environment variables that begin with AFTERSALES_."""

import os
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from auth.keys import Keys
from database.addresses import behind_pooler
from database.connection_limiter import Limits
from execution.documents import Trust

PREFIX = "AFTERSALES_"
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


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    environment: Annotated[
        Environment, Field(description="development or production; production is stricter")
    ] = Environment.DEVELOPMENT
    data_dir: Annotated[
        Path, Field(description="where the SQLite database, the key and the pictures lie")
    ] = Path("data")
    database_url: Annotated[
        str, Field(description="the database; by default an SQLite file in the data directory")
    ] = ""
    database_read_url: Annotated[
        str,
        Field(
            description=(
                "a replica to read from; whoever has written reads from the database itself until "
                "the replica shows it"
            )
        ),
    ] = ""
    database_pooled: Annotated[
        bool,
        Field(
            description=(
                "whether the address leads through a pooler that lends sessions for a transaction, "
                "such as PgBouncer"
            )
        ),
    ] = False
    database_listen_url: Annotated[
        str,
        Field(
            description=(
                "the same database past the pooler, to hear of deadlines; without it, the clock "
                "behind a pooler looks once a second"
            )
        ),
    ] = ""
    database_connections: Annotated[
        int,
        Field(
            description="how many connections of each kind a process keeps to the database",
            ge=1,
            le=1000,
        ),
    ] = 8
    database_queue: Annotated[
        int,
        Field(description="how many transactions may wait for a connection; more get a 503", ge=0),
    ] = 128
    transaction_timeout: Annotated[
        float,
        Field(description="how many seconds a request's transaction may take; then a 503", gt=0),
    ] = 15.0
    request_timeout: Annotated[
        float, Field(description="how many seconds a request may take; then a 503", gt=0)
    ] = 30.0
    pictures_url: Annotated[
        str, Field(description="where pictures lie: a folder or s3://bucket/prefix")
    ] = ""
    signing_key: Annotated[
        SecretStr | None,
        Field(
            description=(
                "32 random bytes in base64, from which every key is derived; outside production "
                "made at the first start and kept in the data directory"
            )
        ),
    ] = None
    host: Annotated[str, Field(description="the address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(description="the port to listen on", ge=1, le=65535)] = 8000
    connections: Annotated[
        int,
        Field(
            description=(
                "how many connections a process keeps; past that, a new one takes the place of the "
                "one that has waited longest"
            ),
            ge=1,
        ),
    ] = 2048
    connections_per_address: Annotated[
        int,
        Field(
            description=(
                "how many of them one address may have; 0 for no bound, as behind a proxy, where "
                "all come from one"
            ),
            ge=0,
        ),
    ] = 256
    hsts_seconds: Annotated[
        int,
        Field(
            description=(
                "how long browsers shall ask over HTTPS alone (Strict-Transport-Security); 0 to "
                "say nothing"
            ),
            ge=0,
        ),
    ] = 0
    public_url: Annotated[
        str, Field(description="how clients reach the server; goes before the pictures' addresses")
    ] = ""
    trusted_proxies: Annotated[
        int,
        Field(
            description=(
                "how many proxies stand before the server; so many entries at the end of "
                "X-Forwarded-For are believed, the first of them as the client's address"
            ),
            ge=0,
            le=16,
        ),
    ] = 0
    clock: Annotated[
        bool, Field(description="whether serve runs the clock too; else start a worker")
    ] = True
    sandbox: Annotated[
        bool, Field(description="whether advanceClock may move the time; never in production")
    ] = False
    trusted_documents: Annotated[
        Trust,
        Field(
            description=(
                "off: texts alone; on: also documents by their hash, those of the file and those "
                "that clients register; only: those of the file and nothing else"
            )
        ),
    ] = Trust.ON
    trusted_documents_file: Annotated[
        Path | None,
        Field(
            description="the file of trusted documents, as `documents` writes it; by default ours"
        ),
    ] = None
    introspection: Annotated[
        bool | None,
        Field(
            description=(
                "whether clients may ask for the schema, get suggestions in error messages, and "
                "find GraphiQL at /; by default not in production"
            )
        ),
    ] = None
    log_level: Annotated[
        str,
        Field(description="debug, info, warning or error", pattern="^(debug|info|warning|error)$"),
    ] = "info"

    @field_validator("signing_key")
    @classmethod
    def _readable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            Keys.read(value.get_secret_value())
        return value

    @field_validator("public_url")
    @classmethod
    def _bare(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            message = "must begin with http:// or https://"
            raise ValueError(message)
        return value.rstrip("/")

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
        return _parsed(f"{driver}://{rest}")

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        served = self.database_url.startswith("postgresql")
        for name in ("database_pooled", "database_read_url", "database_listen_url"):
            if getattr(self, name) and not served:
                message = f"{PREFIX}{name.upper()} is for postgresql:// alone"
                raise ValueError(message)
        if self.environment is Environment.PRODUCTION:
            if self.sandbox:
                message = "AFTERSALES_SANDBOX cannot be on in production"
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
        """Where pictures lie; None for a store that is no folder."""
        if "://" in self.pictures_url:
            return None
        return Path(self.pictures_url) if self.pictures_url else self.data_dir / "pictures"

    @property
    def explorable(self) -> bool:
        """Whether clients may ask for the schema."""
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

    def keys(self) -> Keys:
        """The keys, from the setting or from the data directory, where they are made if missing.

        Raises BadSettings.
        """
        if self.signing_key is not None:
            return Keys.read(self.signing_key.get_secret_value())
        kept = self.data_dir / KEY_FILE
        try:
            if not kept.exists():
                self.make_folder(self.data_dir)
                kept.touch(mode=0o600)
                kept.write_text(Keys.fresh())
            return Keys.read(kept.read_text().strip())
        except OSError as error:
            raise BadSettings(f"{PREFIX}DATA_DIR: {kept}: {error.strerror}") from error
        except ValueError as error:
            raise BadSettings(f"{kept}: {error}") from error

    @staticmethod
    def make_folder(folder: Path) -> None:
        """Make a folder for its owner alone, unless it is there. Raises BadSettings."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BadSettings(f"{PREFIX}DATA_DIR: {folder}: {error.strerror}") from error


class BadSettings(Exception):
    """A setting is wrong; the message is one line and shows no value."""


def load(**given: Any) -> Settings:  # noqa: ANN401 - values of fields, as pydantic takes them
    """Read the settings. Raises BadSettings."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    ours = {name.upper() for name in os.environ if name.upper().startswith(PREFIX)}
    if unknown := sorted(ours - known):
        message = f"{', '.join(unknown)}: no such setting; `aftersales settings` lists them"
        raise BadSettings(message)
    try:
        return Settings(**given)
    except ValidationError as error:
        raise BadSettings("; ".join(_said(one) for one in error.errors())) from None


def _parsed(url: str) -> str:
    """The same address. Raises ValueError, without the address, which may hold a password."""
    try:
        query = make_url(url).query
    except (ArgumentError, ValueError):
        message = "is not the address of a database"
        raise ValueError(message) from None
    if "sslmode" in query:
        message = "takes `ssl=` in place of `sslmode=`"
        raise ValueError(message)
    return url


def _said(error: ErrorDetails) -> str:
    where = "".join(str(part) for part in error["loc"])
    said = error["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{where.upper()}: {said}" if where else said
