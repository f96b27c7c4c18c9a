"""Everything a client can ask."""

import strawberry

from schema.queries.desk import DeskQueries
from schema.queries.enrolment import EnrolmentQueries
from schema.queries.reference import ReferenceQueries
from schema.queries.staff import StaffQueries


@strawberry.type(description="Everything a client can ask.")
class Query(DeskQueries, StaffQueries, EnrolmentQueries, ReferenceQueries):
    """The root of queries."""
