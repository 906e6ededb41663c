"""What the groups of buyers are called, in the order in which they are shown."""

from collections.abc import Mapping, Sequence
from datetime import date

from tuike.buyers.types import Rfm, Section, Way
from tuike.doors.console.text import T

HIDDEN = T("少于 10 人，或随之隐去", "Fewer than 10, or hidden with them")
HINT = T(
    "* 少于 10 人，或为不让其被算出而一并隐去", "* fewer than 10 people, or hidden so that those can't be computed"
)
ALL_HIDDEN = T(
    "这里的各组都少于 10 人，或须随之隐去；买家多起来后自动显示。",
    "Each group here has fewer than 10 people or is hidden with one; they appear once there are more buyers.",
)
UNKNOWN = T("未知", "Unknown")
_YUAN = (0, 50, 100, 200, 500, 1_000)
_PRICES = (0, 20, 50, 100, 200, 500)


def _bands(begins: Sequence[int]) -> dict[str, T]:
    """Return the words of bands of yuan by their number."""
    made = {}
    for number, (low, high) in enumerate(zip(begins, [*begins[1:], 0], strict=True)):
        if not low:
            made[str(number)] = T(f"{high} 元以下", f"under ¥{high}")
        elif not high:
            made[str(number)] = T(f"{low:,} 元及以上", f"¥{low:,} and more")
        else:
            made[str(number)] = T(f"{low}–{high:,} 元", f"¥{low} to {high:,}")
    return made


SEGMENTS: Mapping[str, tuple[T, T]] = {
    Rfm.CHAMPION: (T("重要价值买家", "Champions"), T("近 · 多 · 高", "lately · often · much")),
    Rfm.GROWING: (T("重要发展买家", "Promising big spenders"), T("近 · 少 · 高", "lately · seldom · much")),
    Rfm.KEEP: (T("重要保持买家", "Loyal, gone quiet"), T("远 · 多 · 高", "long ago · often · much")),
    Rfm.WIN_BACK: (T("重要挽留买家", "Big spenders to win back"), T("远 · 少 · 高", "long ago · seldom · much")),
    Rfm.REGULAR: (T("一般价值买家", "Regulars"), T("近 · 多 · 低", "lately · often · little")),
    Rfm.NEWCOMER: (T("一般发展买家", "Newcomers"), T("近 · 少 · 低", "lately · seldom · little")),
    Rfm.QUIET: (T("一般保持买家", "Regulars gone quiet"), T("远 · 多 · 低", "long ago · often · little")),
    Rfm.LOST: (T("一般挽留买家", "About to be lost"), T("远 · 少 · 低", "long ago · seldom · little")),
}
"""Segment → its name, and what it is by recency, frequency, money."""
_NONE = {"none": T("没有触达", "No touch")}
GROUPS: Mapping[Section, Mapping[str, T]] = {
    Section.ARRIVAL: {"new": T("新买家", "New"), "returning": T("老买家", "Returning")},
    Section.TIMES: {
        "0": T("1 单", "1 order"),
        "1": T("2–3 单", "2 to 3"),
        "2": T("4–5 单", "4 to 5"),
        "3": T("6 单及以上", "6 and more"),
    },
    Section.RFM: {key: words for key, (words, _) in SEGMENTS.items()},
    Section.PIECES: {
        "0": T("1 件", "1 piece"),
        "1": T("2 件", "2 pieces"),
        "2": T("3 件", "3 pieces"),
        "3": T("4–5 件", "4 to 5"),
        "4": T("6 件及以上", "6 and more"),
    },
    Section.VALUE: _bands(_YUAN),
    Section.PRICE: _bands(_PRICES),
    Section.HOUR: {f"{hour:02d}": T(f"{hour:02d}:00", f"{hour:02d}:00") for hour in range(24)},
    Section.WEEKDAY: {
        str(number): T(zh, en)
        for number, (zh, en) in enumerate(
            [
                ("周一", "Mon"),
                ("周二", "Tue"),
                ("周三", "Wed"),
                ("周四", "Thu"),
                ("周五", "Fri"),
                ("周六", "Sat"),
                ("周日", "Sun"),
            ],
            start=1,
        )
    },
    Section.SAVING: {
        "coupon": T("只用券", "Coupon"),
        "points": T("只用积分", "Points"),
        "coupon_points": T("券和积分", "Both"),
        "": T("都没有用", "Neither"),
    },
    Section.WAY: {
        Way.SHORT_LINK: T("短链接", "Short link"),
        Way.LINK: T("链接与文案", "Link or wording"),
        Way.POSTER: T("海报与图片", "Poster or picture"),
        Way.CARD: T("分享卡片", "Shared card"),
        Way.OTHER: T("其他素材", "Other material"),
        Way.NONE: T("没有触达", "No touch"),
    },
    Section.WAY_DAYS: {
        "0": T("当天", "The same day"),
        "1": T("1–3 天", "1 to 3 days"),
        "2": T("4–7 天", "4 to 7 days"),
        "3": T("8–30 天", "8 to 30 days"),
        "4": T("31 天及以上", "31 days and more"),
        **_NONE,
    },
    Section.WAY_TOUCHES: {
        "0": T("1 次", "1 touch"),
        "1": T("2–3 次", "2 to 3"),
        "2": T("4–9 次", "4 to 9"),
        "3": T("10 次及以上", "10 and more"),
        **_NONE,
    },
}
"""Sections whose groups are always the same → their words, by key; one that nobody is in has zeros."""
TITLES: Mapping[Section, tuple[T, T]] = {
    Section.ARRIVAL: (
        T("新老买家", "New and returning"),
        T("首单是否在本季度", "whether the first order is in the quarter"),
    ),
    Section.TIMES: (
        T("购买次数", "Orders a buyer"),
        T("每位买家本季度的订单数", "orders of each buyer in the quarter"),
    ),
    Section.RFM: (
        T("RFM 分层", "RFM segments"),
        T("最近购买、订单数、净额，各与本季度平均比较", "recency, orders and net, each against the quarter's average"),
    ),
    Section.PIECES: (T("每单件数", "Pieces an order"), T("一单买了几件", "how many pieces one order has")),
    Section.VALUE: (T("订单金额", "Value of an order"), T("每单商品实付", "what was paid for an order's lines")),
    Section.PRICE: (T("价格带", "Price bands"), T("按每件单价", "by the price of a piece")),
    Section.TOGETHER: (
        T("一起买的类目", "Categories bought together"),
        T("同一单中的两个类目", "two categories in one order"),
    ),
    Section.PROVINCE: (T("省份", "Provinces"), T("按收货地址", "by the address")),
    Section.CITY: (T("城市", "Cities"), T("按收货地址", "by the address")),
    Section.HOUR: (T("下单时段", "Hours"), T("付款的北京时间", "when it was paid, in Beijing's time")),
    Section.WEEKDAY: (T("星期", "Weekdays"), T("付款的星期", "the weekday of payment")),
    Section.SAVING: (T("优惠券与积分", "Coupons and points"), T("每单用了什么", "what an order used")),
    Section.WAY: (T("首次触达的素材", "First touch"), T("新买家首单之前第一次看到的", "what a new buyer saw first")),
    Section.WAY_DAYS: (
        T("从触达到首单的天数", "Days to the first order"),
        T("新买家，自然日", "new buyers, natural days"),
    ),
    Section.WAY_TOUCHES: (T("首单前的触达次数", "Touches until the first order"), T("新买家", "new buyers")),
}
PARTS: tuple[tuple[T, tuple[Section, ...]], ...] = (
    (T("谁在买", "Who buys"), (Section.ARRIVAL, Section.TIMES, Section.RFM)),
    (T("买什么", "What they buy"), (Section.PIECES, Section.VALUE, Section.PRICE, Section.TOGETHER)),
    (T("何时何地", "When and where"), (Section.PROVINCE, Section.CITY, Section.HOUR, Section.WEEKDAY)),
    (
        T("优惠与到店路径", "Savings, and the way here"),
        (Section.SAVING, Section.WAY, Section.WAY_DAYS, Section.WAY_TOUCHES),
    ),
)
WORTH = "worth"
WORTH_TITLE = T("买家价值", "Life-time value")
WORTH_HINT = T("按首单月份，人均累计净额，整元", "by the month of the first order, net a head so far, in whole yuan")


def quarter(period: date) -> T:
    """Return what a quarter is called."""
    number = (period.month + 2) // 3
    return T(f"{period.year} 年第 {number} 季度", f"Q{number} {period.year}")
