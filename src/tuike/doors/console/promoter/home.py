"""The promoter's home: what came of the promotion, money, and what waits for the promoter."""

from typing import Any

from django.http import HttpResponse

from tuike.doors.console import home as parts
from tuike.doors.console import text
from tuike.doors.console.home import Best, Number, Wait
from tuike.doors.console.text import T
from tuike.figures.types import Owner
from tuike.insight import home
from tuike.insight.home import Home

BEST = (
    Best("product", T("带来佣金最多的商品", "Best products"), T("这段时间还没有商品带来佣金", "No product earned yet")),
    Best("place", T("带来佣金最多的推广位", "Best places"), T("这段时间还没有推广位带来佣金", "No place earned yet")),
)


def page(request: Any) -> HttpResponse:
    """Show today, 7 or 30 days: clicks, orders, conversion, estimated and settled commission, trend, the best."""
    asker = request.asker
    first = not request.GET.get("by")
    return parts.show(
        request,
        owner=Owner.PROMOTER,
        owner_id=asker.party_id,
        numbers=lambda found: _numbers(request, found),
        waits=_waits(request) if first else (),
        money=_money(request) if first else (),
        money_words=T("我的资金", "My money"),
        best=BEST,
    )


def _numbers(request: Any, found: Home) -> list[Number]:
    asker, now, before = request.asker, found.now, found.before
    settled = home.settled_fen(payee_kind="promoter", payee_id=asker.party_id, span=found.span, now=asker.now)
    return [
        parts.number(T("点击", "Clicks"), now.clicks, before.clicks),
        parts.number(T("付款订单", "Paid orders"), now.orders, before.orders),
        parts.conversion(found),
        parts.number(
            T("预估佣金", "Estimated commission"),
            now.estimated_fen,
            before.estimated_fen,
            money=True,
            hint=T("按付款日期，已扣退款", "by the day of payment, less refunds"),
        ),
        parts.settled(T("结算佣金", "Settled commission"), *settled),
    ]


def _money(request: Any) -> list[Number]:
    stands = home.money(owner=f"promoter:{request.asker.party_id}")
    shown = [
        (T("可提现", "Available"), stands.get("available", 0)),
        (T("待结算", "Pending"), stands.get("pending", 0)),
        (T("提现中", "Being withdrawn"), stands.get("leaving", 0)),
    ]
    if stands.get("owed"):
        shown.append((T("欠款", "Owed"), stands["owed"]))
    return [Number(words, text.money_shown(fen), url=parts.link(request, "funds")) for words, fen in shown]


def _waits(request: Any) -> list[Wait]:
    waits, found = home.promoter_waits(request.asker.party_id), []
    if waits.places == 0:
        words = T("还没有推广位。先建一个，才能生成推广素材。", "There is no promotion place yet; material needs one.")
        found.append(parts.waiting(request, words, "places", kind="warn", act=T("新建推广位", "Add a place")))
    elif waits.accepted == 0:
        words = T("到选品库挑选商品，开始推广。", "Choose products in the library and start to promote.")
        found.append(parts.waiting(request, words, "library", act=T("去选品", "Choose")))
    if waits.to_confirm:
        words = T("有 {n} 笔提现等您在小程序中确认收款。", "Withdrawals to confirm in the mini-program: {n}.")
        found.append(parts.waiting(request, words.fill(n=waits.to_confirm), "funds", kind="warn"))
    if not waits.bank_account:
        words = T("还没有绑定收款账户，结算后无法提现。", "No payout account is bound; nothing can be withdrawn.")
        found.append(parts.waiting(request, words, "funds", act=T("去绑定", "Bind one")))
    if waits.held:
        words = T("有 {n} 笔佣金正在审核，暂不结算。", "Commission under review, not settling yet: {n}.")
        found.append(parts.waiting(request, words.fill(n=waits.held), "orders", act=T("去看看", "Look")))
    return found
