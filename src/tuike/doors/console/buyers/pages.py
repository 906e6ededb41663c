"""The buyers' profile: a quarter's groups as charts with tables, images and files; counted anew on the operator's
button."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.buyers.types import EVERYBODY, LEAST, Counted, Section
from tuike.doors.console import answers, text
from tuike.doors.console.buyers import drawn, words
from tuike.doors.console.charts import Chart, as_csv
from tuike.doors.console.home import Number
from tuike.doors.console.text import T
from tuike.doors.web.soon import soon
from tuike.insight import buyer_profile
from tuike.insight.buyer_profile import Named
from tuike.kit import days
from tuike.kit.errors import NotFound

_LEADS = {
    "merchant": T(
        "本店买家是怎样的人群；只看群体，不看个人。", "What the shop's buyers are like: groups, never a single person."
    ),
    "operator": T(
        "全平台买家是怎样的人群；只看群体，不看个人。", "What all buyers are like: groups, never a single person."
    ),
}


def page(request: Any) -> HttpResponse:
    """Show the profile of a quarter, or (`part=csv`) the figures of one of its charts as a file.

    Raises:
        NotFound: a quarter that isn't counted, or no such chart.
    """
    asker = request.asker
    owner = EVERYBODY if asker.party.kind.value == "operator" else asker.party_id
    wanted = request.GET.get("period")
    named = buyer_profile.profile(owner_id=owner, period=_day(wanted) if wanted else None)
    if named is None and wanted:
        raise NotFound
    if request.GET.get("part"):
        return as_csv(_one(request, named), zh=asker.zh)
    return render(request, "console/buyers/page.html", _whole(request, named))


def count(request: Any) -> HttpResponse:
    """Have everything counted anew, up to the end of yesterday."""
    soon("count_buyers")
    return answers.done(
        T(
            "已开始重新统计，一般一分钟内完成，之后刷新本页。",
            "Counting has begun; it usually takes a minute. Reload the page then.",
        )
    )


def _day(typed: str) -> date:
    """Return the day that an address names.

    Raises:
        NotFound: it names none.
    """
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise NotFound from error


def _one(request: Any, named: Named | None) -> Chart:
    of, zh = request.GET.get("of", ""), request.asker.zh
    sections = {one.value for one in words.TITLES} | {words.WORTH}
    if request.GET["part"] != "csv" or of not in sections or named is None or named.profile.total is None:
        raise NotFound
    if of == words.WORTH:
        return drawn.worth(named, zh=zh, url="", file=True)
    return drawn.chart(named, Section(of), zh=zh, url="", file=True)


def _whole(request: Any, named: Named | None) -> Mapping[str, Any]:
    kind, zh = request.asker.party.kind.value, request.asker.zh
    context: dict[str, Any] = {
        "lead": _LEADS[kind],
        "may_count": kind == "operator" and request.asker.may("operator-buyers-count", "POST"),
        "least": LEAST,
        "profile": None,
    }
    if named is None:
        return context
    profile = named.profile
    context |= {
        "profile": profile,
        "counted_at": days.shown(profile.counted_at)[:16],
        "periods": [(one.isoformat(), words.quarter(one), one == profile.period) for one in profile.periods],
        "quarter": words.quarter(profile.period),
    }
    if profile.total is None:
        return context
    query = f"?period={profile.period}&part=csv&of="
    return context | {
        "numbers": _numbers(profile.total, named),
        "parts": [
            (said, [drawn.chart(named, one, zh=zh, url=f"{query}{one}") for one in sections])
            for said, sections in words.PARTS
        ],
        "worth": drawn.worth(named, zh=zh, url=f"{query}{words.WORTH}"),
    }


def _numbers(total: Counted, named: Named) -> list[Number]:
    """Return the cards: what all buyers of the quarter come to, and two parts of them where those are shown."""

    def part(section: Section, key: str, *, rest: bool = False) -> str:
        found = {one.key: one.counted for one in named.profile.sections[section]}
        one = found.get(key, Counted(0, 0, 0, 0))
        if one is None:
            return "—"
        many = total.buyers - one.buyers if rest else one.buyers
        return text.rate_shown(many * 10_000 // total.buyers)

    return [
        Number(T("买家", "Buyers"), text.count_shown(total.buyers)),
        Number(T("订单", "Orders"), text.count_shown(total.orders)),
        Number(
            T("净额", "Net"), text.money_shown(total.net_fen), hint=T("商品实付减退款", "paid for lines less refunds")
        ),
        Number(T("每单净额", "Net an order"), text.money_shown(total.net_fen // total.orders)),
        Number(T("人均净额", "Net a buyer"), text.money_shown(total.net_fen // total.buyers)),
        Number(T("新买家占比", "New buyers"), part(Section.ARRIVAL, "new")),
        Number(
            T("复购占比", "Bought again"),
            part(Section.TIMES, "0", rest=True),
            hint=T("本季度下单两次及以上", "two orders or more in the quarter"),
        ),
    ]
