"""Refusals about webhook endpoints and their deliveries."""

from dataclasses import dataclass

from domain.outgoing import UrlProblem
from domain.refusals.refusal import Refusal, fact
from domain.text import Text
from domain.wording import URL_PROBLEMS


@dataclass(frozen=True, kw_only=True)
class TooManyWebhookEndpoints(Refusal):
    """The merchant has the maximum number of webhook endpoints."""

    text = Text(
        "每个商家最多 {limit} 个 Webhook 端点",
        "A merchant can have at most {limit} webhook endpoints.",
    )
    limit: int = fact("The maximum number of webhook endpoints of a merchant.")


@dataclass(frozen=True, kw_only=True)
class UrlNotAllowed(Refusal):
    """The server does not send webhooks to this address."""

    text = Text("不能向此地址发送: {problem}", "Webhooks are not sent to this address: {problem}.")
    problem: UrlProblem = fact("What is wrong with the address.", URL_PROBLEMS)


@dataclass(frozen=True, kw_only=True)
class SelectionNotAllowed(Refusal):
    """The document cannot be stored with a webhook endpoint."""

    text = Text("不能保存此查询: {reason}", "The document cannot be stored: {reason}.")
    reason: str = fact("What is wrong with the document, in English.")


@dataclass(frozen=True, kw_only=True)
class WebhookEndpointChanged(Refusal):
    """Another person has changed the webhook endpoint."""

    text = Text(
        "此 Webhook 端点已更新到版本 {current}, 请刷新",
        "The webhook endpoint is now at version {current}; read it again.",
    )
    retryable = True
    current: int = fact("The current version of the webhook endpoint.")


@dataclass(frozen=True, kw_only=True)
class WebhookEndpointDisabled(Refusal):
    """The webhook endpoint is disabled. Nothing is sent to it."""

    text = Text("此 Webhook 端点已停用", "The webhook endpoint is disabled.")


@dataclass(frozen=True, kw_only=True)
class WebhookDeliveryPending(Refusal):
    """The delivery is not finished. It will be sent without this request."""

    text = Text("此消息尚未发送完成", "The delivery is not finished; it will be sent.")


@dataclass(frozen=True, kw_only=True)
class WebhookHostBusy(Refusal):
    """The server has its maximum number of connections to this host."""

    text = Text(
        "到此主机的连接数已达上限, 请稍后重试",
        "The server has its maximum number of connections to this host. Try again later.",
    )
    retryable = True
