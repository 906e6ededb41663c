"""A promoter's grade with the way to the next, and the bonuses for targets that are open to it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.rewards.offers import MEASURES, PHASES, category_names, phase_of
from tuike.insight import offers as insight
from tuike.insight.grade_progress import progress_of
from tuike.kit.errors import NotFound
from tuike.plans import queries as plans
from tuike.settings import service as settings


def grade(request: Any) -> HttpResponse:
    """Show the step, what it adds, and what the next one takes."""
    asker = request.asker
    found = progress_of(asker.party_id, now=asker.now)
    whole = found.next.threshold(by_orders=found.by_orders) if found.next else 0
    context = {
        "found": found,
        "whole": whole,
        "percent": 100 if not whole else min(100, found.measured * 100 // whole),
        "ladder": plans.ladder(),
        "grace": settings.get("grade_grace_days"),
    }
    return render(request, "console/rewards/grade.html", context)


def page(request: Any) -> HttpResponse:
    """Show the offers that are open, and those that the promoter had to do with."""
    asker = request.asker
    found = insight.reaching(promoter_id=asker.party_id, now=asker.now)
    shown = [(one, PHASES[phase_of(one.offer, asker.now)], MEASURES[one.offer.measure.value]) for one in found]
    context = {
        "open": [row for row in shown if row[0].offer.ends_at > asker.now and row[0].offer.state.value == "published"],
        "over": [row for row in shown if row[0].offer.ends_at <= asker.now or row[0].offer.state.value != "published"],
        "settle_days": settings.get("settle_days.reward"),
    }
    return render(request, "console/rewards/reaching.html", context)


def one(request: Any, *, no: str) -> HttpResponse:
    """Show an offer with the promoter's own awards and their proof."""
    asker = request.asker
    found = insight.reaching_one(promoter_id=asker.party_id, no=no, now=asker.now)
    if found is None:
        raise NotFound
    context = {
        "offer": found.offer,
        "name": found.offer.name,
        "no": found.offer.no,
        "found": found,
        "own": True,
        "titles": insight.titles(found.offer.product_ids),
        "categories": category_names(found.offer),
        "proofs": insight.proofs(offer_id=found.offer.offer_id, promoter_id=asker.party_id),
        "most": insight.MOST_SALES,
    }
    return answers.drawer(request, "console/rewards/proof.html", context)
