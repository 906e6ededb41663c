"""A shop's targeted plans: the list, a new one, one with who is in it, invitations and decisions."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers, lists
from tuike.doors.console.marketing import picking, shared
from tuike.doors.console.merchant import reading
from tuike.doors.console.text import T
from tuike.flows import preview_plan, target_promoters
from tuike.insight import plan_goods
from tuike.insight.lists import cooperation
from tuike.kit import days
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.matching import queries as requests_of
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.plans import queries as plans_of
from tuike.plans.types import NewTargetedPlan, TargetedPlanChange, TargetedPlanShown

FIELDS = ("name", "note", "starts_at", "ends_at")
ROUTE = "console:merchant-targeted-plan"


def page(request: Any) -> HttpResponse:
    """List the plans."""
    asker = request.asker
    return lists.show(
        request,
        cooperation.PLANS,
        scope={"merchant": asker.party_id, "now": asker.now.isoformat()},
        title=T("定向计划", "Targeted plans"),
        lead=T(
            "给指定推客的专属佣金率：不低于公开佣金率，只对加入计划的推客生效。",
            "Rates for chosen promoters: at least the public rate, and only for those who are in the plan.",
        ),
        acts="console/marketing/targeted_acts.html",
        row=ROUTE,
        row_key="name__no",
        row_open="page",
        empty=(
            T("还没有定向计划", "No targeted plan yet"),
            T(
                "新建一个，把邀请链接发给推客，或在推客名录中邀请。",
                "Make one, send its link to promoters, or invite some from the directory.",
            ),
        ),
    )


def new(request: Any) -> HttpResponse:
    """Show the form, or make the plan that was typed."""
    if request.method == "GET":
        return _form(request, dict.fromkeys(FIELDS, ""), None)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        made = target_promoters.create_plan(plan=_read(request, typed), by=shared.by(request))
    except Refusal as refusal:
        return _form(request, typed, refusal)
    words = T("定向计划“{name}”已创建", "The plan '{name}' was made").fill(name=made.name)
    return answers.to(request, answers.url(request, "targeted-plan", no=made.no), toast=words)


def edit(request: Any, *, no: str) -> HttpResponse:
    """Show the form with what the plan is, or change it to what was typed."""
    shown = plans_of.targeted_plan(merchant_id=request.asker.party_id, no=no)
    if request.method == "GET":
        typed = {
            "name": shown.name,
            "note": shown.note,
            "ends_at": days.shown(shown.ends_at)[:16],
        }
        return _form(request, typed, None, shown)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        target_promoters.change_plan(no=no, change=_read_change(request, typed, shown), by=shared.by(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(request, typed, refusal, shown)
    words = T("已保存，已加入的推客会收到通知", "Saved; promoters who are in the plan are told")
    return answers.to(request, answers.url(request, "targeted-plan", no=no), toast=words)


def edit_preview(request: Any, *, no: str) -> HttpResponse:
    """Show what the changed plan would owe, without changing it."""
    shown = plans_of.targeted_plan(merchant_id=request.asker.party_id, no=no)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    from_at, owed = preview_plan.preview_change(
        no=no, change=_read_change(request, typed, shown), by=shared.by(request)
    )
    return answers.dialog(request, "console/marketing/plan_preview.html", {"owed": owed, "starts_at": from_at})


def preview(request: Any) -> HttpResponse:
    """Show what the typed plan would owe, without making it."""
    wanted = _read(request, {name: request.POST.get(name, "") for name in FIELDS})
    owed = preview_plan.preview_plan(plan=wanted, by=shared.by(request))
    context = {"owed": owed, "starts_at": wanted.starts_at}
    return answers.dialog(request, "console/marketing/plan_preview.html", context)


def plan(request: Any, *, no: str) -> HttpResponse:
    """Show one plan: what it gives, the invite link, who asks and who is in it."""
    asker = request.asker
    shown = plans_of.targeted_plan(merchant_id=asker.party_id, no=no)
    link = settings.PUBLIC_BASE.rstrip("/") + reverse("console:join", kwargs={"code": shown.invite_code})
    return lists.show(
        request,
        cooperation.MEMBERS,
        scope={"plan": shown.plan_id},
        title=T(shown.name, shown.name),
        row_acts="console/marketing/member_acts.html",
        acts="console/marketing/plan_acts.html",
        top="console/marketing/plan_top.html",
        bulk=(),
        empty=(
            T("还没有推客", "No promoters yet"),
            T(
                "把上面的邀请链接发给推客，或按编号邀请。",
                "Send the link above to promoters, or invite them by number.",
            ),
        ),
        template="console/marketing/plan.html",
        extra={
            "plan": shown,
            "phase": shared.phase(shown, asker.now),
            "over": shown.over(asker.now),
            "may_change": asker.may("merchant-targeted-edit", "POST"),
            "link": link,
            "goods": [] if answers.by_htmx(request) else plan_goods.goods(shown, now=asker.now),
            "open_request": None if answers.by_htmx(request) else requests_of.open_request(plan_id=shown.plan_id),
        },
    )


def decide(request: Any, *, no: str) -> HttpResponse:
    """Take an applicant in, or ask why not and turn it away."""
    if request.method == "GET":
        return answers.dialog(request, "console/marketing/reject.html", {"no": no, "who": _member(request, no)})
    accept = request.POST.get("accept") == "1"
    target_promoters.decide(
        no=no,
        promoter_ids=shared.ids(request, "who"),
        accept=accept,
        reason=request.POST.get("reason", ""),
        by=shared.by(request),
    )
    words = T("已通过申请", "Taken into the plan") if accept else T("已拒绝申请", "The application was rejected")
    return answers.done(words, refresh="list-changed")


def invite(request: Any, *, no: str) -> HttpResponse:
    """Ask for promoters' numbers, and invite them."""
    asker = request.asker
    shown = plans_of.targeted_plan(merchant_id=asker.party_id, no=no)
    template = "console/marketing/invite.html"
    if request.method == "GET":
        return answers.dialog(request, template, {"plan": shown})
    typed = {name: request.POST.get(name, "") for name in ("numbers", "message")}
    try:
        found = _promoters(typed["numbers"])
        target_promoters.invite(no=no, promoter_ids=found, message=typed["message"], by=shared.by(request))
    except (Invalid, NotFound) as refusal:
        said = reading.problems(refusal)
        if isinstance(refusal, NotFound):
            words = T("没有已认证的推客使用这些编号", "No certified promoter has these numbers")
            said = {"numbers": str(words)}
        return answers.dialog(request, template, {"plan": shown, "typed": typed, "errors": said}, status=422)
    words = T("已邀请 {n} 位推客", "{n} invited").fill(n=len(found))
    return answers.done(words, refresh="list-changed")


def remove(request: Any, *, no: str) -> HttpResponse:
    """Say what it means, and take a promoter out."""
    if request.method == "GET":
        return answers.dialog(request, "console/marketing/remove.html", {"no": no, "who": _member(request, no)})
    who = shared.ids(request, "who")
    if len(who) != 1:
        raise NotFound
    target_promoters.remove_member(
        no=no, promoter_id=who[0], reason=request.POST.get("reason", ""), by=shared.by(request)
    )
    return answers.done(
        T("已移出，次日 0 点起不再享受定向佣金率", "Removed; its rate ends at the next midnight"),
        refresh="list-changed",
    )


def stop(request: Any, *, no: str) -> HttpResponse:
    """Stop a plan from the next midnight on."""
    target_promoters.stop_plan(no=no, by=shared.by(request))
    return answers.to(
        request,
        answers.url(request, "targeted-plan", no=no),
        toast=T("计划将于次日 0 点停止", "The plan stops at the next midnight"),
    )


def _member(request: Any, no: str) -> int:
    """Return whom a dialog is about.

    Raises:
        NotFound: not a plan of the shop, or somebody who has nothing to do with it.
    """
    shown = plans_of.targeted_plan(merchant_id=request.asker.party_id, no=no)
    who = request.GET.get("who", "")
    found = int(who) if who.isdecimal() and len(who) < 19 else 0
    if plans_of.member_of(plan_id=shown.plan_id, promoter_id=found) is None:
        raise NotFound
    return found


def _form(
    request: Any, typed: dict[str, str], refusal: Refusal | None, plan: TargetedPlanShown | None = None
) -> HttpResponse:
    picked = picking.chosen(request) if request.method == "POST" else picking.rated(request, plan.rates if plan else {})
    context = {
        "typed": typed,
        "errors": reading.problems(refusal) if refusal else {},
        "picked": picked,
        "rated": True,
        "plan": plan,
        "from_at": max(days.next_midnight(request.asker.now), plan.starts_at) if plan else None,
    }
    return render(request, "console/marketing/targeted_form.html", context, status=422 if refusal else 200)


def _read(request: Any, typed: dict[str, str]) -> NewTargetedPlan:
    """Return the plan that was typed; a start that has passed is now.

    Raises:
        Invalid: a field that can't be read.
    """
    starts_at = reading.instant(typed["starts_at"], field="starts_at") if typed["starts_at"].strip() else None
    return NewTargetedPlan(
        name=typed["name"],
        note=typed["note"],
        starts_at=max(starts_at or request.asker.now, request.asker.now),
        ends_at=reading.instant(typed["ends_at"], field="ends_at"),
        rates={one.product.product_id: reading.bps(one.rate, field="rates") for one in picking.chosen(request)},
    )


def _read_change(request: Any, typed: dict[str, str], plan: TargetedPlanShown) -> TargetedPlanChange:
    """Return what was typed; an end that stands as it was shown is the plan's own, to the second.

    Raises:
        Invalid: a field that can't be read.
    """
    ends_at = reading.instant(typed["ends_at"], field="ends_at")
    if typed["ends_at"].strip() == days.shown(plan.ends_at)[:16]:
        ends_at = plan.ends_at
    return TargetedPlanChange(
        name=typed["name"],
        note=typed["note"],
        ends_at=ends_at,
        rates={one.product.product_id: reading.bps(one.rate, field="rates") for one in picking.chosen(request)},
    )


def _promoters(numbers: str) -> list[int]:
    """Return the promoters of typed numbers, apart by spaces, commas or lines.

    Raises:
        Invalid: none, or more than 50. NotFound: a number that is no promoter's.
    """
    wanted = list(dict.fromkeys(numbers.replace(",", " ").replace("，", " ").split()))
    if not 1 <= len(wanted) <= 50:
        raise Invalid(field="numbers", reason_zh="请填写 1 到 50 个推客编号", reason_en="1 to 50 numbers of promoters")
    found = [parties.find(no) if no.isascii() and no.isalnum() else None for no in wanted]
    if any(one is None or one.kind is not PartyKind.PROMOTER for one in found):
        raise NotFound
    return [one.id for one in found if one is not None]
