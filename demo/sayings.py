"""Texts that merchants and customers write about an application."""

from collections.abc import Mapping
from typing import Final

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
UNDONE: Final = ("登记错了，撤销重新处理", "客户要求改为其他方式，先撤销")

_ELECTRIC: Final = ("更换主板，测试两小时正常", "更换配件，功能恢复", "重新焊接接口，清洁保养")
REPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "digital": _ELECTRIC,
    "home": _ELECTRIC,
    "outdoor": ("更换拉链，重新缝合", "补缝开线处，加固受力点", "更换五金配件，试用正常"),
}
"""Repair reports by the merchant's trade; food is not repaired."""

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

FINDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "packing": ("包装完好", "外箱轻微破损", "无原包装"),
    "function": ("与描述一致", "未检出问题", "无法使用"),
    "appearance": ("外观完好", "轻微划痕", "有使用痕迹"),
    "accessories": ("配件齐全", "缺说明书", "缺一件配件"),
    "invoice": ("有发票", "无发票", "电子发票"),
}
"""The findings when a parcel is opened, the most likely first."""
