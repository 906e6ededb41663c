"""What the operator sets for everybody: benchmark rates, the ladder, categories, settings."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from tuike.audit.types import Actor
from tuike.catalog import service as catalog
from tuike.db.retry import retry
from tuike.flows import operators, promoter_news
from tuike.idempotency import service as idempotency
from tuike.network import service as network
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Role, UnknownParty
from tuike.plans import queries as plans_of
from tuike.plans import service as plans
from tuike.plans.types import GradeMoved, Written
from tuike.settings import service as settings

T = TypeVar("T")


def set_benchmarks(*, rates: Mapping[tuple[int, str], int | None], actor: Actor, now: datetime) -> Written:
    """Set benchmark rates by (category id, subject kind) from the next midnight on; merchants whose rates are lifted
    are told (docs/rules.md §3).

    Raises:
        Forbidden: no deciding seat of the operator.
        Invalid, NotFound, AboveCeiling, WrittenOutOfOrder: see plans.
    """
    return _decided(actor, lambda: plans.set_benchmarks(rates=rates, actor=actor, now=now))


def add_grade(
    *,
    name: str,
    rank: int,
    threshold_fen: int,
    extra_bps: int,
    actor: Actor,
    now: datetime,
    threshold_orders: int = 0,
    key: str | None = None,
) -> int:
    """Add a step to the promoters' ladder and return its id; the same key adds nothing again.

    Raises:
        Forbidden: no deciding seat of the operator.
        Invalid, AboveCeiling: see plans.
        KeyMalformed, KeyUsedForOther: the key.
    """
    given: dict[str, Any] = {
        "name": name,
        "rank": rank,
        "threshold_fen": threshold_fen,
        "threshold_orders": threshold_orders,
        "extra_bps": extra_bps,
    }
    work = _once(("add_grade", key, given), lambda: plans.add_grade(**given, actor=actor, now=now), actor, now)
    return _decided(actor, work)


def change_grade(
    *,
    grade_id: int,
    threshold_fen: int,
    extra_bps: int,
    actor: Actor,
    now: datetime,
    threshold_orders: int | None = None,
) -> Written:
    """Change a step of the ladder, from the next midnight on; `threshold_orders` None: as it was.

    Raises:
        Forbidden: no deciding seat of the operator.
        NotFound, Invalid, AboveCeiling, WrittenOutOfOrder: see plans.
    """
    return _decided(
        actor,
        lambda: plans.change_grade(
            grade_id=grade_id,
            threshold_fen=threshold_fen,
            threshold_orders=threshold_orders,
            extra_bps=extra_bps,
            actor=actor,
            now=now,
        ),
    )


def set_overall_tiers(*, tier_bps: Mapping[int, int | None], actor: Actor, now: datetime) -> Written:
    """Set the tiers that hold for every shop without its own, from the next midnight on (docs/rules.md §3, §11).

    Raises:
        Forbidden: no deciding seat of the operator.
        Invalid, TierNotAllowed, AboveCeiling, WrittenOutOfOrder: see plans.set_overall_tiers.
    """
    return _decided(actor, lambda: plans.set_overall_tiers(tier_bps=tier_bps, actor=actor, now=now))


def set_grade(*, promoter_no: str, grade_id: int | None, actor: Actor, now: datetime) -> Written:
    """Put a promoter on a step of the ladder (None: off it), from the next midnight on, and tell it.

    Raises:
        Forbidden: no deciding seat of the operator.
        UnknownParty: no such promoter.
        NotFound: no such step.
    """

    def work() -> Written:
        party = parties.find(promoter_no)
        if party is None or party.kind is not PartyKind.PROMOTER:
            raise UnknownParty
        operators.require_uninvolved(actor, [party.id])
        before = plans_of.standing_of(party.id, at=now).coming
        written = plans.set_grades(grades={party.id: grade_id}, actor=actor, now=now)
        move = GradeMoved(party.id, before.grade_id if before else None, grade_id)
        promoter_news.grades_moved([move], now)
        return written

    return _decided(actor, work)


def add_category(
    *,
    name: str,
    name_en: str,
    parent_id: int | None,
    restricted: bool,
    position: int,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> int:
    """Add a category under another one (None: at the top) and return its id; the same key adds nothing again.

    Raises:
        Forbidden: no deciding seat of the operator.
        NotFound, TooDeep, Invalid: see catalog.
        KeyMalformed, KeyUsedForOther: the key.
    """
    given: dict[str, Any] = {
        "name": name,
        "name_en": name_en,
        "parent_id": parent_id,
        "restricted": restricted,
        "position": position,
    }
    work = _once(("add_category", key, given), lambda: catalog.add_category(**given, actor=actor, now=now), actor, now)
    return _decided(actor, work)


def change_category(*, category_id: int, changes: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Rename, restrict or reorder a category: `name`, `name_en`, `restricted`, `position`.

    Raises:
        Forbidden: no deciding seat of the operator.
        NotFound, Invalid: see catalog.
    """
    _decided(actor, lambda: catalog.change_category(category_id=category_id, **changes, actor=actor, now=now))


def change_setting(*, name: str, value: int, actor: Actor, now: datetime) -> None:
    """Put a setting's value in force; where fewer tiers may be paid, the tiers above are closed from midnight on.

    Raises:
        Forbidden: not the operator's super administrator or an administrator.
        UnknownSetting, OutOfBounds: see settings.
        TiersWithThreshold: more than one tier beside a threshold of money, without the law's note (docs/rules.md §11).
    """

    def work() -> None:
        if name == "max_paid_tiers":
            network.check_paid_tiers(most=value)
        settings.change(name=name, value=value, actor=actor, now=now)
        if name == "max_paid_tiers":
            plans.close_tiers_above(most=value, actor=actor, now=now)

    _decided(actor, work, roles=operators.GOVERNORS)


def change_ladder(*, by_orders: bool, window_days: int, grace_days: int, actor: Actor, now: datetime) -> None:
    """Say what the run over the ladder goes by, how far back it looks, and how long a promoter may be under its step
    (docs/rules.md §3); all three or nothing.

    Raises:
        Forbidden: not the operator's super administrator or an administrator.
        OutOfBounds: see settings.
    """
    values = {
        "grade_by_orders": int(by_orders),
        "grade_window_days": window_days,
        "grade_grace_days": grace_days,
    }

    def work() -> None:
        held = settings.read(list(values))
        for name, value in values.items():
            if held[name] != value:
                settings.change(name=name, value=value, actor=actor, now=now)

    _decided(actor, work, roles=operators.GOVERNORS)


def _once(
    what: tuple[str, str | None, dict[str, Any]], work: Callable[[], int], actor: Actor, now: datetime
) -> Callable[[], int]:
    """Return `work`, done once per key of this person: `what` is the verb, the key and what was said."""
    verb, key, said = what
    if key is None:
        return work
    scope = f"person:{actor.person_id}:{verb}"
    return lambda: idempotency.once(scope=scope, key=key, content=said, now=now, work=lambda: {"id": work()})["id"]


@retry
def _decided(actor: Actor, work: Callable[[], T], *, roles: Iterable[Role] = operators.DECIDERS) -> T:
    with transaction.atomic(durable=True):
        operators.require(actor, roles)
        return work()
