"""Public reference data: the time, the lifecycle, divisions, reasons and permissions."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.actions import Action
from domain.clocks import CLOCKS, ClockKind
from domain.desk.evidence import (
    FORMATS,
    MAX_PICTURES,
    MAX_PIXELS,
    PICTURE_BYTES_LIMIT,
    THUMBNAIL_WIDTHS,
)
from domain.divisions import AS_OF, DivisionLevel, below
from domain.lifecycle import LIFECYCLE
from domain.permissions import CATALOGUE, Permission
from domain.queues import WORK_PERMISSIONS
from domain.reasons import ReasonUse
from domain.scopes import SCOPES
from domain.statuses import FINAL, STATUS_NAMES, Status
from resolvers.settings.read_reasons import read_reasons
from schema import ids
from schema.fields import PUBLIC, UNCHANGING, Info, query
from schema.types.reason import Reason, entry_of
from schema.types.staff import PermissionEntry


@strawberry.type(description="A status of the lifecycle.")
class LifecycleStatus:
    """A status of the lifecycle."""

    status: Status = strawberry.field(description="The status.")
    name: str = strawberry.field(
        description="The name of the status, in the language of the request."
    )
    final: bool = strawberry.field(description="Whether an order in this status is finished.")
    clock: ClockKind | None = strawberry.field(
        description="The clock that runs in this status. Null if none runs."
    )
    window: int | None = strawberry.field(
        description="The duration of the clock, in seconds. Null if none runs."
    )
    consequence: Action | None = strawberry.field(
        description=(
            "The action that the system takes at the deadline. Null if no clock runs, or if the "
            "order only becomes overdue."
        )
    )
    permissions: list[Permission] = strawberry.field(
        description=(
            "The permissions of which an employee needs one to be in charge of an order in this "
            "status. Empty if the order is finished."
        )
    )


@strawberry.type(
    description="An action of the lifecycle: the statuses that allow it, and who can take it."
)
class LifecycleRule:
    """An action of the lifecycle."""

    action: Action = strawberry.field(description="The action.")
    name: str = strawberry.field(
        description="The name of the action, in the language of the request."
    )
    allowed_from: list[Status] = strawberry.field(description="The statuses that allow the action.")
    leads_to: Status | None = strawberry.field(
        description="The status after the action. Null if the action does not change the status."
    )
    permission: Permission | None = strawberry.field(
        description=(
            "The permission that the merchant's staff need. Null if staff cannot take the action, "
            "or if one of several `permissions` is enough."
        )
    )
    permissions: list[Permission] = strawberry.field(
        description=(
            "The permissions of which the merchant's staff need one. For `CLAIM`, the one needed "
            "depends on the status: see `statuses`. Empty if staff cannot take the action."
        )
    )
    platform: Permission | None = strawberry.field(
        description=(
            "The permission that the platform's staff need. Null if the platform cannot take the "
            "action."
        )
    )
    customer: bool = strawberry.field(description="Whether the customer can take the action.")
    system: bool = strawberry.field(
        description="Whether the system takes the action, at a deadline."
    )
    batch: bool = strawberry.field(
        description="Whether `reviewServiceOrders` can take the action for many orders."
    )
    carries: list[str] = strawberry.field(
        description="The data that the action carries. `?` marks optional data, `|` alternatives."
    )


@strawberry.type(description="The lifecycle of a service order. The server applies the same table.")
class Lifecycle:
    """The lifecycle."""

    statuses: list[LifecycleStatus] = strawberry.field(description="All statuses.")
    rules: list[LifecycleRule] = strawberry.field(description="All actions.")


@strawberry.type(
    description=(
        "行政区划. An administrative division of China (GB/T 2260). The table is of "
        f"{AS_OF:%Y-%m-%d}."
    )
)
class Division:
    """A division."""

    code: str = strawberry.field(description="The six-digit code (GB/T 2260).")
    name: str = strawberry.field(description="The name of the division.")
    level: DivisionLevel = strawberry.field(description="The level of the division.")
    parent_code: str | None = strawberry.field(
        description="The code of the parent division. Null for provinces."
    )


@strawberry.type(description="What a picture must be like to be taken.")
class EvidenceRules:
    """The rules of pictures."""

    max_pictures: int = strawberry.field(
        description=(
            "The maximum number of pictures of a review, a receipt, an item of an application or "
            "an answer. More are refused with `TOO_MANY_PICTURES`."
        )
    )
    max_bytes: int = strawberry.field(
        description=(
            "The maximum size of a file, in bytes. A larger one is refused with "
            "`PICTURE_TOO_LARGE`; one that makes the request too large, with status 413, "
            "`PAYLOAD_TOO_LARGE` and these rules in `extensions.evidenceRules`."
        )
    )
    max_pixels: int = strawberry.field(
        description="The maximum number of pixels: the width times the height."
    )
    media_types: list[str] = strawberry.field(description="The media types that are taken.")
    thumbnail_widths: list[int] = strawberry.field(
        description="The widths of the thumbnails that `Evidence.url` leads to, in pixels."
    )


@strawberry.type
class ReferenceQueries:
    """Queries of reference data."""

    @query(PUBLIC)
    def server_time(self, info: Info) -> datetime:
        """Returns the server's time, for countdowns that do not depend on the device's clock."""
        return info.context.services.clock.now()

    @query(UNCHANGING)
    def lifecycle(self, info: Info) -> Lifecycle:
        """Returns the statuses of a service order and the actions that each allows."""
        language = info.context.language
        return Lifecycle(
            statuses=[
                LifecycleStatus(
                    status=status,
                    name=name.in_(language),
                    final=status in FINAL,
                    clock=rule.kind if rule else None,
                    window=int(rule.window.total_seconds()) if rule else None,
                    consequence=rule.consequence if rule else None,
                    permissions=list(WORK_PERMISSIONS.get(status, ())),
                )
                for status, name in STATUS_NAMES.items()
                for rule in [CLOCKS.get(status)]
            ],
            rules=[
                LifecycleRule(
                    action=rule.action,
                    name=rule.name.in_(language),
                    allowed_from=[status for status in Status if status in rule.sources],
                    leads_to=rule.target,
                    permission=rule.permission,
                    permissions=list(rule.staff),
                    platform=rule.platform,
                    customer=rule.customer,
                    system=rule.system,
                    batch=rule.batch,
                    carries=list(rule.carries),
                )
                for rule in LIFECYCLE.values()
            ],
        )

    @query(UNCHANGING)
    def evidence_rules(self) -> EvidenceRules:
        """凭证要求. Returns what a picture must be like to be taken, before it is sent."""
        return EvidenceRules(
            max_pictures=MAX_PICTURES,
            max_bytes=PICTURE_BYTES_LIMIT - 1,
            max_pixels=MAX_PIXELS,
            media_types=list(FORMATS.values()),
            thumbnail_widths=list(THUMBNAIL_WIDTHS),
        )

    @query(UNCHANGING)
    def divisions(
        self,
        parent_code: Annotated[
            str | None,
            strawberry.argument(
                description="The code of the parent division. Returns the provinces if left out."
            ),
        ] = None,
    ) -> list[Division]:
        """行政区划. Returns the divisions directly below a parent, as of 2025-12-31.

        The towns of cities without districts (东莞, 中山, 儋州, 嘉峪关) have codes of their own
        here. An address can also name such a city as its own district, as GB/T 2260 does.
        """
        return [
            Division(
                code=division.code,
                name=division.name,
                level=division.level,
                parent_code=division.parent,
            )
            for division in below(parent_code)
        ]

    # Caches share only answers to requests without credentials, which tell of no merchant.
    @query(UNCHANGING)
    async def reasons(
        self,
        info: Info,
        use: Annotated[
            ReasonUse | None, strawberry.argument(description="Return only reasons for this use.")
        ] = None,
        decision: Annotated[
            Action | None,
            strawberry.argument(
                description="Return only reasons that this review decision takes, and their groups."
            ),
        ] = None,
        merchant_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description=(
                    "The merchant whose own reasons to return. Defaults to the viewer's merchant."
                )
            ),
        ] = None,
        *,
        include_retired: Annotated[
            bool, strawberry.argument(description="Whether to return retired reasons too.")
        ] = False,
    ) -> list[Reason]:
        """原因. Returns the dictionary of reasons, each group followed by its reasons.

        Without a sign-in, the platform's. Signed in, those that the merchant retired are left out
        and its own are added; customers and storefronts see its own reasons for applications.
        """
        context = info.context
        await context.authenticate(fresh=False)
        entries = await read_reasons(
            context,
            ids.optional_merchant(merchant_id, "merchantId"),
            use=use,
            decision=decision,
            include_retired=include_retired,
        )
        return [entry_of(entry, context.language) for entry in entries]

    @query(UNCHANGING)
    def permissions(self, info: Info) -> list[PermissionEntry]:
        """Returns the catalogue of permissions."""
        language = info.context.language
        return [
            PermissionEntry(
                permission=entry.permission,
                holder=entry.holder,
                holders=list(entry.holders),
                scope_giver=SCOPES[entry.permission].giver if entry.permission in SCOPES else None,
                name=entry.name.in_(language),
                description=entry.description.in_(language),
                name_zh=entry.name.zh,
                name_en=entry.name.en,
                description_zh=entry.description.zh,
                description_en=entry.description.en,
            )
            for entry in CATALOGUE
        ]
