"""The root type of queries, composed of one class for each subject."""

import strawberry

from schema.queries.accounts import AccountQueries
from schema.queries.at_risk import AtRiskQueries
from schema.queries.counts import CountQueries
from schema.queries.desk import DeskQueries
from schema.queries.enrolment import EnrolmentQueries
from schema.queries.evaluation import EvaluationQueries
from schema.queries.exports import ExportQueries
from schema.queries.feed import FeedQueries
from schema.queries.note_templates import NoteTemplateQueries
from schema.queries.platform import PlatformQueries
from schema.queries.quality import QualityQueries
from schema.queries.quality_activity import QualityActivityQueries
from schema.queries.quality_alerts import QualityAlertQueries
from schema.queries.reference import ReferenceQueries
from schema.queries.single_sign_on import SingleSignOnQueries
from schema.queries.staff import StaffQueries
from schema.queries.staff_history import StaffHistoryQueries
from schema.queries.webhooks import WebhookQueries
from schema.queries.workload import WorkloadQueries


@strawberry.type(description="The queries of the API.")
class Query(
    DeskQueries,
    WorkloadQueries,
    StaffQueries,
    EnrolmentQueries,
    NoteTemplateQueries,
    ReferenceQueries,
    PlatformQueries,
    StaffHistoryQueries,
    CountQueries,
    ExportQueries,
    FeedQueries,
    WebhookQueries,
    QualityQueries,
    EvaluationQueries,
    AtRiskQueries,
    QualityAlertQueries,
    QualityActivityQueries,
    AccountQueries,
    SingleSignOnQueries,
):
    """The root of queries."""
