"""The root type of queries, composed of one class for each subject."""

import strawberry

from schema.queries.desk import DeskQueries
from schema.queries.enrolment import EnrolmentQueries
from schema.queries.note_templates import NoteTemplateQueries
from schema.queries.reference import ReferenceQueries
from schema.queries.staff import StaffQueries


@strawberry.type(description="The queries of the API.")
class Query(DeskQueries, StaffQueries, EnrolmentQueries, NoteTemplateQueries, ReferenceQueries):
    """The root of queries."""
