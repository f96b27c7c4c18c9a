"""Refusals of signing in and of refreshing a session."""

from dataclasses import dataclass
from datetime import datetime

from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class InvalidCredentials(Refusal):
    """The login or the password is wrong. The answer does not say which."""

    text = Text("账号或密码错误", "The login or the password is wrong.")


@dataclass(frozen=True, kw_only=True)
class AccountDisabled(Refusal):
    """The password is right, but the account is disabled."""

    text = Text("账号已停用", "The account is disabled.")


@dataclass(frozen=True, kw_only=True)
class TooManyAttempts(Refusal):
    """Too many failed sign-ins for this login or from this network address."""

    text = Text(
        "尝试次数过多, 请于 {retry_at} 后重试", "Too many attempts; try again after {retry_at}."
    )
    retryable = True
    retry_at: datetime = fact("When the client can try to sign in again.")


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Refusal):
    """The refresh token was already used, has expired or was revoked. Sign in again."""

    text = Text("会话已结束, 请重新登录", "The session has ended; sign in again.")
