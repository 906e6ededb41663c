"""The merchant's home: what promotion sold and cost, money, and what waits for the merchant."""

from typing import Any

from django.http import HttpResponse

from tuike.doors.console import home as parts
from tuike.doors.console import text
from tuike.doors.console.home import Best, Number, Wait
from tuike.doors.console.text import T
from tuike.figures.types import Owner
from tuike.insight import contract_waits, home
from tuike.insight.home import Home, MerchantWaits
from tuike.kit import days

BEST = (
    Best(
        "product",
        T("推广最好的商品", "Best products"),
        T("这段时间还没有推广成交", "Nothing was sold by promotion yet"),
    ),
    Best(
        "promoter", T("带货最好的推客", "Best promoters"), T("这段时间还没有推客成交", "No promoter sold anything yet")
    ),
)


def page(request: Any) -> HttpResponse:
    """Show today, 7 or 30 days: clicks, promoted orders and their share, commission, trend, the best."""
    first = not request.GET.get("by")
    return parts.show(
        request,
        owner=Owner.MERCHANT,
        owner_id=request.asker.party_id,
        numbers=_numbers,
        waits=_waits(request) if first else (),
        money=_money(request) if first else (),
        money_words=T("店铺资金", "Shop money"),
        best=BEST,
    )


def _numbers(found: Home) -> list[Number]:
    now, before = found.now, found.before
    share = text.rate_shown(now.paid_fen * 10_000 // now.all_paid_fen if now.all_paid_fen else None)
    return [
        parts.number(T("点击", "Clicks"), now.clicks, before.clicks),
        parts.number(
            T("推广订单", "Promoted orders"),
            now.orders,
            before.orders,
            hint=T("全部订单 {n}", "of {n} orders").fill(n=text.count_shown(now.all_orders)),
        ),
        parts.conversion(found),
        parts.number(
            T("推广成交额", "Promoted sales"),
            now.paid_fen,
            before.paid_fen,
            money=True,
            hint=T("占全店 {share}", "{share} of the shop's").fill(share=share),
        ),
        parts.number(
            T("预估佣金支出", "Commission, estimated"),
            now.estimated_fen,
            before.estimated_fen,
            money=True,
            hint=T("其中已结算 {fen}", "of it settled: {fen}").fill(fen=text.money_shown(now.settled_fen)),
        ),
    ]


def _money(request: Any) -> list[Number]:
    stands = home.money(owner=f"merchant:{request.asker.party_id}")
    shown = [
        (T("可提现", "Available"), stands.get("available", 0)),
        (T("待结算货款", "Held until settled"), stands.get("held", 0)),
        (T("提现中", "Being withdrawn"), stands.get("leaving", 0)),
    ]
    if "prepaid" in stands:
        shown.append((T("预存款", "Prepaid balance"), stands["prepaid"]))
    if stands.get("owed"):
        shown.append((T("欠款", "Owed"), stands["owed"]))
    return [Number(words, text.money_shown(fen), url=parts.link(request, "funds")) for words, fen in shown]


def _waits(request: Any) -> list[Wait]:
    waits, found = home.merchant_waits(request.asker.party_id), []
    if waits.to_ship:
        many = f"{home.COUNTED:,}+" if waits.to_ship > home.COUNTED else f"{waits.to_ship:,}"
        words = T("有 {n} 个订单待发货。", "Orders to be shipped: {n}.").fill(n=many)
        found.append(parts.waiting(request, words, "orders", query="?state=paid", act=T("去发货", "Ship")))
    if waits.to_decide:
        words = T("有 {n} 个退款申请等您处理。", "Refunds that wait for your decision: {n}.").fill(n=waits.to_decide)
        found.append(parts.waiting(request, words, "refunds", query="?sort=due_at", kind="warn"))
    if longer := contract_waits.to_answer(merchant_id=request.asker.party_id, now=request.asker.now):
        words = T(
            "有 {n} 个团长延长推广时间的申请等您处理，逾期视为拒绝。", "Leaders ask for longer: {n}. No answer is a no."
        )
        found.append(parts.waiting(request, words.fill(n=longer), "enrolments", query="?wish=extension", kind="warn"))
    if waits.short:
        words = T(
            "预存款不足：{fen} 佣金等待支付，且暂不能生成新的推广素材。",
            "The prepaid balance is short: {fen} of commission waits, and no new material is made.",
        ).fill(fen=text.money_shown(waits.waiting_fen))
        found.append(parts.waiting(request, words, "prepaid", kind="bad", act=T("去充值", "Top up")))
    if not waits.on_sale:
        words = T("店里还没有在售商品。", "The shop sells nothing yet.")
        found.append(parts.waiting(request, words, "products", act=T("去添加", "Add products")))
    return found + _alliance(request, waits)


def _alliance(request: Any, waits: MerchantWaits) -> list[Wait]:
    """Return what is to be said of the alliance: not open, or open from a midnight to come."""
    now = request.asker.now
    opens = waits.opened_from
    if opens is None or (waits.closed_from is not None and waits.closed_from <= now):
        words = T("联盟尚未开通，推客还看不到您的商品。", "The alliance isn't open: promoters don't see your products.")
        return [parts.waiting(request, words, "alliance", kind="warn", act=T("去开通", "Open it"))]
    if opens > now:
        words = T("联盟将于 {at} 生效。", "The alliance is in force from {at}.").fill(at=days.shown(opens)[:16])
        return [parts.waiting(request, words, "alliance", act=T("查看", "Look"))]
    return []
