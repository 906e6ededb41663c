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

_ACCOUNT = Group(
    T("账户", "Account"),
    (
        Item("administrators", T("成员管理", "Administrators"), "users"),
        Item("account", T("账户信息", "Account"), "settings"),
        Item("certification", T("认证", "Certification"), "id-card"),
    ),
)

_ALERTS = Item(
    "alerts", T("预警与报告", "Alerts and reports"), "bell", ("alert-reports", "alert-report", "alert-preview")
)

_INTEGRATION = Group(
    T("接入", "Integration"),
    (
        Item("credentials", T("凭证与令牌", "Credentials"), "key-round"),
        Item("webhooks", T("事件推送", "Webhooks"), "send", also=("webhook-deliveries",)),
        Item("calls", T("调用日志", "Call log"), "scroll-text"),
        Item("limits", T("调用限额", "Limits"), "gauge"),
    ),
)

NAV: dict[str, tuple[Group, ...]] = {
    "promoter": (
        Group(None, (Item("home", T("首页", "Home"), "gauge"),)),
        Group(
            T("数据", "Data"),
            (
                Item("boards", T("数据看板", "Boards"), "chart-line", also=("board-lines", "board-traffic")),
                Item("live", T("实时看板", "Live"), "monitor"),
                _ALERTS,
                Item("explorer", T("佣金明细", "Commission explorer"), "list-filter"),
                Item("behaviour", T("推广行为", "Behaviour"), "share-2", ("behaviour-place",)),
            ),
        ),
        Group(
            T("推广", "Promote"),
            (
                Item("library", T("选品库", "Product library"), "shopping-bag", ("library-rules", "library-product")),
                Item("selection", T("选品车", "Selection set"), "shopping-cart"),
                Item("places", T("推广位", "Places"), "map-pin"),
                Item("bonuses", T("目标奖励", "Target bonuses"), "target"),
                Item("grade", T("我的等级", "My grade"), "star"),
            ),
        ),
        Group(
            T("合作", "Cooperation"),
            (
                Item("opportunities", T("合作机会", "Opportunities"), "handshake"),
                Item("led-products", T("活动商品", "Products of activities"), "zap"),
                Item("pool", T("好物联盟", "Curated pool"), "sparkles"),
                Item("cooperations", T("我的定向计划", "My targeted plans"), "target", also=("join",)),
                Item("card", T("推客名片", "Directory card"), "id-card"),
            ),
        ),
        Group(
            T("团队与客户", "Team and buyers"),
            (
                Item("hierarchy", T("我的团队", "My team"), "folder-tree", also=("hierarchy-tree",)),
                Item("recruiting", T("招募链接", "Recruiting links"), "user-plus"),
                Item("bindings", T("绑定客户", "Bound buyers"), "link"),
            ),
        ),
        Group(
            T("订单与资金", "Orders and money"),
            (
                Item("orders", T("订单数据", "Orders"), "scroll-text"),
                Item("appeals", T("佣金申诉", "Appeals"), "message-square"),
                Item("funds", T("资金结算", "Funds"), "wallet", also=("withdrawals", "ledger", "statements")),
                Item("exports", T("我的导出", "My exports"), "download"),
            ),
        ),
        _INTEGRATION,
        _ACCOUNT,
    ),
    "merchant": (
        Group(None, (Item("home", T("首页", "Home"), "gauge"),)),
        Group(
            T("数据", "Data"),
            (
                Item("boards", T("数据看板", "Boards"), "chart-line", also=("board-lines", "board-traffic")),
                Item("live", T("实时看板", "Live"), "monitor"),
                _ALERTS,
                Item("explorer", T("佣金明细", "Commission explorer"), "list-filter"),
                Item("behaviour", T("推广行为", "Behaviour"), "share-2", ("behaviour-promoter", "behaviour-place")),
                Item("buyers", T("买家画像", "Buyer profile"), "user-check"),
            ),
        ),
        Group(
            T("商品与订单", "Goods and orders"),
            (
                Item("products", T("商品管理", "Products"), "package", also=("product-new", "product-edit")),
                Item("stock", T("库存变动", "Stock movements"), "history"),
                Item("orders", T("订单管理", "Orders"), "scroll-text", also=("promoted", "reports")),
            ),
        ),
        Group(
            T("商城", "The mall"),
            (
                Item("mall-page", T("店铺装修", "Shop page"), "layers"),
                Item("coupons", T("优惠券", "Coupons"), "ticket-percent", also=("coupon-new",)),
                Item("points-goods", T("积分商品", "Goods for points"), "coins"),
                Item("bargains", T("砍价", "Bargains"), "tags", also=("bargain-new",)),
                Item("red-packets", T("店铺红包", "Red packets"), "gift"),
                Item("members", T("会员", "Members"), "users", also=("member-groups", "sendings")),
                Item("reviews", T("商品评价", "Reviews"), "message-square"),
                Item("refunds", T("售后处理", "After-sales"), "undo-2"),
                Item("freight", T("运费模板", "Freight"), "truck", also=("freight-new", "freight-edit")),
                Item("functions", T("商城功能", "Mall functions"), "grid-2x2"),
            ),
        ),
        Group(
            T("推广方案", "Promotion"),
            (
                Item("alliance", T("联盟状态", "Alliance"), "handshake"),
                Item("rates", T("类目佣金率", "Category rates"), "folder-tree"),
                Item("mains", T("主推商品", "Main products"), "star"),
                Item("campaigns", T("限时活动", "Campaigns"), "zap", also=("campaign-new",)),
                Item("offers", T("目标奖励", "Target bonuses"), "target", also=("offer", "offer-new")),
                Item("policy", T("分销设置", "Distribution"), "sliders-horizontal"),
                Item(
                    "review-rules",
                    T("审核规则", "Review rules"),
                    "shield-check",
                    ("review-rule", "review-rule-new", "review-rule-edit"),
                ),
                Item("rate-history", T("佣金记录", "Rate history"), "history"),
            ),
        ),
        Group(
            T("推客合作", "Working with promoters"),
            (
                Item(
                    "targeted",
                    T("定向计划", "Targeted plans"),
                    "target",
                    also=("targeted-new", "targeted-plan", "targeted-edit"),
                ),
                Item("requests", T("推广需求", "Requests"), "megaphone", also=("request-new",)),
                Item("directory", T("推客名录", "Promoter directory"), "id-card"),
            ),
        ),
        Group(
            T("招商活动", "Leaders"),
            (
                Item("activities", T("团长招商", "Leaders' activities"), "store", also=("activity", "activity-enrol")),
                Item("enrolments", T("我报名的商品", "My enrolled products"), "package"),
                Item("pool", T("好物联盟", "Curated pool"), "sparkles", also=("pool-apply",)),
            ),
        ),
        Group(
            T("代理与客户", "Agents and buyers"),
            (
                Item("hierarchy", T("我的代理", "Agents"), "folder-tree", also=("hierarchy-tree",)),
                Item("recruiting", T("招募链接", "Recruiting links"), "user-plus"),
                Item("bindings", T("客户绑定", "Bound buyers"), "link"),
            ),
        ),
        Group(
            T("推客与资金", "Promoters and money"),
            (
                Item("promoters", T("合作推客", "Promoters"), "users"),
                Item("funds", T("资金结算", "Funds"), "wallet", also=("withdrawals", "ledger", "statements")),
                Item("dues", T("应结佣金", "Commission due"), "calendar"),
                Item("prepaid", T("佣金预存", "Prepaid balance"), "coins"),
                Item("exports", T("我的导出", "My exports"), "download"),
            ),
        ),
        _INTEGRATION,
        _ACCOUNT,
    ),
    "leader": (
        Group(None, (Item("home", T("首页", "Home"), "gauge"),)),
        Group(
            T("数据", "Data"),
            (
                Item("boards", T("数据看板", "Boards"), "chart-line", also=("board-lines", "board-traffic")),
                Item("live", T("实时看板", "Live"), "monitor"),
                _ALERTS,
                Item("explorer", T("佣金明细", "Commission explorer"), "list-filter"),
                Item("behaviour", T("推广行为", "Behaviour"), "share-2", ("behaviour-promoter", "behaviour-place")),
            ),
        ),
        Group(
            T("招商", "Activities"),
            (
                Item(
                    "activities",
                    T("招商活动", "Activities"),
                    "megaphone",
                    also=("activity", "activity-new", "activity-edit"),
                ),
                Item("enrolments", T("报名商品", "Enrolled products"), "package"),
                Item("figures", T("商品数据", "Figures by product"), "chart-line"),
                Item("pool", T("好物联盟", "Curated pool"), "sparkles"),
            ),
        ),
        Group(
            T("资金", "Money"),
            (
                Item("lines", T("订单与服务费", "Orders and fees"), "scroll-text"),
                Item("appeals", T("佣金申诉", "Appeals"), "message-square"),
                Item("funds", T("资金结算", "Funds"), "wallet", also=("withdrawals", "ledger", "statements")),
                Item("exports", T("我的导出", "My exports"), "download"),
            ),
        ),
        _INTEGRATION,
        _ACCOUNT,
    ),
    "operator": (
        Group(None, (Item("home", T("首页", "Home"), "gauge"),)),
        Group(
            T("数据", "Data"),
            (
                Item("boards", T("数据看板", "Boards"), "chart-line", also=("board-lines", "board-traffic")),
                Item("live", T("实时看板", "Live"), "monitor"),
                _ALERTS,
                Item("explorer", T("佣金明细", "Commission explorer"), "list-filter"),
                Item("behaviour", T("推广行为", "Behaviour"), "share-2", ("behaviour-promoter", "behaviour-place")),
                Item("buyers", T("买家画像", "Buyer profile"), "user-check"),
            ),
        ),
        Group(
            T("待办", "Queues"),
            (
                Item("certifications", T("认证审核", "Certifications"), "id-card"),
                Item("accounts", T("收款账户", "Payout accounts"), "credit-card"),
                Item("withdrawals", T("提现审批", "Withdrawals"), "banknote", ("by-hand",)),
                Item("payouts", T("银行付款", "Bank payouts"), "landmark"),
                Item("held", T("佣金审核", "Reviews"), "pause", also=("evidence",)),
                Item("appeals", T("佣金申诉", "Appeals"), "scale"),
                Item("moderation", T("内容审核", "Moderation"), "message-square"),
                Item("cases", T("待处理事项", "Cases"), "triangle-alert"),
                Item("disputes", T("售后裁决", "Disputes"), "scale"),
                Item("adjustments", T("人工调整", "Adjustments"), "scale"),
            ),
        ),
        Group(
            T("推客网络", "The network"),
            (
                Item("applications", T("推客申请", "Applications"), "user-check"),
                Item("hierarchy", T("推客与层级", "Promoters"), "folder-tree", also=("hierarchy-tree",)),
                Item("deposits", T("保证金", "Deposits"), "coins"),
                Item("recruiting", T("招募链接", "Recruiting links"), "user-plus"),
                Item(
                    "join-form",
                    T("推客申请表", "Application form"),
                    "file-text",
                    also=("join-form-edit", "join-form-edition"),
                ),
            ),
        ),
        Group(
            T("平台规则", "Rules"),
            (
                Item("categories", T("类目与基准", "Categories"), "folder-tree"),
                Item("library-curated", T("精选商品", "Curated"), "sparkles"),
                Item("cooperation", T("团长招商开放", "Leaders' activities"), "handshake"),
                Item("pool", T("好物联盟", "Curated pool"), "store"),
                Item("mall-page", T("商城首页", "Home page"), "layers"),
                Item("words", T("搜索与屏蔽词", "Words"), "search"),
                Item("coupons", T("平台券", "The platform's coupons"), "ticket-percent", also=("coupon-new",)),
                Item("tiers", T("分佣层级", "Tiers"), "layers"),
                Item("grades", T("推客等级", "Grades"), "star", ("grade-moves",)),
                Item("offers", T("目标奖励", "Target bonuses"), "target", ("offer", "offer-new")),
                Item(
                    "review-rules",
                    T("审核规则", "Review rules"),
                    "shield-check",
                    ("review-rule", "review-rule-new", "review-rule-edit"),
                ),
                Item("levels", T("会员等级", "Member levels"), "sparkles"),
                Item("members", T("会员", "Members"), "users"),
                Item("settings", T("平台设置", "Settings"), "settings"),
                Item("wechat", T("微信接入", "Access to WeChat"), "smartphone"),
            ),
        ),
        Group(
            T("主体与账本", "Parties and books"),
            (
                Item("parties", T("主体", "Parties"), "users"),
                Item("administrators", T("成员管理", "Administrators"), "user-check"),
                Item("audit", T("审计日志", "Audit log"), "scroll-text"),
                Item("books", T("账本", "Books"), "book-open", ("accounts-of", "entries", "explain")),
                Item("open-data", T("开放数据", "Open data"), "layers"),
                Item("checkups", T("账目核对", "Verify"), "shield-check", ("checkup",)),
                Item("exports", T("我的导出", "My exports"), "download"),
            ),
        ),
    ),
}
