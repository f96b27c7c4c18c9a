"""The demo's eight merchants: names, people and enrolments."""

from dataclasses import dataclass
from typing import Final

from demo.manners import Manner, manner_of
from domain.business_hours import DEFAULT_TIME_ZONE
from domain.enrolment import EnrolmentStatus
from domain.targets import StoredTargets

_DAILY: Final = [["09:00", "12:00"], ["13:30", "21:00"]]
_WEEKDAY: Final = [["09:00", "18:00"]]
_WEEKEND: Final = [["10:00", "16:00"]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The description of a merchant. ``key`` begins its logins and names its trade.

    ``people`` are the names of the main account, the reviewer, the processor, the supervisor and
    the read-only employee. ``returns`` are its return addresses, the default first.
    ``targets`` are its own targets, which it has had since it was admitted.
    """

    key: str
    name: str
    enrolment: EnrolmentStatus
    people: tuple[str, str, str, str, str]
    returns: tuple[tuple[str, str, str], ...]
    turned_down: tuple[str, ...] = ()
    suspended: str = ""
    targets: StoredTargets | None = None

    @property
    def manner(self) -> Manner:
        """How it works."""
        return manner_of(self.key)


PLANS: Final = (
    Plan(
        "digital",
        "京北数码旗舰店",
        EnrolmentStatus.ENABLED,
        ("周京生", "李审言", "王立行", "陈思齐", "赵观澜"),
        (
            ("440305", "518052", "科技园南路66号京北数码售后中心2楼"),
            ("110115", "102600", "兴业大街8号京北数码华北仓A3库"),
            ("310114", "201800", "嘉松北路1200号京北数码华东仓退货组"),
        ),
        targets=StoredTargets(
            {
                "review": 12 * 60,
                "receipt": 60 * 60,
                "processing": 10 * 60,
                "hours": {"week": [_DAILY] * 7, "closed": []},
            },
            DEFAULT_TIME_ZONE,
        ),
    ),
    Plan(
        "home",
        "南塘家居旗舰店",
        EnrolmentStatus.ENABLED,
        ("梁南塘", "吴晓鉴", "郑可为", "冯若水", "许静观"),
        (
            ("440606", "528300", "工业大道19号南塘电器返修部"),
            ("330110", "311100", "良渚路301号南塘华东退货仓"),
        ),
        turned_down=("营业执照经营范围与所售类目不符，请更新后重新申请",),
        targets=StoredTargets(
            {
                "review": 6 * 60,
                "processing": 8 * 60,
                "hours": {"week": [_WEEKDAY] * 5 + [_WEEKEND] * 2, "closed": []},
            },
            DEFAULT_TIME_ZONE,
        ),
    ),
    Plan(
        "outdoor",
        "远岭户外专营店",
        EnrolmentStatus.ENABLED,
        ("高远岭", "林慎之", "何勤", "谢维扬", "叶知秋"),
        (("350582", "362200", "纺织园路55号远岭户外退换货处"),),
        targets=StoredTargets({"review": 24 * 60}, DEFAULT_TIME_ZONE),
    ),
    Plan(
        "food",
        "拾味斋食品专营店",
        EnrolmentStatus.SUSPENDED,
        ("罗拾味", "唐明辨", "韩笃行", "宋守正", "曹静"),
        (("510116", "610200", "物流大道410号拾味斋冷链仓"),),
        suspended="近七日超时未审核率超过 30%，暂停自主售后，整改后可申请恢复",
    ),
    Plan(
        "baby",
        "小满母婴专营店",
        EnrolmentStatus.PENDING_REVIEW,
        ("孙小满", "马慧", "朱一鸣", "胡安然", "郭雯"),
        (("420115", "430200", "文化大道88号小满母婴客服部"),),
    ),
    Plan(
        "beauty",
        "素颜坊美妆专营店",
        EnrolmentStatus.REJECTED,
        ("苏颜", "程澄", "袁方", "蒋礼", "余悦"),
        (("440111", "510000", "机场路1630号素颜坊售后部"),),
        turned_down=(
            "退货地址无法联系到收件人，请核实电话后重新申请",
            "化妆品备案凭证已过期，请补充有效凭证后再次申请",
        ),
    ),
    Plan(
        "book",
        "启明图书文具专营店",
        EnrolmentStatus.ENABLED,
        ("丁启明", "魏知新", "薛力", "方正", "孟文"),
        (("110108", "100080", "学院路 35 号启明图书退货组"),),
    ),
    Plan(
        "toys",
        "乐陶玩具专营店",
        EnrolmentStatus.ENABLED,
        ("曾乐陶", "萧然", "田野", "董明", "石静"),
        (("440515", "515800", "玩具城 2 期 18 号乐陶售后部"),),
    ),
)
