"""The leader's home: its money at a glance, its activities, what is due when, and what waits for it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.cooperation import queries as cooperation
from tuike.doors.console import home as parts
from tuike.doors.console import text
from tuike.doors.console.home import Number, Wait
from tuike.doors.console.text import T
from tuike.insight import contract_waits, funds, home
from tuike.insight.contract_waits import LeaderContract
from tuike.settlement import queries as settlement

SPAN = 30
NEWEST = 5


def page(request: Any) -> HttpResponse:
    """Show what the leader has, what settles when, its latest withdrawals, and what waits."""
    asker = request.asker
    opened = cooperation.functions_open(asker.party_id)
    contract = contract_waits.of_leader(leader_id=asker.party_id, now=asker.now)
    context = {
        "numbers": _numbers(request),
        "waits": [*(_decisions(request, contract) if opened else ()), *_waits(request)],
        "contract": contract,
        "opened": opened,
        "due": contract_waits.due(leader_id=asker.party_id, now=asker.now),
        "coming": funds.coming(asker.party, now=asker.now),
        "newest": settlement.withdrawals_of(asker.party_id, limit=NEWEST),
    }
    return render(request, "console/home/leader.html", context)


def _numbers(request: Any) -> list[Number]:
    asker = request.asker
    stands = home.money(owner=f"leader:{asker.party_id}")
    settled = home.settled_fen(payee_kind="leader", payee_id=asker.party_id, span=SPAN, now=asker.now)
    hints = {
        "available": (T("可提现", "Available"), T("已结算，可申请提现", "settled, to withdraw")),
        "pending": (T("待结算", "Pending"), T("服务费，订单结算后到账", "service fees of orders that haven't settled")),
        "leaving": (T("提现中", "Being withdrawn"), T("等待审批或付款", "to be approved or paid")),
        "owed": (T("欠款", "Owed"), T("由之后结算的服务费偿还", "repaid by what settles next")),
    }
    shown = [
        Number(words, text.money_shown(stands.get(name, 0)), hint=hint, url=parts.link(request, "funds"))
        for name, (words, hint) in hints.items()
        if name != "owed" or stands.get(name)
    ]
    return [*shown, parts.settled(T("近 30 天结算", "Settled in 30 days"), *settled)]


def _decisions(request: Any, contract: LeaderContract) -> list[Wait]:
    found = []
    if contract.applied:
        words = T("有 {n} 个商品报名待审核。", "Enrolled products to decide on: {n}.").fill(n=contract.applied)
        found.append(parts.waiting(request, words, "enrolments", kind="warn", query="?state=applied"))
    if contract.cancels:
        words = T("有 {n} 个取消合作申请待审核。", "Cancels to decide on: {n}.").fill(n=contract.cancels)
        found.append(parts.waiting(request, words, "enrolments", kind="warn", query="?wish=cancel"))
    if not contract.activities:
        words = T("没有招商中的活动，商家无法报名。", "No activity takes products; shops can't enrol.")
        found.append(parts.waiting(request, words, "activities", act=T("去发布", "Publish one")))
    return found


def _waits(request: Any) -> list[Wait]:
    waits, found = home.leader_waits(request.asker.party_id), []
    if waits.to_confirm:
        words = T("有 {n} 笔提现等您在小程序中确认收款。", "Withdrawals to confirm in the mini-program: {n}.")
        found.append(parts.waiting(request, words.fill(n=waits.to_confirm), "funds", kind="warn"))
    if not waits.bank_account:
        words = T("还没有绑定收款账户，结算后无法提现。", "No payout account is bound; nothing can be withdrawn.")
        found.append(parts.waiting(request, words, "funds", act=T("去绑定", "Bind one")))
    if waits.held:
        words = T("有 {n} 笔服务费正在审核，暂不结算。", "Service fees under review, not settling yet: {n}.")
        found.append(parts.waiting(request, words.fill(n=waits.held), "funds", act=T("去看看", "Look")))
    return found
