"""A shop enrols products in a leader's activity, the leader passes or rejects; passed ones get their rates (§9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.catalog import queries as catalog
from tuike.catalog.types import CannotBePromoted, NotPromotable
from tuike.cooperation import service as cooperation
from tuike.cooperation.types import EnrolmentShown, NewEnrolment
from tuike.db.retry import retry
from tuike.flows import claiming
from tuike.flows.cooperating import once, shown
from tuike.flows.preview_plan import Owed, owed_for
from tuike.flows.target_promoters import By
from tuike.kit.errors import Refusal, about
from tuike.kit.money import share
from tuike.parties import queries as parties
from tuike.plans import service as plans


@dataclass(frozen=True, slots=True)
class EnrolmentOwed:
    """What one piece of a product at its lowest price would owe through the activity: `owed` without the leader's fee,
    which is `service_fen`; and what would be left to the shop at worst, in fen."""

    owed: Owed
    service_bps: int
    service_fen: int

    @property
    def highest_fen(self) -> int:
        """Return what is paid out at worst: to a promoter of the highest grade, the tiers above and the leader."""
        return self.owed.highest_fen + self.owed.tiers_fen + self.service_fen

    @property
    def left_fen(self) -> int:
        """Return what is left to the shop at worst."""
        return self.owed.left_fen - self.service_fen


@retry
def enrol_products(*, activity_no: str, wanted: Sequence[NewEnrolment], by: By) -> list[EnrolmentShown]:
    """Enrol products of a shop in an activity, each at its own terms, all or none; the leader is told and decides. A no
    names the product that it is about by its number (`about`).

    Raises:
        NotFound, ActivityNotOpen, PeriodInPast, PeriodOutsideActivity, BelowActivityFloor, EnrolledAlready, Invalid:
        see cooperation.enrol. CannotBePromoted: a product, and why. EnrolmentBelowPublic: less than everybody gets.
        AboveCeiling: with the leader's fee more than 90 % could be paid out.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """
    return shown(once(by, "enrol", [activity_no, list(wanted)], lambda: _enrol(activity_no, wanted, by)))


def preview_enrolments(*, activity_no: str, wanted: Sequence[NewEnrolment], by: By) -> list[EnrolmentOwed]:
    """Return what each product would owe, the most first: enrolled by the verb itself, looked at, and undone again.

    Raises:
        what enrol_products raises: a preview refuses what enrolling would refuse.
    """
    with transaction.atomic(durable=True):
        cooperation.check_open(by.party_id)
        made = _enrol(activity_no, wanted, by)
        starts = {one.product_id: one.starts_at for one in shown(made)}
        transaction.set_rollback(True)
    found = [_owed(one, starts[one.product_id], by) for one in wanted]
    return sorted(found, key=lambda one: (one.left_fen, one.owed.product.product_id))


def weigh_enrolments(*, activity_no: str, wanted: Sequence[NewEnrolment], by: By) -> dict[int, EnrolmentOwed | Refusal]:
    """Return by product what it alone would owe, or why it alone would be refused: each is enrolled by the verb itself,
    looked at, and undone again.

    Raises:
        CooperationClosed.
    """
    found: dict[int, EnrolmentOwed | Refusal] = {}
    with transaction.atomic(durable=True):
        cooperation.check_open(by.party_id)
        for one in wanted:
            try:
                with transaction.atomic():
                    [made] = shown(_enrol(activity_no, [one], by))
                found[one.product_id] = _owed(one, made.starts_at, by)
            except Refusal as refusal:
                found[one.product_id] = refusal
        transaction.set_rollback(True)
    return found


@retry
def withdraw_enrolment(*, no: str, by: By) -> EnrolmentShown:
    """Take an application back that the leader hasn't decided on.

    Raises:
        NotFound, EnrolmentDecided, EnrolmentOver: see cooperation.withdraw_enrolment.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        one = cooperation.withdraw_enrolment(merchant_id=by.party_id, no=no, actor=by.actor, now=by.now)
        return {"ids": [one.enrolment_id]}

    return shown(once(by, "withdraw_enrolment", [no], work))[0]


@retry
def pass_enrolments(*, nos: Sequence[str], by: By) -> list[EnrolmentShown]:
    """Let products into a leader's activity, all or none: their rates hold from their start, or from now on.

    Raises:
        NotFound, ActivityNotPublished, NotCertified, Suspended, EnrolmentDecided, EnrolmentOver: see
        cooperation.pass_enrolments. EnrolmentBelowPublic, AboveCeiling: the shop's rates have risen meanwhile.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        passed = cooperation.pass_enrolments(leader_id=by.party_id, nos=nos, actor=by.actor, now=by.now)
        for one in sorted(passed, key=lambda one: (one.merchant_id, one.enrolment_id)):
            with about(one.no):
                plans.open_enrolment(
                    enrolment_id=one.enrolment_id,
                    merchant_id=one.merchant_id,
                    product_id=one.product_id,
                    rate_bps=one.rate_bps,
                    service_bps=one.service_bps,
                    starts_at=one.starts_at,
                    ends_at=one.ends_at,
                    actor=by.actor,
                    now=by.now,
                )
        return {"ids": [one.enrolment_id for one in passed]}

    return shown(once(by, "pass_enrolments", [sorted(nos)], work))


@retry
def reject_enrolments(*, nos: Sequence[str], reason: str, by: By) -> list[EnrolmentShown]:
    """Turn products away with a reason, all or none; the shops are told.

    Raises:
        NotFound, EnrolmentDecided, EnrolmentOver, Invalid: see cooperation.reject_enrolments.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, Any]:
        turned = cooperation.reject_enrolments(
            leader_id=by.party_id, nos=nos, reason=reason, actor=by.actor, now=by.now
        )
        return {"ids": [one.enrolment_id for one in turned]}

    return shown(once(by, "reject_enrolments", [sorted(nos), reason], work))


def _owed(one: NewEnrolment, at: datetime, by: By) -> EnrolmentOwed:
    [owed] = owed_for({one.product_id: one.rate_bps}, at=at, by=by)
    return EnrolmentOwed(owed, one.service_bps, share(owed.product.min_price_fen, bps=one.service_bps))


def _enrol(activity_no: str, wanted: Sequence[NewEnrolment], by: By) -> dict[str, Any]:
    made = cooperation.enrol(
        merchant_id=by.party_id, activity_no=activity_no, wanted=wanted, actor=by.actor, now=by.now
    )
    ids = [one.product_id for one in made]
    products = catalog.product_facts(ids)
    reasons = claiming.why_not_promotable(ids, parties.merchant_facts([by.party_id]), by.now)
    for id_ in ids:
        if id_ in reasons:
            why = NotPromotable(reasons[id_])
            with about(products[id_].product_no):
                raise CannotBePromoted(
                    title=products[id_].title, reason_zh=why.sentence("zh"), reason_en=why.sentence("en")
                )
    for one in made:
        with about(products[one.product_id].product_no):
            plans.check_enrolment(
                merchant_id=one.merchant_id,
                product_id=one.product_id,
                rate_bps=one.rate_bps,
                service_bps=one.service_bps,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
    return {"ids": [one.enrolment_id for one in made]}
