"""Refusals of changing and resetting passwords."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class CommonPassword(Refusal):
    """The new password is one of the first that attackers try, or is the login."""

    text = Text(
        "该密码过于常见, 请换一个",
        "This password is one of the first that attackers try; choose another.",
    )


@dataclass(frozen=True, kw_only=True)
class PasswordUnchanged(Refusal):
    """The new password is the present one."""

    text = Text("新密码与当前密码相同", "The new password is the present one.")


@dataclass(frozen=True, kw_only=True)
class InvalidResetCode(Refusal):
    """The code is not one of this login, was used or replaced, or has expired: any of these."""

    text = Text(
        "重置码无效或已过期, 请向发码人重新索取",
        "The code is wrong, was used or has expired; ask for a new one.",
    )
