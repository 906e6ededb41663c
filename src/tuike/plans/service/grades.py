"""The promoters' ladder, and who stands where on it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.money import MAX_FEN
from tuike.plans.models import Grade
from tuike.plans.rules import CEILING_BPS
from tuike.plans.service import books, writing
from tuike.plans.service.writing import Change
from tuike.plans.types import Layer, Written


@transaction.atomic
def add_grade(
    *,
    name: str,
    rank: int,
    threshold_fen: int,
    extra_bps: int,
    actor: Actor,
    now: datetime,
    threshold_orders: int = 0,
) -> int:
    """Add a step to the ladder and return its id. `threshold_fen` is what settled sales it takes, `threshold_orders`
    how many orders where the ladder goes by them; `extra_bps` is added to direct commission of those who stand on it.

    Raises:
        Invalid: name, rank, threshold_fen, threshold_orders, extra_bps.
        AboveCeiling: with some merchant's highest rate and tiers more than 90 % would be paid out.
    """
    writing.lock_benchmarks()
    writing.lock_grades()
    name = name.strip()
    if not 1 <= len(name) <= 20 or Grade.objects.filter(name=name).exists():
        raise Invalid(
            field="name", reason_zh="名称须为 1 到 20 个字符且不重复", reason_en="a new name of 1 to 20 characters"
        )
    if not 1 <= rank <= 100 or Grade.objects.filter(rank=rank).exists():
        raise Invalid(field="rank", reason_zh="级别须为 1 到 100 且不重复", reason_en="a new rank from 1 to 100")
    _check(threshold_fen, threshold_orders, extra_bps, now)
    takes = {"threshold_fen": threshold_fen, "threshold_orders": threshold_orders, "extra_bps": extra_bps}
    made = Grade.objects.create(name=name, rank=rank, **takes)
    facts = {"rank": rank, **takes}
    audit.record(actor=actor, action="grade.add", object_=name, facts=facts, now=now)
    return made.id


@transaction.atomic
def change_grade(
    *,
    grade_id: int,
    threshold_fen: int,
    extra_bps: int,
    actor: Actor,
    now: datetime,
    threshold_orders: int | None = None,
) -> Written:
    """Change a step; those who stand on it get its new addition from the next midnight on. `threshold_orders` None: as
    it was.

    Raises:
        NotFound: no such step.
        Invalid: threshold_fen, threshold_orders, extra_bps.
        AboveCeiling: with some merchant's highest rate and tiers more than 90 % would be paid out.
        WrittenOutOfOrder: a change from a later midnight exists.
    """
    writing.lock_benchmarks()
    writing.lock_grades()
    grade = Grade.objects.filter(id=grade_id).first()
    if grade is None:
        raise NotFound
    orders = grade.threshold_orders if threshold_orders is None else threshold_orders
    _check(threshold_fen, orders, extra_bps, now)
    Grade.objects.filter(id=grade_id).update(threshold_fen=threshold_fen, threshold_orders=orders, extra_bps=extra_bps)
    from_ = next_midnight(now)
    standing = rows.query(
        "SELECT scope FROM plans_rate WHERE layer = 'grade' AND grade_id = %s AND upper_inf(valid) ORDER BY scope",
        [grade_id],
    )
    changes = [Change(Layer.GRADE, scope, extra_bps, grade_id=grade_id) for (scope,) in standing]
    ids = writing.change_rates(changes, from_=from_, actor=actor, now=now)
    facts = {
        "threshold_fen": {"from": grade.threshold_fen, "to": threshold_fen},
        "threshold_orders": {"from": grade.threshold_orders, "to": orders},
        "extra_bps": {"from": grade.extra_bps, "to": extra_bps},
    }
    audit.record(actor=actor, action="grade.change", object_=grade.name, facts=facts, now=now)
    return Written(from_, ids)


@transaction.atomic
def set_grades(*, grades: Mapping[int, int | None], actor: Actor, now: datetime) -> Written:
    """Put promoters on steps of the ladder (promoter id → grade id; None: off it), from the next midnight on.

    Raises:
        NotFound: no such step.
        WrittenOutOfOrder: a change from a later midnight exists.
    """
    writing.lock_grades()
    extra = dict(
        Grade.objects.filter(id__in=[g for g in grades.values() if g is not None]).values_list("id", "extra_bps")
    )
    if any(grade is not None and grade not in extra for grade in grades.values()):
        raise NotFound
    from_ = next_midnight(now)
    changes = [
        Change(Layer.GRADE, f"grade:{promoter}", None if grade is None else extra[grade], grade_id=grade)
        for promoter, grade in grades.items()
    ]
    ids = writing.change_rates(changes, from_=from_, actor=actor, now=now)
    acts = [(change.scope, {"grade": change.grade_id, "extra_bps": change.rate_bps}) for change in changes]
    audit.record_many(actor=actor, action="grade.set", acts=acts, now=now)
    return Written(from_, ids)


def _check(threshold_fen: int, threshold_orders: int, extra_bps: int, now: datetime) -> None:
    if not 0 <= threshold_fen <= MAX_FEN:
        raise Invalid(field="threshold_fen", reason_zh="金额不正确", reason_en="not an amount that can be booked")
    if not 0 <= threshold_orders <= 2**31 - 1:
        raise Invalid(field="threshold_orders", reason_zh="订单数不正确", reason_en="not a number of orders")
    if not 0 <= extra_bps <= CEILING_BPS:
        raise Invalid(field="extra_bps", reason_zh="须为 0 到 90%", reason_en="from 0 to 90%")
    books.check_ceiling(rate_bps=books.highest_bps(next_midnight(now)), tiers_bps=0, grade_bps=extra_bps)
