"""The query of one's own sessions."""

import strawberry

from execution.sources import page_source
from models.accounts import sign_ins
from projection.conditions import NO_ROWS
from projection.pages import Order
from schema.arguments import After, Before, First, Last, window
from schema.fields import SIGNED_IN, Info, query
from schema.types.node import Connection
from schema.types.session import OWN_SESSIONS, Session

_SESSIONS = Order("sessions", (sign_ins.c.id,), descending=True)


@strawberry.type
class AccountQueries:
    """Queries of one's own account."""

    @query(SIGNED_IN)
    def sessions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Session]:
        """登录会话. Returns the devices on which the viewer's account is signed in, latest first.

        Empty for connectors and customers.
        """
        context = info.context
        where = (
            NO_ROWS()
            if context.viewer.session_id is None
            else OWN_SESSIONS(context.viewer.id, context.services.wall.now()),
        )
        return page_source("Session", where, _SESSIONS, window(first, after, last, before))
