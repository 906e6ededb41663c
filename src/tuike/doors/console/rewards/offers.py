"""Bonuses for targets of a shop, at the operator's desk of the platform: drafted, funded and published, followed."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.rewards import scoping
from tuike.doors.console.text import T, Tag, when_shown
from tuike.flows import run_offers
from tuike.flows.tend_rewards import close_offer, publish_offer
from tuike.insight import offers as insight
from tuike.insight.lists import offers as listed
from tuike.kit.days import exact_days
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.rewards import queries as rewards
from tuike.rewards.types import Measure, NewOffer, OfferShown, OfferState
from tuike.settings import service as settings

FIELDS = ("name", "measure", "target", "reward", "budget", "starts_at", "ends_at", "scope")
PHASES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in listed.PHASES.items()}
MEASURES = {key: T(zh, en) for key, (zh, en, _) in listed.MEASURES.items()}
FUNDS = {
    "available": T("店铺可用余额", "The shop's available balance"),
    "prepaid": T("佣金预存余额", "The prepaid balance"),
    "promotion": T("平台推广账户", "The platform's promotion account"),
}


def page(request: Any) -> HttpResponse:
    """List the offers."""
    asker, platform = request.asker, request.asker.owner_id is None
    return lists.show(
        request,
        listed.PLATFORM_OFFERS if platform else listed.OFFERS,
        scope={"now": asker.now.isoformat()} | ({} if platform else {"merchant": asker.party_id}),
        title=T("目标奖励", "Target bonuses"),
        lead=T(
            "推客在期限内卖够目标即得固定奖励。预算先存入专用账户，发完即止；退款后低于目标的收回，结束后余额退回。",
            "Who sells enough in time gets a fixed sum. The budget is set aside first and stops exactly; who falls"
            " under the target after refunds gives it back, and the rest returns after the end.",
        ),
        acts="console/rewards/offers_acts.html" if asker.may(f"{asker.party.kind}-offer-new", "POST") else "",
        row=f"console:{asker.party.kind}-offer",
        row_key="name__no",
        row_open="page",
        empty=(
            T("还没有目标奖励", "No target bonus yet"),
            T(
                "新建一个，先存为草稿，存入预算后发布。",
                "Make one: a draft first, published once its budget is set aside.",
            ),
        ),
    )


def new(request: Any) -> HttpResponse:
    """Show the form, or keep the draft that was typed."""
    if request.method == "GET":
        first = {"measure": "pieces", "scope": "all", "starts_at": when_shown(request.asker.now)}
        return _form(request, first, None)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        no = run_offers.create_offer(
            merchant_id=request.asker.owner_id,
            offer=_read(request, typed),
            actor=request.asker.actor,
            key=asker_key(request),
            now=request.asker.now,
        )
    except Refusal as refusal:
        return _form(request, typed, refusal)
    return answers.to(
        request,
        answers.url(request, "offer", no=no),
        toast=T("草稿已保存，核对后发布", "Kept as a draft; check and publish it"),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show an offer: its terms, its account, and how far each promoter is."""
    asker, offer = request.asker, rewards.offer(merchant_id=request.asker.owner_id, no=no)
    if offer.state is OfferState.DELETED:
        raise NotFound
    draft, kind = offer.state is OfferState.DRAFT, asker.party.kind
    extra = {
        "offer": offer,
        "phase": PHASES[phase_of(offer, asker.now)],
        "measure": MEASURES[offer.measure.value],
        "draft": draft,
        "account_fen": insight.account_fen(offer.offer_id),
        "funding": insight.funding(merchant_id=request.asker.owner_id),
        "titles": insight.titles(offer.product_ids),
        "categories": category_names(offer),
        "used": offer.granted_fen * 100 // offer.budget_fen,
        "closes_at": exact_days(offer.ends_at, settings.get("reward_late_days")),
        "settle_days": settings.get("settle_days.reward"),
        "may_publish": draft and asker.may(f"{kind}-offer-publish", "POST"),
        "may_delete": draft and asker.may(f"{kind}-offer-delete", "POST"),
        "may_close": offer.state is OfferState.PUBLISHED and asker.may(f"{kind}-offer-close", "POST"),
        "free_fen": offer.budget_fen - offer.granted_fen,
    }
    extra["fund"] = FUNDS[extra["funding"].purpose]
    return lists.show(
        request,
        listed.PROGRESS_PAID if offer.measure is Measure.PAID else listed.PROGRESS,
        scope={"offer": offer.offer_id},
        title=T("目标奖励", "Target bonus"),
        template="console/rewards/offer.html",
        acts="console/rewards/offer_acts.html",
        row=lambda data: answers.url(request, "offer-promoter", no=no, promoter=data["promoter__no"]),
        top="console/rewards/offer_top.html",
        extra=extra,
        empty=(
            T("还没有推客的销售计入", "Nobody's sales count yet"),
            T("发布后，期限内经推客成交的订单会计入。", "Once it is published, what promoters sell in time counts."),
        ),
    )


def promoter(request: Any, *, no: str, promoter: str) -> HttpResponse:
    """Show a promoter's awards of an offer with their proof, and what was taken back."""
    offer, party = rewards.offer(merchant_id=request.asker.owner_id, no=no), parties.find(promoter)
    if party is None or party.kind is not PartyKind.PROMOTER:
        raise NotFound
    progress = rewards.progress(offer_id=offer.offer_id, promoter_id=party.id)
    if not progress:
        raise NotFound
    context = {
        "offer": offer,
        "name": parties.promoter_facts([party.id])[party.id].name,
        "no": party.no,
        "progress": progress[0],
        "proofs": insight.proofs(offer_id=offer.offer_id, promoter_id=party.id),
        "most": insight.MOST_SALES,
    }
    return answers.drawer(request, "console/rewards/proof.html", context)


def publish(request: Any, *, no: str) -> HttpResponse:
    """Set the budget aside and publish the offer."""
    publish_offer(merchant_id=request.asker.owner_id, no=no, actor=request.asker.actor, now=request.asker.now)
    return answers.to(
        request,
        answers.url(request, "offer", no=no),
        toast=T("已发布，预算已存入", "Published; its budget is set aside"),
    )


def close(request: Any, *, no: str) -> HttpResponse:
    """Close a published offer before its end."""
    close_offer(
        merchant_id=request.asker.owner_id,
        no=no,
        actor=request.asker.actor,
        key=asker_key(request),
        now=request.asker.now,
    )
    return answers.to(
        request,
        answers.url(request, "offer", no=no),
        toast=T("已提前结束，未用预算已退回", "Closed; what was left of the budget went back"),
    )


def delete(request: Any, *, no: str) -> HttpResponse:
    """Delete a draft."""
    run_offers.delete_offer(merchant_id=request.asker.owner_id, no=no, actor=request.asker.actor, now=request.asker.now)
    return answers.to(request, answers.url(request, "offers"), toast=T("草稿已删除", "The draft is deleted"))


def category_names(offer: OfferShown) -> list[T]:
    """Return the names of the categories that an offer counts."""
    return [T(one.name, one.name_en or one.name) for one in insight.categories(offer.category_ids)]


def phase_of(offer: OfferShown, now: datetime) -> str:
    """Return where an offer stands, as the lists say it."""
    if offer.stopped:
        return "stopped"
    if offer.state is not OfferState.PUBLISHED:
        return offer.state.value
    if now < offer.starts_at:
        return "coming"
    if now >= offer.ends_at:
        return "ended"
    return "spent" if offer.granted_fen + offer.reward_fen > offer.budget_fen else "running"


def _form(request: Any, typed: dict[str, str], refusal: Refusal | None) -> HttpResponse:
    funding = insight.funding(merchant_id=request.asker.owner_id)
    context = {
        "typed": typed,
        "errors": reading.problems(refusal) if refusal else {},
        "measures": MEASURES,
        "platform": request.asker.owner_id is None,
        "fund": FUNDS[funding.purpose],
        "funding": funding,
        "categories": scoping.category_choices(request),
        "picked": scoping.chosen(request) if request.method == "POST" else [],
    }
    return render(request, "console/rewards/offer_form.html", context, status=422 if refusal else 200)


def _read(request: Any, typed: dict[str, str]) -> NewOffer:
    """Return the offer that was typed.

    Raises:
        Invalid: a field that can't be read.
    """
    try:
        measure = Measure(typed["measure"])
    except ValueError as error:
        raise Invalid(field="measure", reason_zh="请选择按什么计", reason_en="choose what counts") from error
    read = reading.fen if measure is Measure.PAID else reading.whole
    return NewOffer(
        name=typed["name"],
        measure=measure,
        target=read(typed["target"], field="target"),
        reward_fen=reading.fen(typed["reward"], field="reward_fen"),
        budget_fen=reading.fen(typed["budget"], field="budget_fen"),
        starts_at=reading.instant(typed["starts_at"], field="starts_at"),
        ends_at=reading.instant(typed["ends_at"], field="ends_at"),
        product_ids=scoping.products(request, typed["scope"]),
        category_ids=scoping.categories(request, typed["scope"]),
    )
