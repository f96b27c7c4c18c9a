"""Texts that merchants and customers write about an application."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.actions import Action
from domain.desk.receipts import (
    AccessoriesFinding,
    AppearanceFinding,
    Finding,
    FunctionFinding,
    GoodsFinding,
    InvoiceFinding,
    PackingFinding,
)

APPROVED: Final = (
    "同意退回，请保留好包装和配件，寄出后填写运单号",
    "已同意，请按退货地址寄回，附上一张写有订单号的纸条",
    "同意售后，建议使用纸箱包装，避免二次损坏",
    "您好，已通过，收到商品后我们会尽快检测",
)
QUESTIONS: Final = (
    "请补充一张问题部位的清晰照片",
    "麻烦拍一下外包装上的批次标签",
    "请问收到多久了？方便再拍一张全景图吗？",
    "请再描述一下具体情况，现有图片看不太清",
    "请确认外包装和配件是否齐全",
)
ANSWERS: Final = (
    "照片补上了，麻烦看一下",
    "情况就是申请里写的那样，收到就有问题",
    "包装和配件都在，没有扔",
    "批次标签拍好了，问题部位也圈出来了",
    "已经补充了，请尽快处理",
)
REJECTED: Final[Mapping[str, str]] = {
    "NOT_ELIGIBLE.TOO_LATE": "您好，已超过售后期限，无法为您办理，敬请谅解",
    "NOT_ELIGIBLE.USED": "商品有明显使用痕迹，影响二次销售，不支持退换",
    "NOT_ELIGIBLE.MAN_MADE": "图片显示为磕碰造成的损坏，不属于质量问题",
    "NOT_ELIGIBLE.NO_RETURN_GOODS": "该商品属于不支持无理由退货的品类，详情页已注明",
    "EVIDENCE.INSUFFICIENT": "图片看不清问题所在，请补充凭证后重新申请",
    "EVIDENCE.INCONSISTENT": "描述的问题与图片不一致，请核对后重新申请",
    "AGREED.KEEP_GOODS": "已与您电话协商，补偿优惠券，商品由您保留",
}
REJECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "QUALITY": (
        "NOT_ELIGIBLE.MAN_MADE",
        "EVIDENCE.INSUFFICIENT",
        "EVIDENCE.INCONSISTENT",
        "AGREED.KEEP_GOODS",
    ),
    "DELIVERY": ("EVIDENCE.INSUFFICIENT", "EVIDENCE.INCONSISTENT", "AGREED.KEEP_GOODS"),
    "PREFERENCE": (
        "NOT_ELIGIBLE.TOO_LATE",
        "NOT_ELIGIBLE.USED",
        "NOT_ELIGIBLE.NO_RETURN_GOODS",
    ),
}
"""The merchant's reasons for a rejection, by the first level of the customer's reason."""

RESENT: Final = ("很抱歉给您带来不便，已安排补发，不需要寄回", "漏发的部分今天补寄，原商品请留用")
GIVEN_UP: Final = (
    "已电话联系，客户表示自行解决，不再申请",
    "客户确认问题已解决，同意放弃售后",
    "协商后客户决定继续使用",
)
CANCELLED: Final = (
    "先不退了，留着自用",
    "问题自己解决了",
    "不想折腾了，取消吧",
    "地址填错，重新申请",
)
UNSOLVED: Final = (
    "问题还是没有解决，请再看一下",
    "说好的运费没有补给我",
    "跟客服承诺的不一样，请再处理",
)
CLOSED: Final = (
    "检测无故障，与客户沟通后关闭",
    "客户同意折价补偿，商品留用",
    "重复申请，合并到另一单处理",
)

_ELECTRIC: Final = ("更换主板，测试两小时正常", "更换配件，功能恢复", "重新焊接接口，清洁保养")
REPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "digital": _ELECTRIC,
    "home": _ELECTRIC,
    "outdoor": ("更换拉链，重新缝合", "补缝开线处，加固受力点", "更换五金配件，试用正常"),
}
"""Repair reports by the merchant's trade; no other merchant repairs."""

MISTAKES: Final = ("点错了，应先看客户的照片", "同事审核时看错了订单")
TAKEN_BACK: Final = ("您好，您的申请我们重新审核，请稍候",)
MOVED: Final = ("仓库搬迁，请寄到新的退货地址",)
NOTES: Final = (
    "客户很着急，优先处理",
    "老客户，之前有过一次换货",
    "电话没打通，下午再打一次",
    "这一批次同样问题已经有三单，已反馈给品控",
    "客户要求尽量在周末前处理完",
    "凭证清楚，可以直接通过",
)
CARRIERS: Final = (("云驰快递", "YC"), ("北辰速运", "BC"), ("万里物流", "WL"), ("飞鸽快运", "FG"))
"""Invented carriers and the prefixes of their waybills."""

Findings = Sequence[tuple[int, Finding]]
"""Weights, and what is found when a parcel is opened."""

PACKING: Final[Findings] = (
    (6, Finding(PackingFinding.INTACT)),
    (2, Finding(PackingFinding.OPENED)),
    (2, Finding(PackingFinding.DAMAGED, "外箱一角压扁")),
    (1, Finding(PackingFinding.MISSING, "客户未寄回原包装")),
)
FUNCTION: Final[Findings] = (
    (6, Finding(FunctionFinding.FAULTY, "与客户描述一致")),
    (3, Finding(FunctionFinding.WORKING, "未检出问题")),
    (2, Finding(FunctionFinding.NOT_TESTED)),
)
APPEARANCE: Final[Findings] = (
    (6, Finding(AppearanceFinding.LIKE_NEW)),
    (2, Finding(AppearanceFinding.USED, "有使用痕迹")),
    (1, Finding(AppearanceFinding.DAMAGED, "底部有一道划痕")),
)
ACCESSORIES: Final[Findings] = (
    (6, Finding(AccessoriesFinding.COMPLETE)),
    (2, Finding(AccessoriesFinding.INCOMPLETE, "缺说明书")),
    (1, Finding(AccessoriesFinding.MISSING, "配件一件未寄")),
)
INVOICE: Final[Findings] = (
    (3, Finding(InvoiceFinding.ENCLOSED)),
    (1, Finding(InvoiceFinding.MISSING)),
    (5, Finding(InvoiceFinding.NOT_ISSUED, "电子发票")),
)
GOODS: Final[Mapping[GoodsFinding, str | None]] = {
    GoodsFinding.AS_APPLIED: None,
    GoodsFinding.WRONG_GOODS: "寄回的不是申请的商品，已联系客户",
    GoodsFinding.INCOMPLETE: "少寄一件，已拍照留证",
}
LATE_PARCELS: Final = ("客户已取消，包裹仍寄到", "取消后到货，外箱未拆")
HEARD: Final = ("电话回访：客户说收到就有问题，会补照片", "电话联系上客户，确认配件齐全")
REFUNDED: Final = ("已原路退款，请留意到账通知", "退款已提交，一至三个工作日到账", "已为您办理退款")
PAYMENT_FAILED: Final = ("客户支付账户已注销", "支付渠道返回超时")
REPLACED: Final = ("已为您更换新品，请留意快递", "换新订单已生成，会尽快发出")
REPAIRED: Final = ("已修好寄回，请查收",)
SENT_BACK: Final = ("检测未发现问题，原件寄回", "与申请不符，原件寄回，请查收")
STAFF_REPLIES: Final = (
    "您好，我们正在核实，今天内给您答复",
    "已联系仓库复查，请稍等",
    "非常抱歉，运费补偿券已发到您的账户",
)
CUSTOMER_REPLIES: Final = ("好的，等你们消息", "还是没有收到，麻烦再查一下", "照片已经发过了")
SOLVED: Final = ("已补发缺少的配件并补偿运费，请您确认", "已重新检测调试，问题解决，请确认")
ESCALATED: Final = ("多次沟通未解决，申请平台介入", "商家的判断和事实不符，请平台核实")
RULED: Final[Mapping[Action, tuple[str, ...]]] = {
    Action.RULE_RETURN: ("商品属于质量问题，支持客户退回，商家收到后全额处理",),
    Action.RULE_PROCESS: (
        "经核实问题属实，请商家按客户的申请处理",
        "商家的处理没有解决问题，请补充处理并答复客户",
    ),
    Action.RULE_CANCEL: ("商品不在售后范围内，申请取消，已寄出的包裹由商家退回",),
    Action.RULE_CLOSE: ("商家已按约定处理，本单关闭",),
    Action.RULE_UPHOLD: ("商家的判断有依据，维持原结果", "现有凭证不支持客户的说法，维持原结果"),
}
"""The texts of the platform's rulings."""

PRAISE: Final[Mapping[int, tuple[str, ...]]] = {
    5: ("处理很快，满意", "客服耐心，退款当天到账"),
    4: ("总体不错，就是等得久了点",),
    3: ("一般，来回沟通了好几次",),
    2: ("太慢了",),
    1: ("体验很差，不会再买",),
}
"""Comments on the service, by satisfaction."""
