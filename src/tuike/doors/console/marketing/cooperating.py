"""What a promoter sees of shops that look for promoters: requests, its own plans, its card in the directory."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers, lists
from tuike.doors.console.marketing import shared
from tuike.doors.console.text import T, chinese
from tuike.flows import target_promoters
from tuike.insight import plan_goods
from tuike.insight.lists import cooperation
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.matching import queries as matching
from tuike.matching.types import CardShown
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.plans import queries as plans_of
from tuike.plans.types import MemberState, TargetedPlanShown


def page(request: Any) -> HttpResponse:
    """List the requests that take applications."""
    asker = request.asker
    return lists.show(
        request,
        cooperation.OPEN_REQUESTS,
        scope={"party": asker.party_id, "now": asker.now.isoformat(), "categories": shared.filtered_by()},
        title=T("合作机会", "Opportunities"),
        lead=T(
            "商家公开招募推客的定向计划，报名通过后享受专属佣金率。",
            "Shops look for promoters here; who is accepted gets the plan's own rates.",
        ),
        row="console:promoter-opportunity",
        row_key="title__no",
        export=False,
        empty=(
            T("暂时没有招募中的需求", "No shop is looking right now"),
            T("公开您的推客名片，让商家主动邀请您。", "Let yourself be found in the directory, and shops invite you."),
        ),
    )


def opportunity(request: Any, *, no: str) -> HttpResponse:
    """Show one request: its products and rates, what it asks for, where the promoter stands."""
    asker = request.asker
    found = matching.request_by_no(no)
    plan = plans_of.plans_by_id([found.plan_id])[0]
    level, _ = matching.standing(promoter_id=asker.party_id, now=asker.now)
    context = _plan(request, plan) | {
        "found": found,
        "open": found.open(asker.now) and not plan.over(asker.now),
        "level": shared.asked(found.min_level),
        "mine": shared.LEVELS[level],
        "enough": level >= found.min_level,
        "categories": shared.category_names(found.category_ids),
    }
    return answers.drawer(request, "console/marketing/opportunity.html", context)


def apply(request: Any, *, no: str) -> HttpResponse:
    """Apply to a request."""
    target_promoters.apply_to_request(request_no=no, message=request.POST.get("message", ""), by=shared.by(request))
    return answers.done(T("已提交申请，请等待商家审核", "Applied; the shop decides"), refresh="list-changed")


def cooperations(request: Any) -> HttpResponse:
    """List the plans that the promoter has to do with."""
    asker = request.asker
    return lists.show(
        request,
        cooperation.MINE,
        scope={"party": asker.party_id, "now": asker.now.isoformat()},
        title=T("我的定向计划", "My targeted plans"),
        lead=T(
            "已加入的计划在有效期内按专属佣金率计佣；收到邀请请在这里答复。",
            "Plans that you are in pay their own rates while they run; answer invitations here.",
        ),
        row="console:promoter-cooperation",
        row_key="name__no",
        empty=(
            T("还没有定向计划", "No targeted plan yet"),
            T("到合作机会中报名，或等待商家邀请。", "Apply under Opportunities, or wait for an invitation."),
        ),
    )


def cooperation_drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one of the promoter's plans, and let it answer an invitation."""
    plan, _ = plans_of.plan_of_promoter(promoter_id=request.asker.party_id, no=no)
    return answers.drawer(request, "console/marketing/cooperation.html", _plan(request, plan))


def answer(request: Any, *, no: str) -> HttpResponse:
    """Accept or decline an invitation."""
    accept = request.POST.get("accept") == "1"
    target_promoters.answer_invitation(no=no, accept=accept, by=shared.by(request))
    words = T("已加入定向计划", "You are in the plan") if accept else T("已谢绝邀请", "Declined")
    return answers.done(words, refresh="list-changed")


def join(request: Any, *, code: str) -> HttpResponse:
    """Lead who came by an invite link to the promoter in whose name they apply."""
    plans_of.plan_by_code(code)
    seats = [one for one in parties.seats_of(request.asker.person.id) if one.party.kind is PartyKind.PROMOTER]
    urls = [
        (one.party, reverse("console:promoter-join", kwargs={"party_no": one.party.no, "code": code})) for one in seats
    ]
    if len(urls) == 1:
        return answers.SeeOther(urls[0][1])
    return render(request, "console/marketing/join_as.html", {"seats": urls})


def join_plan(request: Any, *, code: str) -> HttpResponse:
    """Show the plan of an invite link, and apply."""
    plan = plans_of.plan_by_code(code)
    if request.method == "POST":
        target_promoters.apply_by_code(code=code, message=request.POST.get("message", ""), by=shared.by(request))
        return answers.to(
            request,
            answers.url(request, "cooperations"),
            toast=T("已提交申请，请等待商家审核", "Applied; the shop decides"),
        )
    context = _plan(request, plan) | {"code": code, "open": not plan.over(request.asker.now)}
    return render(request, "console/marketing/join.html", context)


def card(request: Any) -> HttpResponse:
    """Show the promoter's own card, and write it: its consent to be found, given or taken back."""
    asker = request.asker
    found = matching.card_of(promoter_id=asker.party_id)
    if request.method == "GET":
        return _card(request, found, None)
    listed, ticked = request.POST.get("listed") == "1", tuple(shared.ids(request, "category"))
    words = (request.POST.get("name", ""), request.POST.get("intro", ""))
    try:
        target_promoters.write_card(listed=listed, words=words, category_ids=ticked, by=shared.by(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return _card(request, found, refusal)
    said = T("名片已公开，商家可以找到您", "Your card is listed; shops can find you")
    if not listed:
        said = T("名片已保存，不对商家展示", "Saved; shops don't see it")
    return answers.to(request, answers.url(request, "card"), toast=said)


def _card(request: Any, found: CardShown | None, refusal: Refusal | None) -> HttpResponse:
    asker = request.asker
    level, conversion = matching.standing(promoter_id=asker.party_id, now=asker.now)
    posted = request.method == "POST"
    ticked = shared.ids(request, "category") if posted else found.category_ids if found else ()
    context = {
        "name": request.POST.get("name", "") if posted else found.name if found else "",
        "intro": request.POST.get("intro", "") if posted else found.intro if found else "",
        "listed": request.POST.get("listed") == "1" if posted else found is not None and found.listed,
        "shown": found is not None and found.listed,
        "level": shared.LEVELS[level],
        "conversion": conversion,
        "categories": shared.categories(ticked, roots=True),
        "errors": _problems(refusal) if refusal else {},
    }
    return render(request, "console/marketing/own_card.html", context, status=422 if refusal else 200)


def _problems(refusal: Refusal) -> dict[str, str]:
    if isinstance(refusal, Invalid):
        details = refusal.details
        return {str(details["field"]): str(details["reason_zh" if chinese() else "reason_en"])}
    return {"intro": refusal.sentence("zh" if chinese() else "en")}


def _plan(request: Any, plan: TargetedPlanShown) -> dict[str, Any]:
    """Return what every page of a plan shows a promoter: its shop, its products, where the promoter stands."""
    asker = request.asker
    mine = plans_of.member_of(plan_id=plan.plan_id, promoter_id=asker.party_id)
    may_apply = mine is None or MemberState.APPLIED in mine.state.exits
    return {
        "plan": plan,
        "shop": parties.refs([plan.merchant_id])[plan.merchant_id].name,
        "phase": shared.phase(plan, asker.now),
        "goods": plan_goods.goods(plan, now=asker.now),
        "member": mine,
        "state": shared.STATES[mine.state.value] if mine else None,
        "invited": mine is not None and mine.state is MemberState.INVITED and not asker.looking,
        "may_apply": may_apply and not asker.looking,
    }
