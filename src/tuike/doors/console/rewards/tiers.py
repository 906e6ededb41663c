"""The operator's tiers for every shop without its own, with the law's note where they are switched on."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console.operator.drawn import Field, Form, asked, typed_bps
from tuike.doors.console.text import T, day_shown, rate_shown
from tuike.flows import govern_alliance as govern
from tuike.insight.overall_tiers import overall_tiers
from tuike.kit.days import next_midnight
from tuike.settings import service as settings

TIERS = {
    2: (T("二级分佣", "Tier 2"), T("付给推客的推荐人", "Paid to the promoter's recruiter")),
    3: (T("三级分佣", "Tier 3"), T("付给推荐人的推荐人", "Paid to the recruiter's recruiter")),
}
LAW = T(
    "《禁止传销条例》：分佣只能按卖出的商品计提，不得按发展人数、入门费或团队业绩计提，连同直推最多三级。",
    "The regulation against pyramid selling: shares come from goods sold only, never from heads, entry fees or a team's"
    " totals; at most three tiers, the promoter's own included.",
)


def page(request: Any) -> HttpResponse:
    """Show what holds for shops without tiers of their own, and what the next midnight changes."""
    found, most = overall_tiers(at=request.asker.now), settings.get("max_paid_tiers")
    context = {
        "rows": [
            (tier, *words, found.now.get(tier), found.then.get(tier), found.own.get(tier, 0), tier <= most)
            for tier, words in TIERS.items()
        ],
        "most": most,
        "law": LAW,
        "midnight": next_midnight(request.asker.now),
        "may": request.asker.may("operator-tiers-set", "POST"),
    }
    return render(request, "console/rewards/tiers.html", context)


def change(request: Any) -> HttpResponse:
    """Ask for the overall tiers, and publish them from the next midnight on; an empty field switches one off."""
    then, most = overall_tiers(at=request.asker.now).then, settings.get("max_paid_tiers")
    midnight = next_midnight(request.asker.now)
    open_ = [tier for tier in TIERS if tier <= most or tier in then]
    form = Form(
        T("设置全平台分佣", "Set the overall tiers"),
        request.path,
        T("发布", "Publish"),
        fields=[
            Field(
                f"tier{tier}",
                TIERS[tier][0],
                "percent",
                value=rate_shown(then[tier]).removesuffix("%") if tier in then else "",
                hint=TIERS[tier][1],
                required=False,
            )
            for tier in open_
        ],
        lead=T(
            "{day} 0:00 起对没有自设分佣的店铺生效；留空即关闭。"
            "任何店铺的任何订单，最高佣金、最高等级、分佣、服务费与奖金合计不得超过售价的 90%，否则不能发布。",
            "In force from {day} 0:00 for shops without tiers of their own; empty switches one off. Of any order of any"
            " shop at most 90 % may be paid out: highest rate, highest grade, tiers, service fee and bonuses together;"
            " what could exceed it is refused.",
        ).fill(day=day_shown(midnight)),
        note=LAW,
        danger=True,
    )

    def work() -> T:
        wanted = {tier: typed_bps(request, f"tier{tier}", empty=True) or None for tier in open_}
        changed = {tier: rate for tier, rate in wanted.items() if rate != then.get(tier)}
        if not changed:
            return T("没有变化", "Nothing changed")
        written = govern.set_overall_tiers(tier_bps=changed, actor=request.asker.actor, now=request.asker.now)
        return T("已发布，{day} 0:00 起生效", "Published, in force from {day} 0:00").fill(
            day=day_shown(written.effective_at)
        )

    return asked(request, form, work, refresh="tiers-changed")
