"""The parts of a server, and their construction from the settings."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore.store
from obstore.exceptions import BaseError as StoreError
from obstore.store import ObjectStore

from auth.attempts import Attempts
from auth.authenticator import Authenticator
from auth.keys import Keys
from database.addresses import file_of
from database.database import Database
from database.replica import ReplicaAddress
from execution import manifest
from execution.persisted_documents import Trust
from jobs.exports.exporting import Exporting
from jobs.retention import Retention
from jobs.sequencer import RETENTION
from models.clock import Clock, SandboxClock, WallClock
from models.database_clock import DatabaseClock
from models.machine_clock import MachineClock
from models.write_mark import WriteMarkTable
from outgoing.address_guard import AddressGuard
from outgoing.http_client import HttpClient
from outgoing.open_id import OpenIdClient
from outgoing.policy import Policy
from resolvers.context import Services
from resolvers.export_files import ExportFiles
from resolvers.feed.follower import Follower
from resolvers.feed.viewer_watch import ViewerWatch
from resolvers.pictures import WRITE_TIMEOUT, Pictures
from resolvers.thumbnails import Thumbnails
from resolvers.uploads import Uploads
from schema.export_filter import matching
from settings import PREFIX, BadSettings, Settings
from transport.console import DOCUMENTS
from transport.pages import WEB
from transport.stream_limits import MAX_STREAMS, MAX_STREAMS_PER_VIEWER
from watching.counts import Counts, RequestCounts

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig  # the library has them only in its stubs

OUR_DOCUMENTS = WEB / "documents.json"
"""The trusted documents of our own pages."""

_STORE_CLIENT: "Final[ClientConfig]" = {
    "timeout": WRITE_TIMEOUT,
    "connect_timeout": timedelta(seconds=2),
}
_STORE_RETRIES: "Final[RetryConfig]" = {"max_retries": 2, "retry_timeout": WRITE_TIMEOUT}
"""By default the library retries for three minutes, longer than any request may take."""


@dataclass(frozen=True)
class Parts:
    """The parts that the requests and jobs of one process share."""

    database: Database
    keys: Keys
    pictures: Pictures
    clock: Clock
    """The time of the desk; a sandbox can move it."""
    wall: Clock = field(default_factory=WallClock)
    """The real time, for sessions and tokens."""
    trusted_proxies: int = 0
    request_timeout: timedelta = timedelta(seconds=30)
    feed_retention: timedelta = RETENTION
    """How long the feed keeps its events."""
    retention_months: int | None = None
    """How long the personal data of finished orders is kept; None: for ever."""
    streams: int = MAX_STREAMS
    streams_per_viewer: int = MAX_STREAMS_PER_VIEWER
    public_url: str = ""
    """Whose pages may open a WebSocket, besides those of the host that it is asked for."""
    allowed_origins: frozenset[str] = frozenset()
    """Other origins, whose pages may use the server."""
    direct_uploads: bool = True
    """Whether pictures may be sent straight to a store that is S3."""
    trust: Trust = Trust.ON
    trusted: Mapping[str, str] = field(default_factory=dict)
    """The texts of the operator's trusted documents by hash."""
    built: Mapping[str, str] = field(default_factory=dict)
    """The texts of the trusted documents of our own pages by hash."""
    outgoing_policy: Policy = field(default_factory=Policy)
    """Which addresses webhooks may be sent to."""
    counts: Counts = field(default_factory=Counts)
    """What the process counts for those who watch it."""
    marked_file: Path | None = None
    """The SQLite database whose commits are marked; None for none."""
    access_log: bool = False
    """Whether each request is logged."""
    explorable: bool = True
    """Whether clients may introspect the schema, and GraphiQL is served."""

    @cached_property
    def authenticator(self) -> Authenticator:
        return Authenticator(self.database, self.keys, self.wall)

    @cached_property
    def attempts(self) -> Attempts:
        return Attempts(self.database, self.keys, self.wall)

    @cached_property
    def thumbnails(self) -> Thumbnails:
        return Thumbnails(self.pictures)

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(self.pictures, direct=self.direct_uploads)

    @cached_property
    def export_files(self) -> ExportFiles:
        return ExportFiles(self.pictures.store, self.keys, self.pictures.public_url)

    @cached_property
    def exporting(self) -> Exporting:
        return Exporting(
            database=self.database,
            clock=self.clock,
            files=self.export_files,
            matching=matching,
            counts=self.counts.jobs,
        )

    @cached_property
    def retention(self) -> Retention:
        return Retention(
            database=self.database,
            clock=self.clock,
            delete_file=self.pictures.delete,
            months=self.retention_months,
        )

    @cached_property
    def outgoing(self) -> HttpClient:
        return HttpClient(AddressGuard(self.outgoing_policy), tls=ssl.create_default_context)

    @cached_property
    def services(self) -> Services:
        return Services(
            database=self.database,
            authenticator=self.authenticator,
            attempts=self.attempts,
            keys=self.keys,
            pictures=self.pictures,
            exports=self.export_files,
            uploads=self.uploads,
            outgoing=self.outgoing,
            open_id=OpenIdClient(self.outgoing),
            clock=self.clock,
            wall=self.wall,
            follower=Follower(self.database),
            viewer_watch=ViewerWatch(self.database, self.authenticator, self.clock),
        )


def parts_of(settings: Settings) -> Parts:
    """Make the parts from the settings, without connecting to anything.

    Raises:
        BadDocuments: the file of trusted documents is not valid.
        BadSettings: there is no store of pictures at the address.
    """
    keys = settings.keys()
    trusted, built = _trusted(settings)
    return Parts(
        database=Database.open(
            settings.database,
            settings.limits,
            replica=_replica(settings),
            listen_url=settings.database_listen_url or None,
            distributed=settings.database_distributed,
        ),
        keys=keys,
        pictures=Pictures(_store(settings), keys, settings.public_url),
        trusted_proxies=settings.trusted_proxies,
        clock=_clock(settings),
        request_timeout=timedelta(seconds=settings.request_timeout),
        feed_retention=timedelta(days=settings.feed_days),
        retention_months=settings.retention_months or None,
        streams=settings.streams,
        streams_per_viewer=settings.streams_per_viewer,
        public_url=settings.public_url,
        allowed_origins=settings.origins,
        direct_uploads=settings.direct_uploads,
        trust=settings.trusted_documents,
        trusted=trusted,
        built=built,
        outgoing_policy=settings.webhook_policy,
        counts=Counts(requests=RequestCounts() if settings.metrics_port else None),
        marked_file=file_of(settings.database),
        access_log=settings.access_log,
        explorable=settings.explorable,
    )


def _replica(settings: Settings) -> ReplicaAddress | None:
    return ReplicaAddress(settings.replica, WriteMarkTable()) if settings.replica else None


def _clock(settings: Settings) -> Clock:
    file = file_of(settings.database)
    real = MachineClock(kept_in=file.with_name(f"{file.name}-clock")) if file else DatabaseClock()
    return SandboxClock(real) if settings.sandbox else real


def _store(settings: Settings) -> ObjectStore:
    """Raises BadSettings, whose message leaves out the address: it may hold keys."""
    folder = settings.pictures_folder
    name = f"{PREFIX}PICTURES_URL"
    if folder is not None:
        try:
            return obstore.store.LocalStore(str(folder), automatic_cleanup=False, mkdir=True)
        except OSError as error:
            raise BadSettings(f"{name}: {folder}: {error}") from error
    scheme = settings.pictures_url.partition("://")[0]
    try:
        return obstore.store.from_url(
            settings.pictures_url, client_options=_STORE_CLIENT, retry_config=_STORE_RETRIES
        )
    except (StoreError, ValueError) as error:
        problem = f"{name}: there is no store at this {scheme}:// address"
        raise BadSettings(f"{problem}; take a folder or s3://bucket/prefix") from error


def _trusted(settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """The documents of the operator, and those of our own pages."""
    trust, file = settings.trusted_documents, settings.trusted_documents_file
    if trust is Trust.OFF:
        return {}, {}
    # An installation may lack our pages and their documents.
    built = [path for path in (OUR_DOCUMENTS, DOCUMENTS) if path.exists()]
    if file is not None:
        return manifest.read(file), _read([path for path in built if path == DOCUMENTS])
    if trust is Trust.ONLY and OUR_DOCUMENTS not in built:
        built.insert(0, OUR_DOCUMENTS)  # to say that it is missing
    return {}, _read(built)


def _read(files: Sequence[Path]) -> dict[str, str]:
    return {hash_: text for file in files for hash_, text in manifest.read(file).items()}
