"""The navigation of each console. Whoever adds a page that belongs there adds its row; rows a seat may not see, and
rows whose certification hasn't passed, are left out by themselves."""

from dataclasses import dataclass

from tuike.doors.console.text import T


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the navigation: the route's name without the kind, its words, its icon of icons/icons.tsv.

    `also` names further routes (without the kind) on whose pages the line is the current one.
    """

    name: str
    words: T
    icon: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a small heading."""

    words: T | None
    items: tuple[Item, ...]


NAMES = {
    "promoter": T("推客工作台", "Promoter console"),
    "merchant": T("商家工作台", "Merchant console"),
    "leader": T("团长工作台", "Leader console"),
    "operator": T("平台运营", "Operator's desk"),
}

NAV: dict[str, tuple[Group, ...]] = {
    "promoter": (
        Group(None, (Item("home", T("首页", "Home"), "gauge"),)),
        Group(T("推广", "Promote"), (Item("places", T("推广位", "Places"), "map-pin"),)),
        Group(T("数据与资金", "Data and money"), (Item("orders", T("订单数据", "Orders"), "scroll-text"),)),
        Group(T("账户", "Account"), (Item("certification", T("认证", "Certification"), "id-card"),)),
    ),
    "merchant": (
        Group(None, (Item("home", T("首页", "Home"), "gauge"),)),
        Group(
            T("商品与订单", "Goods and orders"),
            (Item("products", T("商品管理", "Products"), "package", also=("product-new", "product-edit")),),
        ),
        Group(T("推广方案", "Promotion"), ()),
        Group(
            T("推客与营销", "Promoters and gifts"),
            (Item("coupons", T("联盟券", "Alliance coupons"), "ticket-percent", also=("coupon-new",)),),
        ),
        Group(T("数据与资金", "Data and money"), ()),
        Group(T("账户", "Account"), (Item("certification", T("认证", "Certification"), "id-card"),)),
    ),
    "operator": (
        Group(None, (Item("home", T("首页", "Home"), "gauge"),)),
        Group(T("待办", "Queues"), ()),
        Group(T("平台规则", "Rules"), ()),
        Group(T("主体与账本", "Parties and books"), ()),
    ),
}
