"""Choosing a shop's own products in a form: typed characters find them, a click puts one into the form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.insight import own_products
from tuike.insight.own_products import OwnProductFound
from tuike.insight.plan_goods import public_rates
from tuike.kit.errors import NotFound

MOST = 200


@dataclass(frozen=True, slots=True)
class Picked:
    """A product in the form; `rate` is what was typed for it, `public_bps` what everybody gets on it now."""

    product: OwnProductFound
    public_bps: int
    rate: str = ""


def pick(request: Any) -> HttpResponse:
    """Return what a search finds, or (`one`) a found product as a row of the form; `rated` rows ask for a rate, those
    with `terms` for all that an enrolment in a leader's activity says."""
    rated, terms = request.GET.get("rated") == "1", request.GET.get("terms") == "1"
    if one := request.GET.get("one", ""):
        found = picked(request, [one[:40]])
        if not found:
            raise NotFound
        if terms:
            return render(request, "console/cooperation/terms_rows.html", {"rows": found})
        return render(request, "console/marketing/picked.html", {"picked": found, "rated": rated})
    text = request.GET.get("q", "").strip()[:60].replace("\0", "")
    context = {
        "found": own_products.search(merchant_id=request.asker.party_id, text=text),
        "rated": rated,
        "terms": terms,
        "text": text,
    }
    return render(request, "console/marketing/found.html", context)


def picked(request: Any, nos: list[str]) -> list[Picked]:
    """Return the shop's own products of these numbers with the public rate that each has now."""
    asker = request.asker
    found = own_products.by_number(merchant_id=asker.party_id, nos=[no.replace("\0", "") for no in nos[:MOST]])
    rates = public_rates(asker.party_id, [one.product_id for one in found], asker.now)
    return [Picked(one, rates.get(one.product_id, 0), request.POST.get(f"rate_{one.no}", "")) for one in found]


def chosen(request: Any) -> list[Picked]:
    """Return what the form sent as chosen."""
    return picked(request, request.POST.getlist("product"))


def rated(request: Any, rates: Mapping[int, int]) -> list[Picked]:
    """Return the products of a plan with their rates as a person types them, in the order of their numbers."""
    asker = request.asker
    facts = catalog.product_facts(rates)
    found = own_products.by_number(merchant_id=asker.party_id, nos=sorted(one.product_no for one in facts.values()))
    public = public_rates(asker.party_id, list(rates), asker.now)
    return [Picked(one, public.get(one.product_id, 0), _typed(rates[one.product_id])) for one in found]


def _typed(bps: int) -> str:
    return f"{bps // 100}.{bps % 100:02}".rstrip("0").rstrip(".")
