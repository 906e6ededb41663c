"""Writing rates: one writer at a time where floors are concerned, one row per midnight, nothing in force edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.audit.types import Actor
from tuike.db import rows
from tuike.outbox import service as outbox
from tuike.plans.types import Layer, WrittenOutOfOrder

_PUBLIC = (Layer.MAIN, Layer.CATEGORY, Layer.DEFAULT, Layer.BENCHMARK)
_OWN = (Layer.TIER, Layer.SELF)
_TOLD = 2_000
"""Products that one event names."""
_BENCHMARKS = 7_101
_MERCHANT = 7_102
_GRADES = 7_103

# A later midnight than ours in any row of the scope was written by somebody whose day had begun: ours comes too late.
_LATER = """
    SELECT scope FROM plans_rate
    WHERE lookup = ANY(%(lookups)s) AND scope = ANY(%(scopes)s) AND NOT isempty(valid)
      AND (lower(valid) > %(from)s OR upper(valid) > %(from)s) LIMIT 1
"""
_CLOSE = """
    UPDATE plans_rate
    SET valid = CASE WHEN lower(valid) >= %(from)s THEN 'empty'::tstzrange
                     ELSE tstzrange(lower(valid), %(from)s) END
    WHERE lookup = ANY(%(lookups)s) AND scope = ANY(%(scopes)s) AND upper_inf(valid)
"""
_INSERT = """
    INSERT INTO plans_rate (layer, scope, lookup, merchant_id, category_id, product_id, campaign_id, grade_id, plan_id,
                            rate_bps, bonus_fen, service_bps, lifted_from_bps, valid, written_at, written_by)
    SELECT layer, scope, lookup, merchant_id, category_id, product_id, campaign_id, grade_id, plan_id, rate_bps,
           bonus_fen, service_bps, lifted_from_bps,
           tstzrange(CASE WHEN always THEN NULL ELSE %(from)s::timestamptz END, %(until)s), %(now)s, %(person)s
    FROM unnest(%(layer)s::text[], %(scope)s::text[], %(lookup)s::text[], %(merchant)s::bigint[],
                %(category)s::bigint[], %(product)s::bigint[], %(campaign)s::bigint[], %(grade)s::bigint[],
                %(plan)s::bigint[], %(rate)s::int[], %(bonus)s::bigint[], %(service)s::int[], %(lifted)s::int[],
                %(always)s::bool[])
      WITH ORDINALITY AS new (layer, scope, lookup, merchant_id, category_id, product_id, campaign_id, grade_id,
                              plan_id, rate_bps, bonus_fen, service_bps, lifted_from_bps, always, no)
    ORDER BY no RETURNING scope, id
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A scope's new rate; `rate_bps` None closes the scope. `always`: the first benchmark reaches back for ever."""

    layer: Layer
    scope: str
    rate_bps: int | None
    merchant_id: int | None = None
    category_id: int | None = None
    product_id: int | None = None
    campaign_id: int | None = None
    grade_id: int | None = None
    plan_id: int | None = None
    bonus_fen: int = 0
    service_bps: int = 0
    lifted_from_bps: int | None = None
    always: bool = False
    lookup: str = ""

    @property
    def found_by(self) -> str:
        """Return the lookup: the scope itself unless it shares one with campaigns."""
        return self.lookup or self.scope


def lock_merchant(merchant_id: int) -> None:
    """Let one writer at a time change a merchant's rates; benchmarks stand still meanwhile, for they are its floors."""
    rows.query("SELECT pg_advisory_xact_lock_shared(%s, 0)", [_BENCHMARKS])
    rows.query("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [_MERCHANT, merchant_id])


def lock_benchmarks() -> None:
    """Let one writer at a time change benchmarks, with no merchant writing: their rates may be lifted."""
    rows.query("SELECT pg_advisory_xact_lock(%s, 0)", [_BENCHMARKS])


def lock_grades() -> None:
    """Let one writer at a time change the ladder or who stands where on it."""
    rows.query("SELECT pg_advisory_xact_lock(%s, 0)", [_GRADES])


def change_rates(changes: Sequence[Change], *, from_: datetime, actor: Actor, now: datetime) -> dict[str, int]:
    """Put changes into force at the midnight `from_` and return the new row ids by scope. Each scope comes once.

    What is in force is closed at `from_`; what was to come into force then is replaced and keeps the empty range; a
    rate that stays the same is left alone. The caller holds the lock of the scopes.

    Raises:
        WrittenOutOfOrder: a scope has a row from, or an end at, a later midnight.
    """
    names = {"lookups": [c.found_by for c in changes], "scopes": [c.scope for c in changes], "from": from_}
    if rows.query(_LATER, names):
        raise WrittenOutOfOrder
    standing = _standing(names)
    moved = [change for change in changes if standing.get(change.scope) != _content(change)]
    names |= {"lookups": [c.found_by for c in moved], "scopes": [c.scope for c in moved]}
    rows.run(_CLOSE, names)
    _tell(moved, now)
    return insert([c for c in moved if c.rate_bps is not None], from_=from_, until=None, actor=actor, now=now)


def insert(
    changes: Sequence[Change], *, from_: datetime, until: datetime | None, actor: Actor, now: datetime
) -> dict[str, int]:
    """Insert rows in force from `from_` until before `until` and return their ids by scope."""
    found = rows.query(
        _INSERT,
        {
            "layer": [c.layer.value for c in changes],
            "scope": [c.scope for c in changes],
            "lookup": [c.found_by for c in changes],
            "merchant": [c.merchant_id for c in changes],
            "category": [c.category_id for c in changes],
            "product": [c.product_id for c in changes],
            "campaign": [c.campaign_id for c in changes],
            "grade": [c.grade_id for c in changes],
            "plan": [c.plan_id for c in changes],
            "rate": [c.rate_bps for c in changes],
            "bonus": [c.bonus_fen for c in changes],
            "service": [c.service_bps for c in changes],
            "lifted": [c.lifted_from_bps for c in changes],
            "always": [c.always for c in changes],
            "from": from_,
            "until": until,
            "now": now,
            "person": actor.person_id,
        },
    )
    return dict(found)


def known_scopes(scopes: Iterable[str]) -> set[str]:
    """Return which of these scopes ever had a row (of layers whose lookup is the scope)."""
    return {
        scope
        for (scope,) in rows.query("SELECT DISTINCT lookup FROM plans_rate WHERE lookup = ANY(%s)", [list(scopes)])
    }


def _tell(changes: Sequence[Change], now: datetime) -> None:
    """Tell which rates that everybody sees will change, and for what (`rates.written`); and whose other ones do."""
    public = [change for change in changes if change.layer in _PUBLIC]
    products = sorted({c.product_id for c in public if c.product_id is not None})
    shops = sorted({c.merchant_id for c in public if c.product_id is None and c.merchant_id is not None})
    benchmarks = sorted({c.category_id or 0 for c in public if c.layer is Layer.BENCHMARK})
    told: list[tuple[str, dict]] = [
        (str(products[start]), {"products": products[start : start + _TOLD]})
        for start in range(0, len(products), _TOLD)
    ]
    told += [(str(one), {"merchant": one}) for one in shops]
    told += [(str(one), {"category": one}) for one in benchmarks]
    outbox.put(topic="rates.written", events=told, now=now)
    own = sorted({c.merchant_id for c in changes if c.layer in _OWN and c.merchant_id is not None})
    outbox.put(topic="rates.own", events=[(str(one), {"merchant": one}) for one in own], now=now)


def _standing(names: dict) -> dict[str, tuple]:
    """Return what holds without end by scope: a change to the same content needs no row."""
    found = rows.query(
        "SELECT scope, rate_bps, lifted_from_bps, grade_id FROM plans_rate"
        " WHERE lookup = ANY(%(lookups)s) AND scope = ANY(%(scopes)s) AND upper_inf(valid)",
        names,
    )
    return {scope: tuple(content) for scope, *content in found}


def _content(change: Change) -> tuple:
    return change.rate_bps, change.lifted_from_bps, change.grade_id
