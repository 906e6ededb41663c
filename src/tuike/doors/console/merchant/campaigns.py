"""Campaigns: the list, a new one looked at before it is published, one with its budget, stopping."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console import answers, lists
from tuike.doors.console.merchant import mains, publishing, reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T, when_shown
from tuike.flows import change_campaigns
from tuike.flows.publish_rates import Wanted
from tuike.insight import rates as insight
from tuike.insight.campaigns_beside import campaigns_beside
from tuike.insight.lists import merchant_plans
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.plans import queries as plans
from tuike.plans.types import CampaignShown, NewCampaign


def page(request: HttpRequest) -> HttpResponse:
    """Show the campaigns."""
    asker = who(request)
    return lists.show(
        request,
        merchant_plans.CAMPAIGNS,
        scope=mains.scope(asker),
        title=T("限时活动", "Campaigns"),
        lead=T(
            "在一段时间内用更高的佣金率和每件奖金激励推客；有预算的活动花完即止，一分不超。",
            "A higher rate and a bonus a piece for a while. One with a budget stops exactly when it is spent.",
        ),
        acts="console/merchant/campaigns_acts.html" if asker.may("merchant-campaign-new", "POST") else "",
        row="console:merchant-campaign",
        row_key="name__no",
        empty=(T("还没有活动", "No campaigns yet"), T("新建一个限时活动。", "Make a campaign.")),
    )


def new(request: HttpRequest) -> HttpResponse:
    """Show the form; look at or publish what is typed."""
    asker = who(request)
    if request.method == "GET":
        tree = insight.category_rates(merchant_id=asker.party_id, now=asker.now)
        context = {"tree": tree, "starts": when_shown(next_midnight(asker.now)), "now": when_shown(asker.now)}
        return render(request, "console/merchant/campaign_new.html", context)
    try:
        wanted = Wanted(campaign=_typed(request))
    except Invalid as refusal:
        return publishing.unreadable(request, refusal)
    return publishing.answer(request, wanted, back="campaigns")


def drawer(request: HttpRequest, no: str) -> HttpResponse:
    """Show one campaign: its period, scope, budget and what orders hold of it."""
    asker = who(request)
    one = _own(asker.party_id, no)
    rows = insight.campaign_scope(merchant_id=asker.party_id, campaign_id=one.campaign_id)
    context = {
        "one": one,
        "rows": rows,
        "beside": campaigns_beside(merchant_id=asker.party_id, campaign=one, now=asker.now),
        "over": one.stopped_at is not None or one.ends_at <= next_midnight(asker.now),
        "midnight": next_midnight(asker.now),
        "used": None if not one.budget_fen else min(100, one.reserved_fen * 100 // one.budget_fen),
        "may": asker.may("merchant-campaign-stop", "POST"),
    }
    return answers.drawer(request, "console/merchant/campaign.html", context)


def stop(request: HttpRequest, no: str) -> HttpResponse:
    """Stop a campaign from the next midnight on."""
    asker = who(request)
    one = _own(asker.party_id, no)
    at = change_campaigns.stop_campaign(
        merchant_id=asker.party_id, campaign_id=one.campaign_id, actor=asker.actor, now=asker.now
    )
    return answers.done(T("活动将于 {at} 停止", "It stops at {at}").fill(at=when_shown(at)), refresh="list-changed")


def budget(request: HttpRequest, no: str) -> HttpResponse:
    """Change a campaign's budget, at once."""
    asker = who(request)
    one = _own(asker.party_id, no)
    fen = reading.fen(request.POST.get("budget", ""), field="budget")
    change_campaigns.change_budget(
        merchant_id=asker.party_id, campaign_id=one.campaign_id, budget_fen=fen, actor=asker.actor, now=asker.now
    )
    return answers.done(T("预算已修改", "The budget is changed"), refresh="list-changed")


def _own(merchant_id: int, no: str) -> CampaignShown:
    found = plans.campaign_by_no(merchant_id=merchant_id, no=no)
    if found is None:
        raise NotFound
    return found


def _typed(request: HttpRequest) -> NewCampaign:
    asker, post = who(request), request.POST
    scope = post.get("scope", "all")
    products: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    if scope == "products":
        nos = [one for one in post.get("products", "").replace(",", " ").split() if one]
        ids = catalog.own_ids(merchant_id=asker.party_id, product_nos=nos)
        ticked = [one.product_id for one in mains.chosen(asker, post.getlist("ids"))]
        missing = [no for no in nos if no not in ids]
        if missing or not (ids or ticked):
            raise Invalid(field="products", reason_zh="请选择自己的商品", reason_en="choose products of your own")
        products = tuple(dict.fromkeys([*ids.values(), *ticked]))
    elif scope == "categories":
        given = post.getlist("categories")
        categories = tuple(int(one) for one in given if one.isdecimal() and len(one) < 19)
        if not categories:
            raise Invalid(field="categories", reason_zh="请选择类目", reason_en="choose categories")
    cap = post.get("budget", "").strip()
    starts = asker.now if post.get("at_once") == "1" else reading.instant(post.get("starts", ""), field="starts")
    return NewCampaign(
        name=post.get("name", ""),
        starts_at=starts,
        ends_at=reading.instant(post.get("ends", ""), field="ends"),
        rate_bps=reading.bps(post.get("rate", ""), field="rate"),
        bonus_fen=_bonus(post, "bonus"),
        order_bonus_fen=_bonus(post, "order_bonus"),
        first_order_bonus_fen=_bonus(post, "first_order_bonus"),
        budget_fen=reading.fen(cap, field="budget") if cap else None,
        product_ids=products,
        category_ids=categories,
    )


def _bonus(post: Any, name: str) -> int:
    typed = post.get(name, "").strip()
    return reading.fen(typed, field=name) if typed else 0
