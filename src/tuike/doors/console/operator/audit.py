"""The audit log: who did what when, filtered; one act with its facts; the chain verified on a button."""

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.audit import queries
from tuike.checkups import queries as checkups
from tuike.checkups import service as checkup
from tuike.doors.console import answers, lists
from tuike.doors.console.operator.drawn import Details, details
from tuike.doors.console.text import T
from tuike.doors.web.soon import soon
from tuike.insight.lists.operator_acts import ACTIONS
from tuike.insight.lists.operator_books import ACTORS, ACTS, SEATS
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.people import queries as people

CHAIN = ("audit",)


def page(request: Any) -> HttpResponse:
    """List the acts, the latest first."""
    return lists.show(
        request,
        ACTS,
        scope={},
        title=T("审计日志", "Audit log"),
        lead=T(
            "人员对资金、佣金率、席位、设置的操作和对明文资料的查看，只增不改，接成哈希链。",
            "Acts of people on money, rates, seats and settings, and each look at what is sealed; added only, chained.",
        ),
        top="console/operator/audit_top.html",
        row="console:operator-act",
        empty=(T("还没有记录", "No acts yet"), T("有操作后会出现在这里。", "They appear here once something is done.")),
        extra=_chain(),
    )


def one(request: Any, *, act_id: int) -> HttpResponse:
    """Show an act with everything it says."""
    found = queries.act(act_id)
    if found is None:
        raise NotFound
    actor = found.actor
    person = people.refs([actor.person_id]).get(actor.person_id) if actor.person_id else None
    party = parties.refs([actor.party_id]).get(actor.party_id) if actor.party_id else None
    by_machine = T(*ACTORS[actor.kind][:2]) if actor.kind in ACTORS else actor.kind
    who = f"{person.nickname} · {person.no}" if person else by_machine
    return details(
        request,
        Details(
            title=T(*ACTIONS[found.action]) if found.action in ACTIONS else found.action,
            facts=[
                (T("动作", "Act"), found.action, "mono"),
                (T("时间", "Time"), found.at, "when"),
                (T("对象", "Object"), found.object, "copy"),
                (T("人员", "Person"), who, "text"),
                (T("所在主体", "In"), f"{party.name} · {party.no}" if party else "—", "text"),
                (T("角色", "Role"), T(*SEATS[actor.role]) if actor.role in SEATS else "—", "text"),
                (T("请求", "Request"), actor.request_id, "mono"),
                (T("链上序号", "Link"), found.link, "count"),
                (T("摘要", "Digest"), found.digest.hex(), "mono"),
            ],
            more="console/operator/act_facts.html",
            context={"facts": json.dumps(found.facts, ensure_ascii=False, indent=2)},
        ),
    )


def verify(request: Any) -> HttpResponse:
    """Ask the worker to verify the chain; the page shows the result when it is there."""
    checkup.ask(names=CHAIN, actor=request.asker.actor, now=request.asker.now)
    soon("verify_books")
    return answers.toast(
        render(request, "console/operator/audit_chain.html", _chain()), T("已开始核对", "It has begun")
    )


def chain(request: Any) -> HttpResponse:
    """Answer the state of the chain's last verification, for a page that waits for it."""
    return render(request, "console/operator/audit_chain.html", _chain())


def _chain() -> dict[str, Any]:
    links, waiting = queries.sealed()
    return {"last": checkups.last_of(CHAIN), "links": links, "unsealed": waiting}
