"""Cases that need a person: what is contradictory or unknown about money, closed with a note of what was done."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.doors.console import lists, receipts, text
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator import findings
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags
from tuike.doors.console.receipts import Drawn
from tuike.doors.console.text import T, Tag
from tuike.flows.close_case import close_case
from tuike.insight.explain import UnknownNumber, explain
from tuike.insight.lists.operator_queues import CASES, OPEN_CASES
from tuike.kit.errors import NotFound
from tuike.people import queries as people
from tuike.risk import queries
from tuike.risk.types import CaseKind, CaseShown
from tuike.scoring import queries as scores
from tuike.settlement import queries as settlement

_OPEN, _CLOSED = Tag(T("待处理", "Open"), "amber"), Tag(T("已处理", "Closed"), "green")
_KINDS = tags(CASES)
_OF_BEHAVIOUR = (
    CaseKind.CLICKS_WITHOUT_ORDERS,
    CaseKind.CONVERSION_OFF,
    CaseKind.REFUND_RATE,
    CaseKind.SUDDEN_DROP,
    CaseKind.RATE_CUT,
)
_SEEN = {
    "attempts": T("已查询次数", "Asked for, times"),
    "rail": T("通道", "Rail"),
    "reason": T("原因", "Reason"),
    "stands": T("账面状态", "The books say"),
    "heard": T("通道答复", "The rail said"),
    "reference": T("流水号", "Reference"),
    "said_fen": T("对方金额", "Its amount"),
    "error": T("错误", "Error"),
    "asked_fen": T("应付", "Asked for"),
    "checkout": T("结算单", "Checkout"),
    "code": T("错误码", "Code"),
    "conflict": T("矛盾", "Conflict"),
    "purpose": T("用途", "Purpose"),
    "state": T("状态", "State"),
    "transaction": T("微信交易号", "WeChat's number"),
    "clicks": T("当日点击", "Clicks"),
    "usual_clicks": T("平时点击", "Usual clicks"),
    "orders": T("当日订单", "Orders"),
    "expected_orders": T("预期订单", "Orders to expect"),
    "refund_bps": T("退款率", "Refund rate"),
    "usual_bps": T("此前退款率", "Refund rate before"),
    "peers_bps": T("同级退款率", "Refund rate of peers"),
    "days": T("偏高天数", "High on days"),
    "score": T("风险分（千分）", "Risk score, thousandths"),
    "promoter": T("推客", "Promoter"),
    "from_bps": T("原佣金率", "Rate before"),
    "to_bps": T("现佣金率", "Rate now"),
    "base": T("基础支付单量", "Base of paid orders"),
    "gross": T("支付订单数", "Paid orders"),
    "net": T("扣除退款后订单数", "Of these not refunded"),
}
ADVICE = {
    CaseKind.AMOUNT_MISMATCH: T(
        "买家付的金额与订单不符：款项停在清算账户，会原路退回。请核对微信支付账单后写明结果。",
        "The buyer paid another amount: it waits in clearing and goes back. Compare WeChat Pay's bill, then close.",
    ),
    CaseKind.LATE_PAYMENT: T(
        "订单关闭后才到账：款项会原路退回，订单不会重新打开。",
        "It was paid after the order had closed: the money goes back, nothing reopens.",
    ),
    CaseKind.UNKNOWN_PAYMENT: T(
        "通知中的单号不是我们的：请在微信支付商户平台核对。",
        "The notice names a number that isn't ours: look it up at WeChat Pay.",
    ),
    CaseKind.UNKNOWN_PAYOUT: T(
        "多次查询仍不知道是否到账：绝不要重新付款。向银行核实；满 30 天可人工入账。",
        "Nobody knows, however often it is asked for. Never pay again: ask the bank; after 30 days, book it by hand.",
    ),
    CaseKind.PAYOUT_CONFLICT: T(
        "通道先后说法矛盾，账面以先说的为准。核实后，如银行确已退票，可人工入账。",
        "The rail contradicts itself; the books keep its first word. If the bank did return it, book that by hand.",
    ),
    CaseKind.STUCK_NOTICE: T(
        "通知已验签但无法处理，会继续重试。请查看日志中的原因。",
        "A verified notice that can't be taken; it is tried again. The log says why.",
    ),
    CaseKind.REFUND_FAILED: T(
        "微信支付无法退款：请在商户平台处理后写明结果。", "WeChat Pay couldn't refund: settle it there, then close."
    ),
    CaseKind.DEPOSIT_TO_RETURN: T(
        "保证金已超过原路退款期限：请银行转账退还，并由两位同事登记复核，事项会自动关闭。",
        "The channel gives it back no more: transfer it by bank; two people file that, and this closes itself.",
    ),
    CaseKind.OPEN_DATA: T(
        "开放数据没有写成，上一次的文件仍可用。磁盘已满请先腾出空间，再到“开放数据”页重新运行；写成后事项自动关闭。",
        "The open data couldn't be written; the files before stay. Make room on a full disk, then run it"
        " again on the page of the open data; this closes itself.",
    ),
    CaseKind.CLICKS_WITHOUT_ORDERS: T(
        "当日点击 {clicks} 次，平时约 {usual_clicks} 次；按平时的转化应有约 {expected_orders} 单，实际 {orders} 单。"
        "请核实点击来源，必要时冻结推客，然后写明结果。",
        "{clicks} clicks that day, usually about {usual_clicks}; they would bring about {expected_orders} orders and"
        " brought {orders}. Look where they come from, freeze the promoter if need be, then close.",
    ),
    CaseKind.CONVERSION_OFF: T(
        "当日点击 {clicks} 次却有 {orders} 单；按该推客及同级推客的转化最多约 {expected_orders} 单。"
        "请核实是否刷单，然后写明结果。",
        "{orders} orders of {clicks} clicks that day; by its own conversion and its peers' about {expected_orders} at"
        " most. Look for orders made up, then close.",
    ),
    CaseKind.REFUND_RATE: T(
        "近 7 天成交的退款率为 {refund_bps}，此前为 {usual_bps}，同级推客为 {peers_bps}；其中 {days} 天偏高。"
        "请核实是否刷单套佣，然后写明结果。",
        "Of what was sold in 7 days {refund_bps} is refunded; before that {usual_bps}, by peers {peers_bps}; high on"
        " {days} days. Look for orders made up, then close.",
    ),
    CaseKind.SUDDEN_DROP: T(
        "当日点击仅 {clicks} 次，平时约 {usual_clicks} 次，而同级推客正常。"
        "请联系推客，检查其素材是否失效，然后写明结果。",
        "Only {clicks} clicks that day, usually about {usual_clicks}, while its peers went on. Ask the promoter, look"
        " whether its material still works, then close.",
    ),
    CaseKind.ORDER_SCORE: T(
        "该订单的风险分偏高，依据列在下面，按权重从高到低。请核实后决定暂缓、放行或拒绝其佣金，然后写明结果。",
        "The order's risk score is high; what it is made of stands below, the heaviest first. Look into it, hold,"
        " release or reject its commission, then close.",
    ),
    CaseKind.RATE_CUT: T(
        "商家将佣金率由 {from_bps} 下调到 {to_bps}，其后 24 小时有推广订单 {orders} 单，平时最多 {expected_orders} 单。"
        "下调前的订单仍按原佣金率。请联系商家核实，然后写明结果。",
        "The shop lowered its rate from {from_bps} to {to_bps}; {orders} promoted orders came in the 24 hours after,"
        " usually about {expected_orders} at most. Earlier orders keep their rate. Ask the shop, then close.",
    ),
    CaseKind.LEADER_COUNT: T(
        "团长的基础支付单量已达成，但扣除全额退款后并未达到：请核实是否刷单，必要时冻结团长，然后写明结果。",
        "Paid orders reach the leader's base, those that weren't refunded don't: look for orders made up, then close.",
    ),
}


def page(request: Any) -> HttpResponse:
    """List the cases."""
    return lists.show(
        request,
        OPEN_CASES,
        scope={},
        title=T("待处理事项", "Cases"),
        lead=T("系统不能自行判断的资金问题，须由人处理。", "Questions of money that only a person can settle."),
        row="console:operator-case",
        row_key="no",
        empty=(T("没有待处理事项", "No cases here"), T("一切正常。", "All is well.")),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show a case: what was seen, what to do, and the receipt of what it is about."""
    found = _found(no)
    asker, closed = request.asker, found.closed_at is not None
    deeds = []
    may_book = not closed and asker.may("operator-by-hand-ask", "POST")
    if may_book and settlement.outcomes_by_hand(found.object, now=asker.now):
        url = reverse("console:operator-by-hand-ask", args=[asker.party.no, found.object])
        deeds.append(Deed(T("人工入账", "Book by hand"), url, icon="pencil"))
    if not closed and asker.may("operator-case-close", "POST"):
        url = reverse("console:operator-case-close", args=[asker.party.no, no])
        deeds.append(Deed(T("写明处理结果并关闭", "Close with a note"), url, style="pri"))
    return details(
        request,
        Details(
            title=found.no,
            state=_CLOSED if closed else _OPEN,
            note=None if closed else _advice(found),
            facts=_facts(found),
            receipt=_receipt(found.object, zh=asker.zh),
            deeds=deeds,
        ),
    )


def close(request: Any, *, no: str) -> HttpResponse:
    """Ask what was done, and close the case."""
    found = _found(no)
    form = Form(
        T("关闭事项", "Close the case"),
        request.path,
        T("关闭", "Close it"),
        fields=[Field("note", T("处理说明", "What was done"), "area", most=400)],
        facts=_facts(found)[:4],
    )

    def work() -> T:
        close_case(
            no=no,
            note=request.POST.get("note", ""),
            actor=request.asker.actor,
            now=request.asker.now,
            key=asker_key(request),
        )
        return T("事项已关闭", "The case is closed")

    return asked(request, form, work)


def _advice(one: CaseShown) -> T:
    """Return what is to be done, with the figures of the case in the sentence."""
    filled = {key: text.rate_shown(value) if key.endswith("_bps") else value for key, value in one.facts.items()}
    return ADVICE[one.kind].fill(**filled) if one.kind in _OF_BEHAVIOUR else ADVICE[one.kind]


def _found(no: str) -> CaseShown:
    found = queries.case(no)
    if found is None:
        raise NotFound
    return found


def _facts(one: CaseShown) -> list[tuple[T, object, str]]:
    names = people.refs([one.closed_by]) if one.closed_by else {}
    seen = [
        (_SEEN.get(key, T(key, key)), value, _shown_as(key, value))
        for key, value in sorted(one.facts.items())
        if key != "findings"
    ]
    found = findings.rows(scores.findings_of(one.facts.get("findings", ())))
    closed = [
        (T("处理时间", "Closed"), one.closed_at, "when"),
        (T("处理人", "By"), names[one.closed_by].nickname if one.closed_by in names else "—", "text"),
        (T("处理说明", "Note"), one.note, "text"),
    ]
    return [
        (T("类型", "Kind"), _KINDS[one.kind], "tag"),
        (T("对象", "About"), one.object, "copy"),
        (T("金额", "Amount"), one.amount_fen, "money"),
        (T("发生时间", "Opened"), one.opened_at, "when"),
        *seen,
        *found,
        *(closed if one.closed_at else []),
    ]


def _shown_as(key: str, value: object) -> str:
    units = {"_fen": "money", "_bps": "rate"}
    return units.get(key[-4:], "text") if type(value) is int else "text"


def _receipt(number: str, *, zh: bool) -> Drawn | None:
    try:
        return receipts.drawn(explain(number)[0], zh=zh)
    except UnknownNumber:
        return None
