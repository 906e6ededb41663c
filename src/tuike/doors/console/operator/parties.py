"""Parties: search, what each is and has, suspend and restore with a reason, look at one as its people see it."""

from typing import Any

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse

from tuike.apps import queries as app_queries
from tuike.apps import service as apps
from tuike.doors.console import access, answers, lists, looking
from tuike.doors.console.answers import ROLES
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags
from tuike.doors.console.text import T
from tuike.flows.govern_network import restore_party
from tuike.flows.look_inside import look_at_party
from tuike.insight.lists.operator_books import PARTIES, PURPOSES, STANDINGS
from tuike.insight.lists.operator_queues import PARTY_KINDS, RAILS
from tuike.kit.errors import Invalid, NotFound
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties import queries, service
from tuike.parties.types import PartyKind, PartyRef, PartyShown, Rail
from tuike.people import queries as people

_STATES, _KINDS = tags(STANDINGS), tags(PARTY_KINDS)
_HAS = {
    PartyKind.MERCHANT: ("held", "available", "leaving", "prepaid", "owed"),
    PartyKind.PROMOTER: ("pending", "available", "leaving", "owed", "deposit"),
    PartyKind.LEADER: ("pending", "available", "leaving", "owed"),
}
_FIRST_PAGES = ("home", "orders", "products", "funds", "places")


def page(request: Any) -> HttpResponse:
    """List the parties; a whole phone number finds who it belongs to, by its index alone."""
    found = people.find_by_phone(request.GET.get("person", ""))
    if found is not None:
        request.GET = request.GET.copy()
        request.GET["person"] = found.no
    return lists.show(
        request,
        PARTIES,
        scope={},
        title=T("主体", "Parties"),
        lead=T("商家、推客、团长和平台自己。", "Shops, promoters, leaders, and the operator itself."),
        row="console:operator-party",
        row_key="no",
        empty=(T("没有主体", "No parties here"), T("开户后会出现在这里。", "They appear here once opened.")),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show a party: standing, people, money, payout account."""
    found = _found(no)
    seats = queries.administrators_of([found.party.id])[found.party.id]
    names = people.refs(seat.person_id for seat in seats)
    phones = people.phones_of([seat.person_id for seat in seats[:20]])
    shown = [
        (
            names[seat.person_id].called,
            names[seat.person_id].no,
            phones[seat.person_id].number if seat.person_id in phones else "—",
            ROLES[seat.role],
            seat.since,
        )
        for seat in seats
        if seat.person_id in names
    ]
    return details(
        request,
        Details(
            title=found.party.name,
            state=_STATES[found.state],
            note=T("该主体已停用", "This party is suspended") if found.suspended_at else None,
            note_kind="bad",
            facts=_facts(found) + _money(found.party),
            deeds=_deeds(request, found),
            more="console/operator/seats.html",
            context={"seats": shown},
        ),
    )


def suspend(request: Any, *, no: str) -> HttpResponse:
    """Ask why, and stop a party at once."""
    found = _found(no)
    notes = {
        PartyKind.MERCHANT: T(
            "立即生效：其商品不能再推广，已成交订单照常结算。",
            "At once: its products can't be promoted any more; orders that were made go on.",
        ),
        PartyKind.PROMOTER: T(
            "立即生效：新订单不再计佣，不能提现；已有佣金照常结算。",
            "At once: new orders earn it nothing and it can't withdraw; what it earned settles as before.",
        ),
    }
    form = Form(
        T("停用主体", "Suspend the party"),
        request.path,
        T("停用", "Suspend"),
        fields=[Field("reason", T("原因", "Reason"), "area", hint=T("主体会看到原因。", "The party reads it."))],
        facts=_facts(found)[:3],
        note=notes.get(found.party.kind, T("立即生效。", "At once.")),
        danger=True,
    )

    def work() -> T:
        service.suspend(party_id=found.party.id, reason=request.POST.get("reason", ""), **_by(request))
        return T("已停用", "Suspended")

    return asked(request, form, work)


def quota(request: Any, *, no: str) -> HttpResponse:
    """Ask how many calls a minute the party's software may make, and why; nothing typed: everybody's limit again."""
    found = _found(no)
    if found.party.kind is PartyKind.OPERATOR:
        raise NotFound
    now = apps.calls_a_minute(party_id=found.party.id)
    own = app_queries.own_quota(found.party.id)
    form = Form(
        T("调用限额", "API limit"),
        request.path,
        T("保存", "Save"),
        fields=[
            Field(
                "per_minute",
                T("每分钟次数", "Calls a minute"),
                "number",
                value="" if own is None else str(own),
                hint=T("留空则恢复默认限额。", "Left empty: everybody's limit."),
                required=False,
            ),
            Field("reason", T("原因", "Reason"), "area"),
        ],
        facts=[*_facts(found)[:2], (T("当前限额", "Now"), now, "count")],
        note=T("立即生效，对两种接口分别计算。", "At once, for each of the two APIs."),
    )

    def work() -> T:
        typed, reason = request.POST.get("per_minute", "").strip(), request.POST.get("reason", "").strip()
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 10):
            raise Invalid(field="per_minute", reason_zh="须为整数", reason_en="must be a whole number")
        if not reason:
            raise Invalid(field="reason", reason_zh="请填写原因", reason_en="say why")
        apps.set_quota(party_id=found.party.id, per_minute=int(typed) if typed else None, reason=reason, **_by(request))
        return T("调用限额已保存", "The limit was saved")

    return asked(request, form, work)


def restore(request: Any, *, no: str) -> HttpResponse:
    """Ask why, and let a party act again."""
    found = _found(no)
    form = Form(
        T("恢复主体", "Restore the party"),
        request.path,
        T("恢复", "Restore"),
        fields=[Field("reason", T("原因", "Reason"), "area")],
        facts=_facts(found)[:3],
    )

    def work() -> T:
        restore_party(party_id=found.party.id, reason=request.POST.get("reason", ""), **_by(request))
        return T("已恢复", "Restored")

    return asked(request, form, work)


def look(request: Any, *, no: str) -> HttpResponse:
    """Record the look, and lead to the party's console, read-only for half an hour."""
    asker = request.asker
    party = look_at_party(party_no=no, actor=asker.actor, now=asker.now)
    answer = answers.to(request, _first_page(party))
    return looking.begin(answer, person_id=asker.person.id, party=party, now=asker.now)


def look_end(request: Any) -> HttpResponse:
    """Stop looking, and come back to the list."""
    answer = answers.to(request, reverse("console:operator-parties", args=[request.asker.party.no]))
    return looking.end(answer)


def _first_page(party: PartyRef) -> str:
    """Return the first page that a look at a party can open.

    Raises:
        NotFound: this kind of party has no console.
    """
    for name in _FIRST_PAGES:
        full = f"{party.kind}-{name}"
        if full in access.ACCESS and full not in access.NOT_LOOKED_AT:
            try:
                return reverse(f"console:{full}", args=[party.no])
            except NoReverseMatch:
                continue
    raise NotFound


def _found(no: str) -> PartyShown:
    found = queries.party_shown(no)
    if found is None:
        raise NotFound
    return found


def _facts(one: PartyShown) -> list[tuple[T, object, str]]:
    return [
        (T("编号", "Number"), one.party.no, "copy"),
        (T("类型", "Kind"), _KINDS[one.party.kind], "tag"),
        (T("认证时间", "Certified"), one.certified_at, "when"),
        (T("开户时间", "Opened"), one.created_at, "when"),
        *(
            [
                (T("停用时间", "Suspended at"), one.suspended_at, "when"),
                (T("停用原因", "Why suspended"), one.suspended_reason, "text"),
            ]
            if one.suspended_at
            else []
        ),
    ]


def _money(party: PartyRef) -> list[tuple[T, object, str]]:
    purposes = _HAS.get(party.kind, ())
    refs = {purpose: chart.payee(party.kind.value, party.id, purpose) for purpose in purposes}
    balances = ledger.balances(refs=refs.values())
    money: list[tuple[T, object, str]] = [
        (T(*PURPOSES[purpose]), balances[ref.path], "money") for purpose, ref in refs.items()
    ]
    account = queries.bank_account_of(party.id)
    if account is None:
        return money
    way = T(*RAILS[Rail(account.rail)])
    said = T("{way} …{tail}", "{way} …{tail}").fill(way=way, tail=account.tail)
    return [*money, (T("收款账户", "Payout account"), said, "text")]


def _deeds(request: Any, one: PartyShown) -> list[Deed]:
    if one.party.kind is PartyKind.OPERATOR:
        return []
    args = [request.asker.party.no, one.party.no]
    url = reverse("console:operator-party-look", args=args)
    deeds = [Deed(T("以其视角查看", "Look as they see it"), url, "file", icon="eye")]
    if request.asker.may("operator-party-quota", "POST"):
        url = reverse("console:operator-party-quota", args=args)
        deeds.append(Deed(T("调用限额", "API limit"), url, icon="gauge"))
    if request.asker.may("operator-party-suspend", "POST"):
        if one.suspended_at:
            deeds.append(Deed(T("恢复", "Restore"), reverse("console:operator-party-restore", args=args), style="pri"))
        else:
            url = reverse("console:operator-party-suspend", args=args)
            deeds.append(Deed(T("停用", "Suspend"), url, style="danger"))
    return deeds


def _by(request: Any) -> dict[str, Any]:
    return {"actor": request.asker.actor, "now": request.asker.now}
