"""The texts of customers' applications, by the reasons of the dictionary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.applications import Expectation

FAULT: Final = "QUALITY.MALFUNCTION"
"""The reason whose texts are the faults of the goods: each article has its own."""

_RETURN: Final = (Expectation.RETURN,)
_NEW: Final = (Expectation.RETURN, Expectation.EXCHANGE)
_ANY: Final = tuple(Expectation)


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason with the customers' wishes, its weight, and their texts."""

    reason: str
    wishes: tuple[Expectation, ...]
    weight: int
    words: tuple[str, ...] = ()


_WRONG_ITEM: Final = Problem(
    "DELIVERY.WRONG_ITEM",
    _NEW,
    2,
    ("发错了，我买的不是这一款", "收到的型号和订单上的不一样", "盒子是对的，里面装的不是我买的"),
)
_DAMAGED_PACKAGE: Final = Problem(
    "DELIVERY.DAMAGED_PACKAGE",
    _NEW,
    2,
    (
        "快递箱压扁了，里面也磕坏了",
        "外包装破了一个大洞，不敢签收又被放在驿站了",
        "箱子进水，东西都潮了",
    ),
)
_UNWANTED: Final = Problem(
    "PREFERENCE.UNWANTED",
    _RETURN,
    3,
    ("买重复了，没拆封", "家里人已经买了，想退掉", "不想要了，七天无理由", "拍错了，麻烦退一下"),
)
_NOT_AS_DESCRIBED: Final = Problem(
    "PREFERENCE.NOT_AS_DESCRIBED",
    _NEW,
    2,
    ("颜色和图片差太多", "跟详情页写的不一样，感觉被骗了", "比想象的小很多，不符合描述"),
)

_ELECTRIC: Final = (
    Problem(FAULT, _ANY, 9),
    Problem(
        "QUALITY.BROKEN",
        _ANY,
        3,
        ("打开包装外壳就是裂的", "收到就是坏的，边角碎了一块", "收到时外壳已经变形"),
    ),
    Problem(
        "QUALITY.FLAW",
        _NEW,
        2,
        ("表面有两道划痕，应该是别人退过的", "接缝处有胶水印，做工太差", "漆面掉了一块，看着很旧"),
    ),
    Problem(
        "DELIVERY.MISSING_PARTS",
        _NEW,
        2,
        ("少了说明书和电源线", "配件袋里少一个零件", "赠品没有收到，箱子里就一件"),
    ),
    _WRONG_ITEM,
    _DAMAGED_PACKAGE,
    _UNWANTED,
    _NOT_AS_DESCRIBED,
)

PROBLEMS: Final[Mapping[str, tuple[Problem, ...]]] = {
    "digital": _ELECTRIC,
    "home": _ELECTRIC,
    "outdoor": (
        Problem(FAULT, _ANY, 5),
        Problem(
            "QUALITY.FLAW",
            _NEW,
            2,
            ("胸前有一块洗不掉的污渍", "线头特别多，走线是歪的", "有很重的异味，晾了{days}天还有"),
        ),
        Problem(
            "PREFERENCE.SIZE",
            _NEW,
            7,
            ("偏小，想换大一码", "按身高体重选的，穿上太大了", "尺码不合适，吊牌没剪"),
        ),
        Problem(
            "DELIVERY.MISSING_PARTS", _NEW, 1, ("说好的收纳袋没有", "少发了一副地钉和一根风绳")
        ),
        _WRONG_ITEM,
        _UNWANTED,
        _NOT_AS_DESCRIBED,
    ),
    "food": (
        Problem(
            "QUALITY.EXPIRED",
            _RETURN,
            5,
            ("还有{days}天就过期了，来不及吃", "生产日期是大半年前的", "日期喷码被擦过，看不清"),
        ),
        Problem(
            "QUALITY.BROKEN",
            _NEW,
            4,
            ("真空包装漏气了", "罐子磕瘪了，盖子也松了", "到手坏了一半，有照片"),
        ),
        Problem("DELIVERY.MISSING_PARTS", _NEW, 2, ("买的两份只到了一份", "礼盒里少了两小包")),
        _WRONG_ITEM,
        _DAMAGED_PACKAGE,
        Problem("PREFERENCE.UNWANTED", _RETURN, 1, ("送礼用不上了，没有拆", "买多了，想退一份")),
    ),
    "book": (
        Problem(
            "QUALITY.BROKEN",
            _NEW,
            4,
            ("书角全压坏了，封面有折痕", "开胶掉页", "笔尖是歪的，划纸"),
        ),
        Problem("QUALITY.FLAW", _NEW, 3, ("有几页印重了，看不清", "缺了十几页", "封面有污渍")),
        Problem("DELIVERY.MISSING_PARTS", _NEW, 2, ("一套书少了一册", "少了一支笔芯")),
        _WRONG_ITEM,
        _UNWANTED,
        _NOT_AS_DESCRIBED,
    ),
    "toys": (
        Problem(
            "QUALITY.BROKEN",
            _NEW,
            5,
            ("遥控器没有反应", "轮子一装就断", "线头开了，里面的棉花露出来"),
        ),
        Problem("DELIVERY.MISSING_PARTS", _NEW, 4, ("积木少了一包", "说明书和贴纸都没有")),
        _WRONG_ITEM,
        _DAMAGED_PACKAGE,
        _UNWANTED,
        _NOT_AS_DESCRIBED,
    ),
}
"""The problems by the merchant's trade."""
