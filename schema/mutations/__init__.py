"""Everything a client can change."""

import strawberry

from schema.mutations.connectors import ConnectorMutations
from schema.mutations.desk import DeskMutations
from schema.mutations.enrolment import EnrolmentMutations
from schema.mutations.intake import IntakeMutations
from schema.mutations.platform import PlatformMutations
from schema.mutations.sign_in import SignInMutations
from schema.mutations.staff import StaffMutations


@strawberry.type(
    description=(
        "Everything a client can change. What the rules turn down is no error: it stands in the "
        "payload's `refusals`, each with its code and its facts."
    )
)
class Mutation(
    SignInMutations,
    DeskMutations,
    IntakeMutations,
    EnrolmentMutations,
    ConnectorMutations,
    StaffMutations,
    PlatformMutations,
):
    """The root of mutations."""
