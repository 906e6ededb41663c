"""Payout accounts that wait to be verified: shown in clear on request (recorded), verified by a person."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.doors.console import lists
from tuike.doors.console.operator.drawn import Deed, Details, Form, asked, details
from tuike.doors.console.text import T, Tag
from tuike.flows.look_inside import look_at_account
from tuike.insight.lists.operator_queues import ACCOUNTS, RAILS
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import AccountDetails, BankAccountRef, PartyRef, Rail

_OPEN, _VERIFIED = Tag(T("待验证", "To verify"), "amber"), Tag(T("已验证", "Verified"), "green")


def page(request: Any) -> HttpResponse:
    """List the accounts that parties have bound."""
    return lists.show(
        request,
        ACCOUNTS,
        scope={},
        title=T("收款账户", "Payout accounts"),
        lead=T(
            "新绑定的账户须验证后才能提现；变更后另有冷静期。",
            "A new account must be verified before money goes there; a changed one rests for a while, too.",
        ),
        row="console:operator-account",
        empty=(T("没有收款账户", "No accounts here"), T("主体绑定后会出现在这里。", "They appear here once bound.")),
    )


def one(request: Any, *, account_id: int) -> HttpResponse:
    """Show an account without what is sealed."""
    return details(request, _details(request, *_found(account_id)))


def look(request: Any, *, account_id: int) -> HttpResponse:
    """Show holder and number in clear; the look is recorded first."""
    account, party = _found(account_id)
    opened = look_at_account(account_id=account_id, party_no=party.no, actor=request.asker.actor, now=request.asker.now)
    return details(request, _details(request, account, party, opened))


def verify(request: Any, *, account_id: int) -> HttpResponse:
    """Ask, and note that the account was verified."""
    account, party = _found(account_id)
    form = Form(
        T("验证收款账户", "Verify the account"),
        request.path,
        T("确认无误，通过验证", "It is right: verified"),
        facts=_facts(account, party),
        note=T(
            "请先核对户名与认证主体一致。通过后该主体可以向此账户提现。",
            "Compare the holder with who was certified. The party can then withdraw to this account.",
        ),
    )

    def work() -> T:
        service.verify_bank_account(bank_account_id=account_id, actor=request.asker.actor, now=request.asker.now)
        return T("账户已通过验证", "The account is verified")

    return asked(request, form, work)


def _found(account_id: int) -> tuple[BankAccountRef, PartyRef]:
    account = parties.bank_account(account_id)
    party = parties.refs([account.party_id]).get(account.party_id) if account else None
    if account is None or party is None:
        raise NotFound
    return account, party


def _facts(account: BankAccountRef, party: PartyRef) -> list[tuple[T, object, str]]:
    return [
        (T("主体", "Party"), party.name, "text"),
        (T("主体编号", "Number"), party.no, "copy"),
        (T("收款方式", "Way"), T(*RAILS[account.rail]), "text"),
        (T("收款账户", "Account"), f"{account.bank} …{account.tail}".strip(), "text"),
        (T("可用时间", "Usable from"), account.usable_from, "when"),
        (T("验证时间", "Verified"), account.verified_at, "when"),
    ]


def _details(request: Any, account: BankAccountRef, party: PartyRef, opened: AccountDetails | None = None) -> Details:
    args = [request.asker.party.no, account.id]
    may = request.asker.may("operator-account-look", "POST")
    deeds, facts = [], _facts(account, party)
    if opened is not None:
        number = T("微信 OpenID", "WeChat OpenID") if opened.rail is Rail.WECHAT else T("账号", "Account number")
        facts += [(T("户名", "Holder"), opened.holder, "text"), (number, opened.number, "mono")]
    elif may:
        url = reverse("console:operator-account-look", args=args)
        deeds.append(Deed(T("查看完整账户", "Show in full"), url, "drawer", icon="eye"))
    if account.verified_at is None and may:
        url = reverse("console:operator-account-verify", args=args)
        deeds.append(Deed(T("通过验证", "Verify"), url, style="pri"))
    note = T("本次查看已记入审计日志。", "This look is in the audit log.") if opened else None
    state = _VERIFIED if account.verified_at else _OPEN
    return Details(title=T("收款账户", "Payout account"), state=state, note=note, facts=facts, deeds=deeds)
