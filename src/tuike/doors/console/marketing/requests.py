"""A shop looks for promoters: its published requests, and the directory of those who agreed to be found."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers, lists
from tuike.doors.console.marketing import shared
from tuike.doors.console.merchant import reading
from tuike.doors.console.text import T
from tuike.flows import target_promoters
from tuike.insight.lists import cooperation
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.matching import queries as matching
from tuike.matching.types import NewRequest
from tuike.plans import queries as plans_of

FIELDS = ("plan", "title", "text", "min_level", "open_until")


def page(request: Any) -> HttpResponse:
    """List the shop's requests."""
    asker = request.asker
    return lists.show(
        request,
        cooperation.REQUESTS,
        scope={"merchant": asker.party_id, "now": asker.now.isoformat()},
        title=T("推广需求", "Promotion requests"),
        lead=T(
            "为定向计划公开招募推客：推客可浏览并报名，由您审核。",
            "Look for promoters for a targeted plan: they browse and apply, you decide.",
        ),
        acts="console/marketing/requests_acts.html",
        row="console:merchant-request",
        row_key="title__no",
        empty=(
            T("还没有推广需求", "No request yet"),
            T("选择一个定向计划发布需求，推客就能看到。", "Publish one for a targeted plan, and promoters see it."),
        ),
    )


def new(request: Any) -> HttpResponse:
    """Show the form, or publish what was typed."""
    if request.method == "GET":
        return _form(request, dict.fromkeys(FIELDS, "") | {"plan": request.GET.get("plan", "")[:24]}, None)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        if not typed["plan"]:
            raise Invalid(field="plan", reason_zh="请选择定向计划", reason_en="choose a plan")
        wanted = NewRequest(
            title=typed["title"],
            text=typed["text"],
            min_level=reading.whole(typed["min_level"] or "0", field="min_level"),
            category_ids=tuple(shared.ids(request, "category")),
            open_until=reading.instant(typed["open_until"], field="open_until"),
        )
        target_promoters.publish_request(plan_no=typed["plan"], request=wanted, by=shared.by(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(request, typed, refusal)
    return answers.to(request, answers.url(request, "requests"), toast=T("推广需求已发布", "The request was published"))


def drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one request."""
    asker = request.asker
    found = matching.request_of(merchant_id=asker.party_id, no=no)
    context = {
        "found": found,
        "open": found.open(asker.now),
        "plan": plans_of.plans_by_id([found.plan_id])[0],
        "level": shared.asked(found.min_level),
        "categories": shared.category_names(found.category_ids),
    }
    return answers.drawer(request, "console/marketing/request.html", context)


def close(request: Any, *, no: str) -> HttpResponse:
    """Take no more applications."""
    target_promoters.close_request(no=no, by=shared.by(request))
    return answers.done(T("已停止报名", "No more applications are taken"), refresh="list-changed")


def directory(request: Any) -> HttpResponse:
    """List the promoters who agreed to be found."""
    return lists.show(
        request,
        cooperation.DIRECTORY,
        scope={"categories": shared.filtered_by()},
        title=T("推客名录", "Promoter directory"),
        lead=T(
            "同意被商家找到的推客，展示类目、近 90 天推广等级与转化率，不含个人信息。",
            "Promoters who agreed to be found: categories, level of the last 90 days, conversion; nothing personal.",
        ),
        row="console:merchant-directory-card",
        export=False,
        empty=(
            T("还没有推客公开名片", "No promoter has agreed to be found yet"),
            T("您可以先发布推广需求，等待推客报名。", "Publish a request meanwhile, and let them apply."),
        ),
    )


def card(request: Any, *, promoter_id: int) -> HttpResponse:
    """Show a promoter's card, and the plans that it may be invited into."""
    asker = request.asker
    found = matching.listed_card(promoter_id=promoter_id)
    context = {
        "card": found,
        "level": shared.LEVELS[found.level],
        "categories": shared.category_names(found.category_ids),
        "plans": plans_of.targeted_plans(merchant_id=asker.party_id, running_at=asker.now, limit=50),
    }
    return answers.drawer(request, "console/marketing/card.html", context)


def invite(request: Any, *, promoter_id: int) -> HttpResponse:
    """Invite a promoter of the directory into a plan."""
    found = matching.listed_card(promoter_id=promoter_id)
    target_promoters.invite(
        no=request.POST.get("plan", "")[:24],
        promoter_ids=[found.promoter_id],
        message=request.POST.get("message", ""),
        by=shared.by(request),
    )
    return answers.done(T("邀请已发送", "The invitation was sent"))


def _form(request: Any, typed: dict[str, str], refusal: Refusal | None) -> HttpResponse:
    asker = request.asker
    ticked = shared.ids(request, "category") if request.method == "POST" else []
    context = {
        "typed": typed,
        "errors": reading.problems(refusal) if refusal else {},
        "plans": plans_of.targeted_plans(merchant_id=asker.party_id, running_at=asker.now, limit=100),
        "levels": [(str(n), shared.asked(n).words) for n in shared.LEVELS],
        "categories": shared.categories(ticked, roots=True),
    }
    return render(request, "console/marketing/request_form.html", context, status=422 if refusal else 200)
