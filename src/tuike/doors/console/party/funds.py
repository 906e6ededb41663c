"""A party's money: what it has by account and source, what it owes and since when, every booking."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import lists
from tuike.doors.console.text import T
from tuike.flows.purses import purses
from tuike.flows.request_withdrawal import MAY_ASK
from tuike.insight import funds
from tuike.insight.lists.party_funds import LEDGER, SOURCES
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Rail, Role
from tuike.settings import service as settings
from tuike.settlement import queries as settlement

RAILS = {
    Rail.BANK: T("银行转账", "Bank transfer"),
    Rail.WECHAT: T("微信零钱", "WeChat wallet"),
    Rail.SANDBOX: T("沙箱银行", "Sandbox bank"),
}
NEWEST = 5


def page(request: Any) -> HttpResponse:
    """Show what the party has, owes and can withdraw; `part=coming` is what the page asks for when it is there."""
    asker = request.asker
    is_shop = asker.party.kind is PartyKind.MERCHANT
    if request.GET.get("part") == "coming" and not is_shop:
        context = {"coming": funds.coming(asker.party, now=asker.now)}
        return render(request, "console/party/funds_coming.html", context)
    stands = funds.balances(asker.party)
    context = {
        "tab": "funds",
        "stands": {
            name: stands.get(name, 0) for name in ("available", "pending", "held", "leaving", "owed", "prepaid")
        },
        "owed_fen": -stands.get("owed", 0),
        "is_shop": is_shop,
        "purses": purses(party=asker.party),
        "sources": {source: T(*words) for source, words in SOURCES.items()},
        "debts": funds.debts(asker.party),
        "months": funds.settled_by_source(asker.party, now=asker.now),
        "account": parties.bank_account_of(asker.party_id),
        "rails": RAILS,
        "newest": settlement.withdrawals_of(asker.party_id, limit=NEWEST),
        "cooling_hours": settings.get("bank_cool_down_hours"),
        "may_withdraw": may_withdraw(asker),
        "may_bind": asker.role is Role.SUPER_ADMIN and not asker.looking,
    }
    return render(request, "console/party/funds.html", context)


def ledger(request: Any) -> HttpResponse:
    """List every booking on the party's accounts."""
    party = request.asker.party
    return lists.show(
        request,
        LEDGER,
        scope={"owner": f"{party.kind.value}:{party.id}"},
        title=T("资金流水", "Ledger"),
        lead=T(
            "账本里与您有关的每一笔记账，与平台总账同一来源，只增不改。",
            "Every booking on your accounts, out of the alliance's one ledger: rows are added, never changed.",
        ),
        top="console/party/funds_tabs.html",
        empty=(
            T("还没有资金变动", "Nothing was booked yet"),
            T("有订单付款后，佣金会记到待结算。", "Once an order is paid, its commission is booked as pending."),
        ),
        extra={"tab": "ledger"},
    )


def may_withdraw(asker: Any) -> bool:
    """Return whether this seat may take the party's money out."""
    return not asker.looking and asker.role in MAY_ASK.get(asker.party.kind, frozenset())
