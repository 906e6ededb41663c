"""Reads of the library: cards by filters and sorts, what a promoter chose and accepted, what the operator picked."""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tuike.catalog.types import ProductFacts
from tuike.db import rows, walk
from tuike.kit import grams
from tuike.library import rules
from tuike.library.types import RULES_EDITION, Card, CardPage, OwnRate, Range, RateCut, Sort, TooFar, Wanted
from tuike.parties.types import MerchantFacts, Source
from tuike.plans import queries as plans
from tuike.plans.types import LineAsk, Terms

PAGE = 100
"""The longest page."""
COUNTED = 1_000
"""Up to here a count is exact unless it is asked for in full."""
FURTHEST = 5_000
"""How far into the library a page by position may begin."""
ESTIMATED = 10_000
"""Beyond this a total is the planner's estimate."""
TOTAL_KEPT = timedelta(seconds=60)
"""How long a total of more than `COUNTED` is kept in memory."""
MOST_TOTALS = 2_000

_CARD = (
    "i.product_id, i.merchant_id, i.source, i.price_fen, i.rate_bps, i.commission_fen, i.coupon, i.sold, i.listed_at"
)
_HOLDS = "i.begins <= %(now)s AND i.ends > %(now)s"
_SORTS = {
    Sort.NEWEST: "i.listed_at",
    Sort.PRICE: "i.price_fen",
    Sort.COMMISSION: "i.commission_fen",
    Sort.RATE: "i.rate_bps",
    Sort.SALES: "i.sold",
    Sort.PICKED: "k.position",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_totals: dict[Wanted, tuple[datetime, int]] = {}
_totals_lock = threading.Lock()


def find(wanted: Wanted, *, now: datetime, mark: str = "", limit: int = 20) -> CardPage:
    """Return a page of what stands in the library at `now`: public, the same for every promoter (docs/rules.md §2).

    `mark` is `after` or `before` of another page. Cards of equal sort value are ordered by product.

    Raises:
        BadPage: the mark is none of ours.
    """
    limit = max(1, min(limit, PAGE))
    source, params = _narrowed(wanted, now)
    column = _SORTS[wanted.sort]
    descending, back = wanted.descending, False
    if mark:
        value, product_id, back = rules.read_mark(mark)
        params |= {"value": _sort_value(wanted.sort, value), "product": product_id}
        descending = descending != back
        source += f" AND ({column}, i.product_id) {'<' if descending else '>'} (%(value)s, %(product)s)"
    way = "DESC" if descending else "ASC"
    statement = f"SELECT {_CARD}, {column} {source} ORDER BY {{by}} {way}, i.product_id {way} LIMIT %(limit)s"
    gather = wanted.merchant_id is not None
    found = walk.in_order(
        statement, column, params | {"limit": limit + 1}, gather=gather, instant=column == _SORTS[Sort.NEWEST]
    )
    more, shown = len(found) > limit, found[:limit]
    if back:
        shown.reverse()
    return _page(shown, before=more if back else bool(mark), after=bool(shown) if back else more)


def count(wanted: Wanted, *, now: datetime, exact: bool = False) -> tuple[int, bool]:
    """Return how many products are found, and whether there are more than were counted: exact up to 1,000, or on
    request."""
    source, params = _narrowed(wanted, now)
    if exact:
        return int(rows.query(f"SELECT count(*) {source}", params)[0][0]), False
    found = rows.query(f"SELECT count(*) FROM (SELECT 1 {source} LIMIT {COUNTED + 1}) AS capped", params)[0][0]
    return min(found, COUNTED), found > COUNTED


def at_position(wanted: Wanted, *, start: int, limit: int, now: datetime) -> list[Card]:
    """Return the cards from a position on, the first is 0: for callers that know no marks (docs/user/union-api.md).

    Raises:
        TooFar: it begins beyond 5,000.
    """
    if start > FURTHEST:
        raise TooFar(most=FURTHEST)
    source, params = _narrowed(wanted, now)
    column = _SORTS[wanted.sort]
    way = "DESC" if wanted.descending else "ASC"
    statement = f"SELECT {_CARD} {source} ORDER BY {{by}} {way}, i.product_id {way} LIMIT %(limit)s OFFSET %(start)s"
    params |= {"limit": min(limit, PAGE), "start": start}
    if wanted == Wanted(source=wanted.source, sort=wanted.sort, descending=wanted.descending):
        found = rows.query(statement.format(by=column), params)  # nothing to walk in vain for
    else:
        few = (wanted.merchant_id, wanted.merchant_ids, wanted.product_ids) != (None, None, None)
        found = walk.in_order(statement, column, params, gather=few, instant=column == _SORTS[Sort.NEWEST])
    return [Card(*row) for row in found]


def total(wanted: Wanted, *, now: datetime) -> int:
    """Return how many products are found: exact up to 10,000, beyond that the planner's estimate.

    What is more than 1,000 is kept for a minute in this process: a list that is walked page by page is counted once.
    """
    with _totals_lock:
        kept = _totals.get(wanted)
    if kept is not None and abs(now - kept[0]) < TOTAL_KEPT:
        return kept[1]
    source, params = _narrowed(wanted, now)
    capped = f"SELECT count(*) FROM (SELECT 1 {source} LIMIT {ESTIMATED + 1}) AS capped"
    found = int(rows.query(capped, params)[0][0])
    if found > ESTIMATED:
        [(plan,)] = rows.query(f"EXPLAIN (FORMAT JSON) SELECT 1 {source}", params)
        found = max(found, int(plan[0]["Plan"]["Plan Rows"]))
    if found > COUNTED:
        with _totals_lock:
            if len(_totals) >= MOST_TOTALS:
                _totals.clear()
            _totals[wanted] = (now, found)
    return found


def cards_of(*, product_ids: Iterable[int], now: datetime) -> dict[int, Card]:
    """Return how products stand in the library at `now`, by id; what doesn't stand there is missing."""
    found = rows.query(
        f"SELECT {_CARD} FROM library_item i WHERE i.product_id = ANY(%(ids)s) AND {_HOLDS}",
        {"ids": sorted(set(product_ids)), "now": now},
    )
    return {row[0]: Card(*row) for row in found}


def own_rates(
    products: Collection[ProductFacts], shops: Mapping[int, MerchantFacts], *, promoter_id: int | None, now: datetime
) -> dict[int, OwnRate]:
    """Return what a promoter (None: anybody) would get on products now, by id: with grade, campaigns and whatever else
    is for them.

    Commission is of one piece of the cheapest choice, in fen, without the bonus.
    """
    asks = [
        LineAsk(
            line_id=one.product_id,
            product_id=one.product_id,
            merchant_id=one.merchant_id,
            category_path=one.category_path,
            subject_kind=str(shops[one.merchant_id].subject_kind),
            promoter_id=promoter_id,
            self_purchase=False,
            at=now,
        )
        for one in products
    ]
    terms = plans.offered_terms(asks, {one.product_id: one.min_price_fen for one in products})
    return {one.product_id: _own(one.min_price_fen, terms[one.product_id]) for one in products}


def chosen(*, promoter_id: int) -> list[int]:
    """Return the products of a promoter's selection set, the latest first."""
    found = rows.query("SELECT product_id FROM library_chosen WHERE promoter_id = %s ORDER BY id DESC", [promoter_id])
    return [id_ for (id_,) in found]


def accepted(*, promoter_id: int) -> set[Source]:
    """Return the sources whose rules, in the edition of now, a promoter accepted."""
    found = rows.query(
        "SELECT source FROM library_acceptance WHERE promoter_id = %s AND edition = %s", [promoter_id, RULES_EDITION]
    )
    return {Source(source) for (source,) in found}


def picks() -> list[tuple[int, datetime]]:
    """Return the curated products and since when they are on the list, in the operator's order."""
    return [(id_, at) for id_, at in rows.query("SELECT product_id, picked_at FROM library_pick ORDER BY position")]


def waiting() -> int:
    """Return how many marks wait to be worked off."""
    return int(rows.query("SELECT count(*) FROM library_mark")[0][0])


def _own(price_fen: int, terms: Terms) -> OwnRate:
    rate = terms.rate_bps + terms.grade_bps
    return OwnRate(rate, rules.commission(price_fen, rate), terms.bonus_fen, terms.layer.value, terms.grade_bps)


def _narrowed(wanted: Wanted, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return FROM and WHERE of what is wanted, and their parameters."""
    if any((wanted.price_fen != Range(), wanted.commission_fen != Range())):
        rates = rows.query("SELECT min(rate_bps), max(rate_bps) FROM library_item")[0]
        wanted = rules.implied(wanted, Range(*rates))
    holds = [_HOLDS]
    params: dict[str, Any] = {"now": now}
    curated = wanted.curated or wanted.sort is Sort.PICKED
    if terms := grams.terms(wanted.keyword):
        holds.append("i.grams @> %(grams)s::text[]")
        params["grams"] = grams.needed(terms)
        for number, term in enumerate(grams.loose(terms)):
            holds.append(f"strpos(i.words, %(term{number})s) > 0")
            params[f"term{number}"] = term
    if wanted.category_ids:
        holds.append("i.path && %(categories)s::bigint[]")
        params["categories"] = list(wanted.category_ids)
    if wanted.without_category_ids:
        holds.append("NOT i.path && %(without)s::bigint[]")
        params["without"] = list(wanted.without_category_ids)
    for name, bounds in _ranges(wanted).items():
        for word, sign, bound in (("low", ">=", bounds.low), ("high", "<=", bounds.high)):
            if bound is not None:
                holds.append(f"i.{name} {sign} %({name}_{word})s")
                params[f"{name}_{word}"] = bound
    if wanted.coupon:
        holds.append("i.coupon")
    if wanted.merchant_id is not None:
        holds.append("i.merchant_id = %(merchant)s")
        params["merchant"] = wanted.merchant_id
    for name, ids in _among(wanted).items():
        holds.append(f"i.{name} = ANY(%({name}s)s::bigint[])")
        params[f"{name}s"] = ids
    if wanted.source:
        holds.append("i.source = %(source)s")
        params["source"] = wanted.source
    joined = "JOIN library_pick k ON k.product_id = i.product_id" if curated else ""
    return f"FROM library_item i {joined} WHERE {' AND '.join(holds)}", params


def _among(wanted: Wanted) -> Mapping[str, list[int]]:
    """Return by column the ids among which something is looked for."""
    among = {"merchant_id": wanted.merchant_ids, "product_id": wanted.product_ids}
    return {name: list(ids) for name, ids in among.items() if ids is not None}


def _ranges(wanted: Wanted) -> Mapping[str, Range]:
    return {"price_fen": wanted.price_fen, "rate_bps": wanted.rate_bps, "commission_fen": wanted.commission_fen}


def _sort_value(sort: Sort, value: int) -> object:
    return _EPOCH + timedelta(microseconds=value) if sort is Sort.NEWEST else value


def _page(found: Sequence[tuple], *, before: bool, after: bool) -> CardPage:
    cards = tuple(Card(*row[:-1]) for row in found)
    if not found:
        return CardPage((), "", "")
    first, last = found[0], found[-1]
    return CardPage(
        cards,
        rules.page_mark(_plain(last[-1]), last[0], back=False) if after else "",
        rules.page_mark(_plain(first[-1]), first[0], back=True) if before else "",
    )


def _plain(value: object) -> int:
    """Return a sort value as a whole number: instants in microseconds."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    assert isinstance(value, int)
    return value


def rate_cuts(*, since: datetime, until: datetime) -> list[RateCut]:
    """Return where shops' own rates came to half or less from `since` until before `until`: of a shop, a category or a
    main product; one for a shop and instant, the deepest."""
    found = rows.query(
        """
        SELECT DISTINCT ON (n.merchant_id, lower(n.valid)) n.merchant_id, lower(n.valid), o.rate_bps, n.rate_bps
        FROM plans_rate n JOIN plans_rate o ON o.scope = n.scope AND upper(o.valid) = lower(n.valid)
        WHERE n.layer IN ('main', 'category', 'default') AND n.merchant_id IS NOT NULL
          AND lower(n.valid) >= %s AND lower(n.valid) < %s AND n.rate_bps * 2 <= o.rate_bps
        ORDER BY n.merchant_id, lower(n.valid), o.rate_bps - n.rate_bps DESC
        """,
        [since, until],
    )
    return [RateCut(*row) for row in found]
