"""Touches: material that was seen."""

from django.http import HttpRequest
from ninja import Router

from tuike.catalog import queries as catalog
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import anybody, maybe_person, visitor_of
from tuike.doors.storefront.kinds import (
    Body,
    IdempotencyKey,
    TicketText,
    Visitor,
)
from tuike.flows.record_touch import record_touch
from tuike.kit import clock
from tuike.parties import queries as parties

router = Router()


class Seen(Body):
    """The ticket of a landing page, or a short code."""

    ticket: TicketText


@router.post("/touches", response=answers.answers(answers.Touch), auth=anybody, tags=["shop"])
def touch(request: HttpRequest, body: Seen, key: IdempotencyKey, visitor: Visitor = "") -> object:
    """Record that material was seen by who is signed in, else by the visitor: it may earn what is bought later."""
    now = clock.now()
    who = maybe_person(request)
    link = record_touch(
        ticket_or_code=body.ticket,
        visitor="" if who else visitor_of(request, visitor),
        buyer_id=who.id if who else None,
        key=key,
        now=now,
    )
    found = catalog.product_facts([link.product_id] if link.product_id else [])
    return {
        "shop": parties.refs([link.merchant_id])[link.merchant_id],
        "product_no": next((one.product_no for one in found.values()), None),
        "expires_at": link.expires_at,
        "good": link.good_at(now),
    }
