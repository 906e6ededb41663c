"""Tickets: what a link hands on to the storefront, signed so that nobody can write one of their own."""

import json
from datetime import UTC, datetime

from django.core import signing

from tuike.attribution.types import Scope, TicketFacts, TicketFault, TicketReading

_SALT = "tuike.attribution.ticket"
_LONGEST = 300


def issue_ticket(facts: TicketFacts) -> str:
    """Return the signed text of a ticket (at most 300 characters, safe in an address)."""
    content = [
        facts.code,
        facts.pid,
        "p" if facts.scope == Scope.PRODUCT else "m",
        facts.target,
        facts.activity_no,
        int(facts.issued_at.timestamp()),
        int(facts.expires_at.timestamp()),
    ]
    packed = signing.b64_encode(json.dumps(content, separators=(",", ":")).encode()).decode()
    return _signer().sign(packed)


def read_ticket(text: str, *, now: datetime) -> TicketReading:
    """Return what a ticket says, or its fault; an expired one has both. Times are whole seconds.

    A ticket is good until its expiry, which is the first instant at which it isn't (docs/rules.md §4).
    """
    if not text or len(text) > _LONGEST or not text.isascii():
        return TicketReading(fault=TicketFault.MALFORMED)
    try:
        packed = _signer().unsign(text)
    except signing.BadSignature:
        fault = TicketFault.FORGED if "." in text else TicketFault.MALFORMED
        return TicketReading(fault=fault)
    code, pid, scope, target, activity_no, issued, expires = json.loads(signing.b64_decode(packed.encode()))
    facts = TicketFacts(
        code=code,
        pid=pid,
        scope=Scope.PRODUCT if scope == "p" else Scope.MERCHANT,
        target=target,
        activity_no=activity_no,
        issued_at=datetime.fromtimestamp(issued, UTC),
        expires_at=datetime.fromtimestamp(expires, UTC),
    )
    return TicketReading(facts=facts, fault=TicketFault.EXPIRED if now >= facts.expires_at else None)


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT, sep=".")
