"""Mutations of one's own account, and of codes for new passwords."""

from datetime import datetime

import strawberry

from domain.passwords import MAX_PASSWORD, MIN_PASSWORD, new_password
from domain.permissions import Permission
from domain.words import MAX_NAME, secret
from resolvers.accounts.change_password import change_password
from resolvers.accounts.end_sessions import end_session, end_sessions
from resolvers.accounts.redeem_reset import redeem_reset
from resolvers.accounts.reset_codes import MAX_CODE, ResetCode
from resolvers.platform.issue_main_account_reset import issue_main_account_reset
from resolvers.staff.issue_reset import issue_employee_reset
from schema import ids
from schema.fields import CHANGES_PASSWORD, SIGNED_IN, TRIES_PASSWORD, Info, mutation
from schema.types.payload import DonePayload, refusals_field
from schema.types.refusal import Refusal

_NEW_PASSWORD = (
    f"The new password, {MIN_PASSWORD} to {MAX_PASSWORD} characters of any kind. Refused if it is "
    "one of the first that attackers try, or the login."
)


@strawberry.input(description="The present and the new password.")
class ChangePasswordInput:
    """Two passwords."""

    current_password: str = strawberry.field(description="The present password.")
    new_password: str = strawberry.field(description=_NEW_PASSWORD)


@strawberry.input(description="The code and the password that it sets.")
class RedeemPasswordResetInput:
    """A code and a password."""

    login: str = strawberry.field(description="The login.")
    code: str = strawberry.field(
        description="重置码. The code, in upper or lower case, with or without its dashes."
    )
    new_password: str = strawberry.field(description=_NEW_PASSWORD)


@strawberry.input(description="The employee to issue a code for.")
class IssueEmployeePasswordResetInput:
    """An employee."""

    id: strawberry.ID = strawberry.field(description="The id of the employee.")


@strawberry.input(description="The merchant whose main account needs a new password.")
class IssueMainAccountPasswordResetInput:
    """A merchant."""

    merchant_id: strawberry.ID = strawberry.field(description="The id of the merchant.")


@strawberry.type(description="A one-time code for a new password.")
class PasswordResetPayload:
    """A code."""

    code: str | None = strawberry.field(
        default=None,
        description=(
            "重置码. The code, for `redeemPasswordReset`. It is shown only once, because it is not "
            "stored. Null if the request was refused."
        ),
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When the code expires. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="The session to end.")
class EndSessionInput:
    """A session."""

    id: strawberry.ID = strawberry.field(description="The id of the session.")


@strawberry.input(description="Which sessions to end.")
class EndSessionsInput:
    """All sessions, or all others."""

    include_current: bool = strawberry.field(
        default=False, description="Whether to end the session of this request, too."
    )


@strawberry.type(description="The number of ended sessions.")
class EndSessionsPayload:
    """A number."""

    ended: int | None = strawberry.field(
        default=None,
        description="The number of sessions that were ended. Null if the request was refused.",
    )
    refusals: list[Refusal] = refusals_field()


def reset_payload(code: ResetCode) -> PasswordResetPayload:
    return PasswordResetPayload(code=code.code, expires_at=code.expires_at)


@strawberry.type
class AccountMutations:
    """Mutations of accounts."""

    @mutation(CHANGES_PASSWORD)
    async def change_password(self, info: Info, input: ChangePasswordInput) -> DonePayload:
        """修改密码. Changes the viewer's password and ends all other sessions of the account.

        A wrong present password counts as a failed sign-in. An operation can contain only one
        mutation that tries a password.
        """
        current = secret(input.current_password, "currentPassword", longest=MAX_PASSWORD)
        new = new_password(input.new_password, "newPassword")
        await change_password(info.context, current, new)
        return DonePayload(done=True)

    @mutation(TRIES_PASSWORD)
    async def redeem_password_reset(
        self, info: Info, input: RedeemPasswordResetInput
    ) -> DonePayload:
        """使用重置码. Sets a new password with a one-time code, and ends all of the sessions.

        The link to a single sign-on is removed. Then sign in with the password. A wrong code counts
        as a failed sign-in. An operation can contain only one mutation that tries a password.
        """
        login = secret(input.login, "login", longest=MAX_NAME)
        code = secret(input.code, "code", longest=MAX_CODE)
        password = new_password(input.new_password, "newPassword")
        await redeem_reset(info.context, login, code, password)
        return DonePayload(done=True)

    @mutation(Permission.STAFF_MANAGE)
    async def issue_employee_password_reset(
        self, info: Info, input: IssueEmployeePasswordResetInput
    ) -> PasswordResetPayload:
        """签发员工重置码. Issues a one-time code with which an employee sets a new password.

        An earlier code of the employee stops working. The present password works until the code is
        used. The main account asks the platform.
        """
        id_ = ids.within(info.context.merchant_id, "Employee", input.id, "id")
        return reset_payload(await issue_employee_reset(info.context, id_))

    @mutation(Permission.PLATFORM_ACCOUNT_MANAGE)
    async def issue_main_account_password_reset(
        self, info: Info, input: IssueMainAccountPasswordResetInput
    ) -> PasswordResetPayload:
        """签发主账号重置码. Issues a one-time code with which a main account gets a new password.

        The merchant's staff history records it.
        """
        merchant = ids.merchant_of(input.merchant_id, "merchantId")
        return reset_payload(await issue_main_account_reset(info.context, merchant))

    @mutation(SIGNED_IN)
    async def end_session(self, info: Info, input: EndSessionInput) -> DonePayload:
        """结束会话. Ends one of the viewer's own sessions. Its tokens stop working."""
        await end_session(info.context, ids.global_number("Session", input.id, "id"))
        return DonePayload(done=True)

    @mutation(SIGNED_IN)
    async def end_sessions(self, info: Info, input: EndSessionsInput) -> EndSessionsPayload:
        """结束全部会话. Ends all other sessions of the viewer's account, or all of them."""
        with_this = input.include_current
        return EndSessionsPayload(ended=await end_sessions(info.context, with_this=with_this))
