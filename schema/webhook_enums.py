"""The enums of webhooks as GraphQL enums, with a description of each value."""

from domain.outgoing import DeliveryFailure, UrlProblem
from domain.text import Text
from domain.webhooks import DeliveryStatus, DisabledReason
from domain.wording import URL_PROBLEMS
from schema.enums import described

described(
    DeliveryStatus,
    "The status of a delivery (投递) to a webhook endpoint.",
    {
        DeliveryStatus.PENDING: "待投递. It is not sent yet, or will be tried again.",
        DeliveryStatus.DELIVERED: "已送达. The endpoint accepted it.",
        DeliveryStatus.FAILED: "投递失败. It was given up.",
    },
    name="WebhookDeliveryStatus",
)
described(
    DisabledReason,
    "Why a webhook endpoint is disabled.",
    {
        DisabledReason.BY_HAND: "手动停用. A person disabled it.",
        DisabledReason.FAILING: "持续失败. It accepted nothing for three days.",
        DisabledReason.GONE: "已失效. It answered 410 Gone.",
    },
    name="WebhookDisabledReason",
)
described(
    UrlProblem,
    "What is wrong with the address of a webhook.",
    {
        problem: Text(text.zh, f"{text.en[0].upper()}{text.en[1:]}")
        for problem, text in URL_PROBLEMS.items()
    },
    name="WebhookUrlProblem",
)
described(
    DeliveryFailure,
    "Why a request to a webhook endpoint has no usable answer.",
    {
        DeliveryFailure.DNS: "域名无法解析. The host's name was not resolved in time.",
        DeliveryFailure.ADDRESS_REFUSED: (
            "地址被拒绝. The name leads to an address that is not public. Nothing was sent."
        ),
        DeliveryFailure.CONNECT: "无法连接. No connection was made in time.",
        DeliveryFailure.TLS: (
            "TLS 失败. No TLS connection was made; for example, the certificate is of another host."
        ),
        DeliveryFailure.TIMEOUT: "超时. The answer was not complete in time.",
        DeliveryFailure.TOO_LARGE: "响应过大. The headers of the answer are too large.",
        DeliveryFailure.PROTOCOL: (
            "协议错误. The answer was not HTTP, or the connection ended before the answer did."
        ),
        DeliveryFailure.REDIRECT: "重定向. The answer was a redirect. Redirects are not followed.",
    },
    name="WebhookFailure",
)
