"""What all forms of rates share: looked at first (what changes from when, who would be owed what), then published."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.commission.types import Funder, Role, Share
from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T, when_shown
from tuike.flows import publish_rates
from tuike.flows.publish_rates import Preview, Sample, Wanted
from tuike.insight.campaigns_beside import campaigns_beside
from tuike.kit.errors import Refusal
from tuike.plans.types import Layer

LAYERS = {
    Layer.CAMPAIGN: T("活动", "Campaign"),
    Layer.LEADER: T("团长合作", "Leader's activity"),
    Layer.TARGETED: T("定向计划", "Targeted plan"),
    Layer.MAIN: T("主推商品", "Main product"),
    Layer.CATEGORY: T("类目", "Category"),
    Layer.DEFAULT: T("店铺默认", "Shop's default"),
    Layer.BENCHMARK: T("平台基准", "Benchmark"),
    Layer.TIER: T("分销层级", "Tier"),
    Layer.SELF: T("自购", "Self-purchase"),
    Layer.NONE: T("无", "None"),
}
ROLES = {
    Role.DIRECT: T("直推推客", "The promoter"),
    Role.SELF: T("推客自购", "The promoter's own purchase"),
    Role.BONUS: T("活动奖金", "Campaign bonus"),
    Role.TIER2: T("二级（推客的推荐人）", "Tier 2 (the recruiter)"),
    Role.TIER3: T("三级（推荐人的推荐人）", "Tier 3 (the recruiter's recruiter)"),
    Role.LEADER: T("团长服务费", "Leader's service fee"),
    Role.PLATFORM: T("平台（从直推佣金中）", "The platform (out of direct)"),
}


def answer(request: HttpRequest, wanted: Wanted, *, back: str) -> HttpResponse:
    """Publish what is wanted, or show what publishing it would do; `back` is the page to go to afterwards.

    Raises:
        the refusals of publish_rates.publish, when it was to be published.
    """
    asker = who(request)
    if request.POST.get("step") != "publish":
        return _preview(request, wanted)
    done = publish_rates.publish(
        merchant_id=asker.party_id, wanted=wanted, actor=asker.actor, now=asker.now, key=asker_key(request)
    )
    words = T("已发布，{at} 起生效", "Published; it holds from {at}").fill(at=when_shown(done.effective_at))
    return answers.to(request, answers.url(request, back), toast=words)


def unreadable(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say in the place of a preview why nothing can be previewed."""
    return render(request, "console/merchant/preview.html", {"errors": reading.problems(refusal)}, status=422)


def _preview(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    asker = who(request)
    try:
        seen = publish_rates.preview(merchant_id=asker.party_id, wanted=wanted, actor=asker.actor, now=asker.now)
    except Refusal as refusal:
        return unreadable(request, refusal)
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", "step")
    ]
    context: dict[str, Any] = {**shown(seen), "hidden": kept, "action": request.path}
    if wanted.campaign is not None:
        context["beside"] = campaigns_beside(merchant_id=asker.party_id, campaign=wanted.campaign, now=asker.now)
    return render(request, "console/merchant/preview.html", context)


def shown(seen: Preview) -> dict[str, Any]:
    """Return a preview as the template draws it."""
    return {
        "seen": seen,
        "outlooks": [(one, LAYERS[one.before.layer], LAYERS[one.after.layer]) for one in seen.outlooks],
        "lifts": [(one, LAYERS[one.layer], seen.lifted.get(one.product_id or 0)) for one in seen.lifts],
        "samples": [_sample(one) for one in seen.samples],
    }


def _sample(one: Sample) -> dict[str, Any]:
    columns = [one.before, one.usual, one.worst]
    roles = [role for role in ROLES if any(share.role is role for column in columns for share in column)]
    sums = [sum(share.amount_fen for share in column) for column in columns]
    price = one.product.min_price_fen
    return {
        "product": one.product,
        "rows": [(ROLES[role], [_amount(column, role) for column in columns]) for role in roles],
        "sums": sums,
        "parts": [fen * 10_000 // price for fen in sums],
        "own_bps": one.own_bps,
        "own_fen": None if one.own_bps is None else price * one.own_bps // 10_000,
        "left": [price - _from_merchant(column) for column in columns],
        "by_platform": any(share.funder is Funder.PLATFORM for share in one.usual),
    }


def _amount(column: Sequence[Share], role: Role) -> int | None:
    found = [share.amount_fen for share in column if share.role is role]
    return sum(found) if found else None


def _from_merchant(column: Sequence[Share]) -> int:
    return sum(share.amount_fen for share in column if share.funder is Funder.MERCHANT)
