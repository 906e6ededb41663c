"""A shop sends a coupon or a message to members who agreed to hear from shops: begun at once, sent by a job."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.kit.errors import Refusal
from tuike.marketing import queries as marketing_of
from tuike.marketing import service as marketing
from tuike.marketing.types import CouponNotOpen, CouponPhase
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import Asked, SendingKind, SendingShown
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import MallFunction

PORTION = 100
"""Members that one transaction sends to."""


@retry
def begin_sending(
    *,
    merchant_id: int,
    kind: SendingKind,
    coupon_no: str,
    text: str,
    to_name: str,
    asked: Asked,
    actor: Actor,
    key: str,
    now: datetime,
) -> SendingShown:
    """Fix to whom a shop sends a coupon of its own, or a message; the same key again begins nothing new.

    Raises:
        NotFound: no coupon of the shop. CouponNotOpen: it can't be taken now. FunctionOff: it gives no coupons.
        Invalid, NobodyMeant: see members.begin_sending.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        if kind is SendingKind.COUPON:
            marketing_of.need_function(MallFunction.COUPONS, merchant_id)
            coupon = marketing_of.coupon_of(merchant_id=merchant_id, no=coupon_no)
            if coupon.phase(now) is not CouponPhase.OPEN:
                raise CouponNotOpen
        begun = members.begin_sending(
            merchant_id=merchant_id,
            kind=kind,
            coupon_no=coupon_no if kind is SendingKind.COUPON else "",
            text=text if kind is SendingKind.MESSAGE else "",
            to_name=to_name,
            asked=asked,
            actor=actor,
            now=now,
        )
        return {"no": begun.no}

    content = [kind.value, coupon_no, text, to_name, repr(asked)]
    with transaction.atomic(durable=True):
        scope = f"merchant:{merchant_id}:begin_sending"
        begun = idempotency.once(scope=scope, key=key, content=content, now=now, work=work)
        return members_of.sending_of(merchant_id=merchant_id, no=begun["no"])


def send_on(*, now: datetime) -> int:
    """Send what is running, a portion a transaction, and return to how many members; each gets it once after any
    crash."""
    done = 0
    while some := _portion(now):
        done += some
    return done


@retry
def _portion(now: datetime) -> int:
    with transaction.atomic(durable=True):
        sending_id = members.lock_sending()
        if sending_id is None:
            return 0
        sending = members_of.sending_by_id(sending_id)
        turn = members.next_of_sending(sending_id, limit=PORTION)
        outcomes = {
            person_id: _send(sending, person_id, now) if consents else "no_consent"
            for person_id, consents in turn.items()
        }
        members.note_outcomes(sending_id=sending_id, outcomes=outcomes, now=now)
        return len(outcomes)


def _send(sending: SendingShown, person_id: int, now: datetime) -> str:
    """Send to one member; return `given`, or the code of what refused."""
    sender = parties.refs([sending.merchant_id])[sending.merchant_id]
    shop = sender.name
    if sending.kind is SendingKind.MESSAGE:
        facts: dict[str, Any] = {"shop": shop, "text": sending.text}
        messages.tell_person(person_id=person_id, kind="shop_message", facts=facts, object_=sender.no, now=now)
        return "given"
    coupon = marketing_of.coupon_of(merchant_id=sending.merchant_id, no=sending.coupon_no)
    try:
        voucher = marketing.take(coupon=coupon, buyer_id=person_id, now=now)
    except Refusal as refusal:
        return refusal.code
    facts = {"shop": shop, "title": coupon.terms.name}
    messages.tell_person(person_id=person_id, kind="coupon_given", facts=facts, object_=voucher.no, now=now)
    return "given"
