"""A session of the viewer's account, as its owner sees it."""

from datetime import datetime

import strawberry

from models.accounts import MAX_USER_AGENT, sign_ins
from projection.conditions import Template
from resolvers.context import Context
from schema import ids
from schema.fields import column, computed, projected

OWN_SESSIONS = Template(
    lambda account, now: (
        (sign_ins.c.account_id == account)
        & sign_ins.c.ended_at.is_(None)
        & (sign_ins.c.expires_at > now)
    )
)
"""The condition for the sessions of an account that go on."""


def _last_used_at(_context: Context, used_at: datetime | None, created_at: datetime) -> datetime:
    return used_at or created_at


@projected(sign_ins)
@strawberry.type(description="登录会话. A device on which the viewer's account is signed in.")
class Session:
    """A session."""

    id: strawberry.ID = computed(
        ids.of_itself("Session"), (sign_ins.c.id,), "The globally unique id."
    )
    label: str | None = column(
        sign_ins.c.label, "设备名称. The `label` of the sign-in. Null if it had none."
    )
    user_agent: str | None = column(
        sign_ins.c.user_agent,
        f"The `User-Agent` header of the sign-in, its first {MAX_USER_AGENT} characters. The "
        "client chooses it. Null if there was none, and for sessions from before it was recorded.",
    )
    created_at: datetime = column(sign_ins.c.created_at, "When the session began.")
    last_used_at: datetime = computed(
        _last_used_at,
        (sign_ins.c.last_used_at, sign_ins.c.created_at),
        "When the session was last refreshed. Access tokens are valid for 15 minutes: a client can "
        "have used it up to 15 minutes later.",
    )
    expires_at: datetime = column(
        sign_ins.c.expires_at, "When the session ends unless it is refreshed."
    )
    is_current: bool = computed(
        lambda context, id_: id_ == context.viewer.session_id,
        (sign_ins.c.id,),
        "Whether this request belongs to the session.",
    )
