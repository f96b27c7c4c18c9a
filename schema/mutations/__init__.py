"""The root type of mutations, composed of one class for each subject."""

import strawberry

from schema.mutations.accounts import AccountMutations
from schema.mutations.address_rules import AddressRuleMutations
from schema.mutations.assignment import AssignmentMutations
from schema.mutations.bulk_intake import BulkIntakeMutations
from schema.mutations.calendar import CalendarMutations
from schema.mutations.connectors import ConnectorMutations
from schema.mutations.corrections import CorrectionMutations
from schema.mutations.customer_steps import CustomerStepMutations
from schema.mutations.desk import DeskMutations
from schema.mutations.enrolment import EnrolmentMutations
from schema.mutations.evaluation import EvaluationMutations
from schema.mutations.exports import ExportMutations
from schema.mutations.intake import IntakeMutations
from schema.mutations.mending import MendingMutations
from schema.mutations.note_templates import NoteTemplateMutations
from schema.mutations.outcomes import OutcomeMutations
from schema.mutations.platform import PlatformMutations
from schema.mutations.platform_accounts import PlatformAccountMutations
from schema.mutations.platform_connectors import PlatformConnectorMutations
from schema.mutations.processing import ProcessingMutations
from schema.mutations.quality_thresholds import QualityThresholdMutations
from schema.mutations.reasons import ReasonMutations
from schema.mutations.receipt import ReceiptMutations
from schema.mutations.refunds import RefundMutations
from schema.mutations.review import ReviewMutations
from schema.mutations.rulings import RulingMutations
from schema.mutations.settings import SettingsMutations
from schema.mutations.sign_in import SignInMutations
from schema.mutations.single_sign_on import SingleSignOnMutations
from schema.mutations.staff import StaffMutations
from schema.mutations.uploads import UploadMutations
from schema.mutations.webhooks import WebhookMutations


@strawberry.type(
    description=(
        "The mutations of the API. A request that the rules refuse is not an error: the payload's "
        "`refusals` list each reason with its code and facts."
    )
)
class Mutation(
    SignInMutations,
    ReviewMutations,
    CustomerStepMutations,
    CorrectionMutations,
    MendingMutations,
    OutcomeMutations,
    ReceiptMutations,
    DeskMutations,
    ProcessingMutations,
    RefundMutations,
    AssignmentMutations,
    IntakeMutations,
    BulkIntakeMutations,
    EnrolmentMutations,
    AddressRuleMutations,
    SettingsMutations,
    ConnectorMutations,
    PlatformConnectorMutations,
    ReasonMutations,
    NoteTemplateMutations,
    StaffMutations,
    CalendarMutations,
    PlatformMutations,
    RulingMutations,
    PlatformAccountMutations,
    ExportMutations,
    WebhookMutations,
    UploadMutations,
    EvaluationMutations,
    QualityThresholdMutations,
    AccountMutations,
    SingleSignOnMutations,
):
    """The root of mutations."""
