"""The root type of queries, composed of one class for each subject."""

import strawberry

from schema.queries.counts import CountQueries
from schema.queries.desk import DeskQueries
from schema.queries.enrolment import EnrolmentQueries
from schema.queries.reference import ReferenceQueries
from schema.queries.staff import StaffQueries


@strawberry.type(description="The queries of the API.")
class Query(DeskQueries, StaffQueries, EnrolmentQueries, ReferenceQueries, CountQueries):
    """The root of queries."""
