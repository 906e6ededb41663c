"""Distribution policy: the default rate, tiers for recruiters, self-purchases, and binding buyers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console import answers
from tuike.doors.console.guard import Asker
from tuike.doors.console.merchant import publishing, reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.flows.publish_rates import Wanted
from tuike.insight import rates
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import queries as parties
from tuike.parties import service as parties_of
from tuike.parties.types import BindingMode
from tuike.plans import queries as plans
from tuike.plans.types import Layer, SelfScope
from tuike.settings import service as settings

TIERS = {
    1: (
        T("店铺默认佣金率", "Shop's default rate"),
        T(
            "没有类目和主推佣金率的商品按此计算，不能低于平台基准。",
            "For products without a category or main rate; not below the benchmark.",
        ),
    ),
    2: (T("二级分佣", "Tier 2"), T("付给推客的推荐人。", "For the recruiter of the promoter.")),
    3: (T("三级分佣", "Tier 3"), T("付给推荐人的推荐人。", "For the recruiter's recruiter.")),
}
BINDING = {
    BindingMode.OFF: T("不绑定", "Off"),
    BindingMode.FIRST: T("首次触达绑定", "The first touch binds"),
    BindingMode.LAST: T("最后触达绑定", "The last touch binds"),
}


def page(request: HttpRequest) -> HttpResponse:
    """Show the policy as it holds, and what the next midnight changes."""
    asker = who(request)
    midnight = next_midnight(asker.now)
    today = rates.held_at(merchant_id=asker.party_id, at=asker.now, layers=(Layer.DEFAULT, Layer.TIER, Layer.SELF))
    then = rates.held_at(merchant_id=asker.party_id, at=midnight, layers=(Layer.DEFAULT, Layer.TIER, Layer.SELF))
    merchant = parties.merchant_facts([asker.party_id])[asker.party_id]
    most = settings.get("max_paid_tiers")
    context = {
        "tiers": [(tier, *words, _tier(today, tier), _tier(then, tier), tier <= most) for tier, words in TIERS.items()],
        "selves": _selves(today, then),
        "most": most,
        "midnight": midnight,
        "merchant": merchant,
        "modes": [(mode.value, words, mode is merchant.binding_mode) for mode, words in BINDING.items()],
        "binding": BINDING[merchant.binding_mode],
        "tree": rates.category_rates(merchant_id=asker.party_id, now=asker.now),
        "campaigns": plans.campaigns(merchant_id=asker.party_id, limit=50),
        "may": asker.may("merchant-policy-tiers", "POST"),
        "may_bind": asker.may("merchant-policy-binding", "POST"),
    }
    return render(request, "console/merchant/policy.html", context)


def tiers(request: HttpRequest) -> HttpResponse:
    """Look at or publish the default rate and the tiers; an empty field switches one off."""
    try:
        typed = {tier: request.POST.get(f"tier{tier}", "").strip() for tier in TIERS}
        wanted = {tier: reading.bps(text, field=f"tier{tier}") if text else None for tier, text in typed.items()}
    except Invalid as refusal:
        return publishing.unreadable(request, refusal)
    return publishing.answer(request, Wanted(tiers=wanted), back="policy")


def self_purchase(request: HttpRequest) -> HttpResponse:
    """Look at or publish one rule for promoters' own purchases; `remove` takes it away."""
    asker, post = who(request), request.POST
    try:
        scope = _scope(asker, post)
        rate = None if post.get("remove") == "1" else reading.bps(post.get("rate", ""), field="rate")
    except Invalid as refusal:
        return publishing.unreadable(request, refusal)
    return publishing.answer(request, Wanted(self_purchase={scope: rate}), back="policy")


def binding(request: HttpRequest) -> HttpResponse:
    """Say whether buyers are bound to promoters, and for how long."""
    asker = who(request)
    try:
        mode = BindingMode(request.POST.get("mode", ""))
    except ValueError as error:
        raise NotFound from error
    days = 0 if mode is BindingMode.OFF else reading.whole(request.POST.get("days", ""), field="days")
    parties_of.set_binding(merchant_id=asker.party_id, mode=mode, days=days, actor=asker.actor, now=asker.now)
    return answers.to(request, answers.url(request, "policy"), toast=T("已保存，立即生效", "Saved; it holds at once"))


def _scope(asker: Asker, post: Any) -> tuple[SelfScope, int]:
    """Return what a rule is for.

    Raises:
        Invalid: no such scope, product, category or campaign.
    """
    kind, id_ = post.get("scope", ""), post.get("id", "")
    if kind == SelfScope.ALL:
        return SelfScope.ALL, 0
    if kind == SelfScope.PRODUCT:
        no = post.get("product", "").strip()
        found = catalog.own_ids(merchant_id=asker.party_id, product_nos=[no]).get(no)
        found = found or (int(id_) if id_.isdecimal() and len(id_) < 19 else None)
        if found is None:
            raise Invalid(field="product", reason_zh="没有这个商品编号", reason_en="no product has this number")
        return SelfScope.PRODUCT, found
    name = {SelfScope.CATEGORY: "category", SelfScope.CAMPAIGN: "campaign"}.get(kind)
    given = post.get(name, "") or id_ if name else ""
    if not given.isdecimal() or len(given) > 18:
        raise Invalid(field="scope", reason_zh="请选择适用范围", reason_en="choose a scope")
    return SelfScope(kind), int(given)


def _tier(rows: list[rates.RateChange], tier: int) -> int | None:
    """Return what holds for a tier; tier 1 is the default."""
    for row in rows:
        if row.tier == tier or (tier == 1 and row.layer is Layer.DEFAULT):
            return row.rate_bps
    return None


def _selves(today: list[rates.RateChange], then: list[rates.RateChange]) -> list[dict[str, Any]]:
    """Return the rules of self-purchases by scope: now and from midnight, with what takes one away."""
    found: dict[str, dict[str, Any]] = {}
    for name, rows in (("now", today), ("then", then)):
        for row in rows:
            if row.layer is Layer.SELF:
                _, _, kind, id_ = row.scope.split(":")
                one = found.setdefault(row.scope, {"row": row, "kind": kind, "id": id_, "now": None, "then": None})
                one[name] = row.rate_bps
    return list(found.values())
