"""The same worlds through the product: sales as rows, scored by its nightly flow, held by a rule of the operator's.

Orders, parties and visits are written as the flows that sell would leave them, and refunds, due days and settling as
days go by; from there on traces, standings, limits, scores, the rule that asks for a score and what it holds are the
product's own. Which orders are held must be what the bench found without a database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench import ground
from bench.fraud.play import instants
from bench.fraud.world import START, Sold, World
from tuike.scoring.types import HIGH, Trace, Traffic

_LONG_AGO = START - timedelta(days=400)
_SALES = """
    INSERT INTO commission_sale (id, kind, order_no, merchant_id, source, quantity, paid_fen, subsidy_fen, refunded_fen,
        refunded_quantity, terms, placed_at, paid_at, open_after_sales, waiting, booking)
    SELECT id, 'goods', no, shop, 'mini_store', 1, fen, 0, 0, 0, jsonb_build_object('promoter_id', promoter, 'rate_bps', 1000),
        placed, paid, 0, false, no
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
        AS sold (id, no, shop, promoter, fen, placed, paid)
"""
_ACCRUALS = """
    INSERT INTO commission_accrual (id, sale_id, merchant_id, payee_kind, payee_id, role, funder, base_fen, rate_bps,
        first_fen, amount_fen, state, review, accrued_at)
    SELECT id, id, merchant_id, 'promoter', (terms->>'promoter_id')::bigint, 'direct', 'merchant', paid_fen, 1000,
        paid_fen / 10, paid_fen / 10, 'pending', 'clear', paid_at
    FROM commission_sale WHERE id = ANY(%s)
"""
_MOVED = """
    UPDATE commission_sale s SET refunded_fen = m.back, refunded_quantity = (m.back > 0)::int, due_at = m.due,
        matured_batch_id = CASE WHEN m.settled THEN 1 END
    FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::bool[]) AS m (no, back, due, settled)
    WHERE s.order_no = m.no
"""
_FOLLOWED = """
    UPDATE commission_accrual a SET
        state = CASE WHEN s.refunded_fen > 0 THEN 'cancelled' WHEN a.review = 'clear' THEN 'settled' ELSE a.state END,
        amount_fen = CASE WHEN s.refunded_fen > 0 THEN 0 ELSE a.amount_fen END
    FROM commission_sale s WHERE s.id = a.sale_id AND s.order_no = ANY(%s) AND a.state = 'pending'
        AND (s.refunded_fen > 0 OR s.matured_batch_id IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Through:
    """What the product did: orders whose score was ever high, those of which it held commission, and those that were
    high, had commission left, and weren't held."""

    high: frozenset[str]
    held: frozenset[str]
    missed: frozenset[str]


def through(world: World) -> Through:
    """Play a world through the product, on the database that Django stands on."""
    _people(world)
    _visits(world)
    _rule()
    waiting = sorted(world.sold, key=lambda one: one.trace.paid_at)
    open_: dict[str, tuple[Sold, Trace]] = {}
    for now in instants():
        count = next((n for n, one in enumerate(waiting) if one.trace.paid_at > now), len(waiting))
        fresh, waiting = waiting[:count], waiting[count:]
        _sell(fresh)
        open_ |= {one.trace.order_no: (one, one.trace) for one in fresh}
        _follow(open_, now)
        _score(now)
    return _found()


def _people(world: World) -> None:
    from tuike.db import rows

    owns = sorted(world.own.items())
    ids, persons = [id_ for id_, _ in owns], [one.id for _, one in owns]
    rows.run(
        "INSERT INTO parties_party (id, no, kind, name, certified_as, certified_at, suspended_reason, admins, created_at)"
        " SELECT id, 'P' || id, 'promoter', 'promoter ' || id, 'individual', %s, '', 1, %s FROM unnest(%s::bigint[]) id",
        [_LONG_AGO, _LONG_AGO, ids],
    )
    rows.run(
        "INSERT INTO parties_promoter (party_id, subject_kind, line, standing)"
        " SELECT id, 'individual', '{}', 'active' FROM unnest(%s::bigint[]) id",
        [ids],
    )
    rows.run(
        "INSERT INTO people_person (id, password, no, nickname, language, unionid, created_at)"
        " SELECT id, '', 'U' || id, '', 'zh-hans', '', %s FROM unnest(%s::bigint[]) id",
        [_LONG_AGO, persons],
    )
    rows.run(
        "INSERT INTO people_phone (person_id, sealed, blind_index, verified_at)"
        " SELECT id, '', phone, %s FROM unnest(%s::bigint[], %s::bytea[]) AS own (id, phone)",
        [_LONG_AGO, persons, [one.phone for _, one in owns]],
    )
    rows.run(
        "INSERT INTO parties_seat (party_id, person_id, role, since)"
        " SELECT party, person, 'super_admin', %s FROM unnest(%s::bigint[], %s::bigint[]) AS seat (party, person)",
        [_LONG_AGO, ids, persons],
    )


def _visits(world: World) -> None:
    from tuike.scoring import service as scoring

    scoring.count_traffic(
        traffic=[
            Traffic(promoter, place, day, clicks, world.landed[promoter, place, day])
            for (promoter, place, day), clicks in sorted(world.traffic.items())
        ]
    )


def _rule() -> None:
    from tuike.audit.types import OPERATOR_SHELL
    from tuike.review import service as review
    from tuike.review.types import Condition, Effect, Feature, NewRule

    rule = NewRule("risky", Effect.HOLD, {Feature.SCORE: Condition(least=HIGH)})
    review.create_rule(merchant_id=None, rule=rule, actor=OPERATOR_SHELL, now=START)


def _sell(fresh: list[Sold]) -> None:
    from tuike.db import rows
    from tuike.scoring import service as scoring

    traces = [one.trace for one in fresh]
    scoring.keep(traces=traces)
    ids = [int(one.order_no[1:]) for one in traces]
    columns = [
        [getattr(one, name) for one in traces]
        for name in ("order_no", "merchant_id", "promoter_id", "paid_fen", "placed_at", "paid_at")
    ]
    rows.run(_SALES, [ids, *columns])
    rows.run(_ACCRUALS, [ids])


def _follow(open_: dict[str, tuple[Sold, Trace]], now: datetime) -> None:
    """Let what came back, was received or is due stand so in the books, and tell the scores as the stream does."""
    from django.db import transaction

    from tuike.db import rows
    from tuike.flows import scored

    moved: dict[str, Trace] = {}
    for no, (one, was) in list(open_.items()):
        if (seen := one.seen_at(now)) != was:
            moved[no] = seen
            open_[no] = one, seen
        if seen.settled or (seen.gone and seen.due_at is not None):
            del open_[no]
    values = list(moved.values())
    rows.run(
        _MOVED,
        [
            list(moved),
            [one.refunded_fen for one in values],
            [one.due_at for one in values],
            [one.settled for one in values],
        ],
    )
    rows.run(_FOLLOWED, [list(moved)])
    back = {no: one.refunded_at for no, one in moved.items() if one.refunded_at is not None}
    with transaction.atomic():
        scored.stand(moved, refunded=back, now=now)


def _score(now: datetime) -> None:
    from tuike.flows.score_open import score_open

    score_open(now=now)


def _found() -> Through:
    from tuike.db import rows

    high = "SELECT order_no FROM scoring_score WHERE highest >= %s"
    of = "SELECT s.order_no FROM commission_sale s JOIN commission_accrual a ON a.sale_id = s.id"
    return Through(
        *(
            frozenset(no for (no,) in rows.query(statement, [HIGH] * statement.count("%s")))
            for statement in (
                high,
                f"{of} WHERE a.review = 'held'",
                f"{of} WHERE a.review <> 'held' AND a.state <> 'cancelled' AND s.order_no IN ({high})",
            )
        )
    )


def compared(world: World, expected: Iterable[str]) -> str:
    """Return in words how the product, on a database of its own, agrees with what the bench found without one."""
    with ground.database():
        found = through(world)
    wanted = frozenset(expected)
    return (
        f"through the product: {len(found.high & wanted)} orders high in both, {len(wanted - found.high)} in the bench"
        f" alone, {len(found.high - wanted)} in the product alone; commission of {len(found.held)} held, the others had"
        f" none left; {len(found.missed)} missed"
    )
