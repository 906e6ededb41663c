"""`GET /l/<code>?t=<ticket>`: the page behind a short link."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tuike.attribution import queries as attribution
from tuike.attribution.types import BadTicket, LinkFacts, LinkNotFound
from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts, ProductState
from tuike.doors.landing.words import WORDS
from tuike.doors.web import visitor
from tuike.flows.record_touch import record_touch
from tuike.kit import clock, days
from tuike.kit.money import yuan
from tuike.parties import queries as parties
from tuike.runtime import mall

SHOWN = 24


@require_safe
def land(request: HttpRequest, code: str) -> HttpResponse:
    """Show what the link is for and record the touch; an unknown link is 404, an expired one 410, both with words.

    The ticket says the same as the code; one that isn't ours, or another link's, is not looked at further.
    """
    now = clock.now()
    words = WORDS[_language(request)]
    try:
        link = attribution.link_of(code, now=now) if len(code) <= 16 else None
    except (LinkNotFound, BadTicket):
        link = None
    if link is None:
        return _note(request, words, "unknown", 404)
    mark = visitor.found(request.headers.get("Cookie", ""))
    fresh = "" if mark else visitor.fresh()
    if request.method == "GET":
        record_touch(ticket_or_code=link.code, visitor=mark or fresh, now=now)
    answer = _to_mall(link, now) or _page(request, link, words, now)
    if fresh:
        answer.set_cookie(
            visitor.COOKIE,
            fresh,
            max_age=visitor.MAX_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.PRODUCTION,
        )
    return answer


def _to_mall(link: LinkFacts, now: datetime) -> HttpResponse | None:
    """Return the way into the mall's pages, None where they aren't built; a link that is too old is told so here."""
    if not link.good_at(now) or mall.built(mall.home()) is None:
        return None
    page = "product/product" if link.product_id else "shop/shop"
    return _answer(HttpResponseRedirect(f"/m/pages/{page}?c={link.code}"))


def _page(request: HttpRequest, link: LinkFacts, words: dict[str, str], now: datetime) -> HttpResponse:
    if not link.good_at(now):
        return _note(request, words, "expired", 410, until=_last_day(link))
    shop = parties.merchant_facts([link.merchant_id])[link.merchant_id]
    page = catalog.shop_products(merchant_id=link.merchant_id, limit=SHOWN)
    product = _product(request, link, page.products)
    closed = link.product_id is not None and product is None
    skus = catalog.skus_of([product.product_id]).get(product.product_id, ()) if product else ()
    context: dict[str, Any] = {
        "w": words,
        "link": link,
        "until": _last_day(link),
        "url_link": attribution.dress_of(link_id=link.link_id).url_link,
        "shop": shop.name,
        "closed": closed,
        "product": _card(product) if product else None,
        "skus": [{"spec": s.spec, "price": yuan(s.price_fen), "free": s.free} for s in skus if s.on_sale],
        "others": [_card(p) for p in page.products if product is None or p.product_id != product.product_id],
        "whole_shop": link.product_id is None,
    }
    return _answer(render(request, "landing/page.html", context))


def _product(request: HttpRequest, link: LinkFacts, in_shop: tuple[ProductFacts, ...]) -> ProductFacts | None:
    """Return the product to show: the link's own while it is on sale; of a shop's link the one that was chosen."""
    chosen = request.GET.get("p", "")
    if chosen:
        return next((p for p in in_shop if p.product_no == chosen), None)
    if link.product_id is None:
        return None
    found = catalog.product_facts([link.product_id]).get(link.product_id)
    return found if found and found.state is ProductState.ON_SALE else None


def _card(product: ProductFacts) -> dict[str, Any]:
    return {
        "no": product.product_no,
        "title": product.title,
        "subtitle": product.subtitle,
        "price": yuan(product.min_price_fen),
        "free": product.free,
        "picture": _picture(product.pictures[0]) if product.pictures else "",
    }


def _picture(name: str) -> str:
    """Return a picture's address: names of our own files are served below /media/."""
    return name if name.startswith(("/", "https://", "http://")) else f"/media/{name}"


def _last_day(link: LinkFacts) -> str:
    """Return the last natural day on which the material is good: its expiry is the first instant after."""
    return days.day_of(link.expires_at - timedelta(microseconds=1)).isoformat()


def _note(request: HttpRequest, words: dict[str, str], which: str, status: int, **filled: str) -> HttpResponse:
    text = words[f"{which}_text"].format(**filled)
    context = {"w": words, "title": words[f"{which}_title"], "text": text, "reason": f"link_{which}"}
    return _answer(render(request, "landing/note.html", context, status=status))


def _answer(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address carries the ticket
    return answer


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("lang") or get_language() or ""
    return "zh" if asked.lower().startswith("zh") else "en"
