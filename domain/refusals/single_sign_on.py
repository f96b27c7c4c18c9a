"""Refusals of single sign-on."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class NoSingleSignOn(Refusal):
    """The merchant, or the platform, has no single sign-on."""

    text = Text("未设置单点登录", "Single sign-on is not set up here.")


@dataclass(frozen=True, kw_only=True)
class RedirectUriNotAllowed(Refusal):
    """The redirect address is not one of those that are set."""

    text = Text("该回调地址未登记", "This redirect address is not one of those that are set.")


@dataclass(frozen=True, kw_only=True)
class IdentityProviderFailed(Refusal):
    """The identity provider cannot be reached, or does not answer as OpenID Connect says."""

    text = Text(
        "身份提供方未正确应答, 请稍后重试",
        "The identity provider does not answer as it must; try again later.",
    )
    retryable = True


@dataclass(frozen=True, kw_only=True)
class SingleSignOnFailed(Refusal):
    """The code, the state or the transaction is wrong, was used, or has expired. Begin again."""

    text = Text("单点登录失败, 请重新开始", "Single sign-on failed; begin again.")


@dataclass(frozen=True, kw_only=True)
class IdentityNotLinked(Refusal):
    """The person is known at the identity provider, but linked to no account here."""

    text = Text(
        "此身份未关联账号, 请用密码登录后关联",
        "This identity is linked to no account; sign in with a password and link it.",
    )


@dataclass(frozen=True, kw_only=True)
class IdentityTaken(Refusal):
    """The identity is linked to another account."""

    text = Text("此身份已关联其他账号", "This identity is linked to another account.")


@dataclass(frozen=True, kw_only=True)
class SingleSignOnChanged(Refusal):
    """Single sign-on was changed since `expectedVersion`."""

    text = Text(
        "单点登录设置已更新到版本 {current}, 请刷新",
        "Single sign-on is now at version {current}; read it again.",
    )
    retryable = True
    current: int = fact("The current version. 0 if single sign-on is not set up.")
