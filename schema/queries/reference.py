"""What is the same for everybody: the lifecycle, the divisions, the reasons, the permissions."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.clocks import CLOCKS, ClockKind
from domain.divisions import DivisionLevel, below
from domain.lifecycle import LIFECYCLE, Action
from domain.permissions import CATALOGUE, Permission
from domain.reasons import REASONS, ReasonUse
from domain.scopes import SCOPES
from domain.statuses import FINAL, STATUS_NAMES, Status
from schema.fields import PUBLIC, UNCHANGING, Info, query
from schema.types.reason import Reason, reason_of
from schema.types.staff import PermissionEntry


@strawberry.type(description="A status and what it means.")
class LifecycleStatus:
    """A status of the lifecycle."""

    status: Status = strawberry.field(description="The status.")
    name: str = strawberry.field(description="What it means, in the language of the request.")
    final: bool = strawberry.field(description="Whether an order ends here.")
    clock: ClockKind | None = strawberry.field(description="Which clock runs; null for none.")
    window: int | None = strawberry.field(description="For how long it runs, in seconds.")
    consequence: Action | None = strawberry.field(
        description="What the system does when it ends; null if being late is only counted."
    )


@strawberry.type(description="What can be done to an order, from where, by whom.")
class LifecycleRule:
    """A line of the lifecycle."""

    action: Action = strawberry.field(description="What is done.")
    name: str = strawberry.field(description="What it is called, in the language of the request.")
    allowed_from: list[Status] = strawberry.field(description="From which statuses.")
    leads_to: Status | None = strawberry.field(
        description="To which status; null if the status stays."
    )
    permission: Permission | None = strawberry.field(
        description="What the merchant's staff need for it; null if they cannot."
    )
    customer: bool = strawberry.field(description="Whether the customer can do it.")
    system: bool = strawberry.field(description="Whether the clock does it.")
    batch: bool = strawberry.field(description="Whether it can be decided for many orders at once.")
    carries: list[str] = strawberry.field(
        description="What it must bring along; `?` marks what may be left out, `|` a choice."
    )


@strawberry.type(description="The life of a service order, as the server itself reads it.")
class Lifecycle:
    """The lifecycle."""

    statuses: list[LifecycleStatus] = strawberry.field(description="Every status.")
    rules: list[LifecycleRule] = strawberry.field(description="Everything that can be done.")


@strawberry.type(description="行政区划. A province, a city or a district (GB/T 2260).")
class Division:
    """A division."""

    code: str = strawberry.field(description="The six-digit code.")
    name: str = strawberry.field(description="The name.")
    level: DivisionLevel = strawberry.field(description="How large it is.")
    parent_code: str | None = strawberry.field(
        description="The code of the division above; null for provinces."
    )


@strawberry.type
class ReferenceQueries:
    """Queries that need nobody to be signed in."""

    @query(PUBLIC)
    def server_time(self, info: Info) -> datetime:
        """The time of the desk. Count clocks with it, never with the client's own."""
        return info.context.clock.now()

    @query(UNCHANGING)
    def lifecycle(self, info: Info) -> Lifecycle:
        """The statuses of a service order and what can be done in each."""
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
                    customer=rule.customer,
                    system=rule.system,
                    batch=rule.batch,
                    carries=list(rule.carries),
                )
                for rule in LIFECYCLE.values()
            ],
        )

    @query(UNCHANGING)
    def divisions(
        self,
        parent_code: Annotated[
            str | None,
            strawberry.argument(description="Whose parts to list; the provinces if left out."),
        ] = None,
    ) -> list[Division]:
        """The divisions directly below one, for a form that asks level by level."""
        return [
            Division(code=one.code, name=one.name, level=one.level, parent_code=one.parent)
            for one in below(parent_code)
        ]

    @query(UNCHANGING)
    def reasons(
        self,
        info: Info,
        use: Annotated[
            ReasonUse | None, strawberry.argument(description="Only the reasons for this use.")
        ] = None,
    ) -> list[Reason]:
        """The dictionary of reasons, each group before what is in it."""
        return [
            found
            for reason in REASONS.values()
            if use in (None, reason.use)
            and (found := reason_of(reason.code, info.context.language)) is not None
        ]

    @query(UNCHANGING)
    def permissions(self, info: Info) -> list[PermissionEntry]:
        """The catalogue of permissions."""
        language = info.context.language
        return [
            PermissionEntry(
                permission=line.permission,
                holder=line.holder,
                scope_giver=SCOPES[line.permission].giver if line.permission in SCOPES else None,
                name=line.name.in_(language),
                description=line.description.in_(language),
                name_zh=line.name.zh,
                name_en=line.name.en,
                description_zh=line.description.zh,
                description_en=line.description.en,
            )
            for line in CATALOGUE
        ]
