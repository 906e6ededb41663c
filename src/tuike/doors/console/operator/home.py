"""The operator's home: what waits at the desk, and how the alliance does."""

from typing import Any

from django.http import HttpResponse

from tuike.doors.console import home as parts
from tuike.doors.console import text
from tuike.doors.console.home import Best, Number, Wait
from tuike.doors.console.text import T
from tuike.figures.types import Owner
from tuike.insight import home
from tuike.insight.home import Home
from tuike.settings import service as settings

BEST = (
    Best(
        "merchant",
        T("佣金最多的商家", "Best merchants"),
        T("这段时间还没有推广成交", "Nothing was sold by promotion yet"),
    ),
    Best(
        "promoter", T("佣金最多的推客", "Best promoters"), T("这段时间还没有推客成交", "No promoter sold anything yet")
    ),
)


def page(request: Any) -> HttpResponse:
    """Show the queues' lengths, and today, 7 or 30 days of the whole alliance."""
    first = not request.GET.get("by")
    return parts.show(
        request,
        owner=Owner.ALL,
        owner_id=0,
        numbers=_numbers,
        waits=_waits(request) if first else (),
        money=_money() if first else (),
        money_words=T("平台账户", "Accounts of the platform"),
        best=BEST,
    )


def _numbers(found: Home) -> list[Number]:
    now, before = found.now, found.before
    return [
        parts.number(T("点击", "Clicks"), now.clicks, before.clicks),
        parts.number(
            T("推广订单", "Promoted orders"),
            now.orders,
            before.orders,
            hint=T("全部订单 {n}", "of {n} orders").fill(n=text.count_shown(now.all_orders)),
        ),
        parts.conversion(found),
        parts.number(T("推广成交额", "Promoted sales"), now.paid_fen, before.paid_fen, money=True),
        parts.number(
            T("预估佣金", "Commission, estimated"),
            now.estimated_fen,
            before.estimated_fen,
            money=True,
            hint=T("其中已结算 {fen}", "of it settled: {fen}").fill(fen=text.money_shown(now.settled_fen)),
        ),
    ]


def _money() -> list[Number]:
    stands = home.money(owner="platform")
    words = {
        "fees": T("平台收入", "Fees"),
        "pending": T("待结算收入", "Fees pending"),
        "promotion": T("推广资金", "Promotion money"),
        "advance": T("垫付", "Advanced"),
        "tax": T("代扣税", "Tax withheld"),
    }
    return [Number(words[name], text.money_shown(stands[name])) for name in words if name in stands]


def _waits(request: Any) -> list[Wait]:
    waits = home.desk_waits(now=request.asker.now, review_hours=settings.get("review_hours"))
    queues = (
        (
            waits.certifications,
            T("{n} 份认证待审核。", "Certifications to review: {n}."),
            "certifications",
            "info",
        ),
        (
            waits.withdrawals,
            T("{n} 笔提现待审批，共 {fen}。", "Withdrawals to approve: {n}, {fen} in all.").fill(
                n="{n}", fen=text.money_shown(waits.withdrawals_fen)
            ),
            "withdrawals",
            "warn",
        ),
        (waits.accounts, T("{n} 个收款账户待核验。", "Payout accounts to verify: {n}."), "accounts", "info"),
        (waits.held, T("{n} 笔佣金被暂缓，待复核。", "Commission held for review: {n}."), "held", "info"),
        (waits.overdue, T("{n} 笔冻结佣金已超过处理时限。", "Held commission past its time: {n}."), "held", "bad"),
        (waits.appeals, T("{n} 个佣金申诉待答复。", "Appeals to answer: {n}."), "appeals", "warn"),
        (
            waits.appeals_overdue,
            T("{n} 个佣金申诉已超过答复时限。", "Appeals past their time: {n}."),
            "appeals",
            "bad",
        ),
        (waits.cases, T("{n} 个异常待处理。", "Cases that wait for a person: {n}."), "cases", "warn"),
        (waits.disputes, T("{n} 个售后等待平台裁决。", "After-sales to decide: {n}."), "disputes", "warn"),
        (
            waits.adjustments,
            T("{n} 笔调整待第二人审批。", "Corrections that wait for a second person: {n}."),
            "adjustments",
            "info",
        ),
        (
            waits.quarantined,
            T("{n} 个事件未能处理，请联系技术人员。", "Events that could not be digested: {n}; tell an engineer."),
            "",
            "bad",
        ),
    )
    return [
        parts.waiting(
            request,
            words.fill(n=f"{count:,}"),
            name,
            kind=kind,
            query="?timer=overdue" if kind == "bad" and name else "",
        )
        for count, words, name, kind in queues
        if count
    ]
