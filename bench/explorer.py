"""The explorer of accruals on ten million of them: pages of filtered slices, their totals, groups.

`python -m bench.explorer [--accruals 10000000] [--slices 60] [--again] [--only REGEX] [--worst 12]`, on
`bench/big_alliance.py`. For each of seven who ask (the operator, the largest and a small shop, promoter and leader) a
seeded mix of slices: 55 % of one filter, 30 % of two, 15 % of three, out of what it has: a week, a month or a quarter of
payments, states, roles, review states, amounts, product, category, place, promoter, leader, activity, campaign, layer,
source. Values are those of a row of its own, 5 % ask for what nobody has. 10 % are grouped. Each is opened once, in the
process that answers, middleware and template included; totals are asked for after the rows, as the page does. By the
clock, and what Python and the connection's process of the database worked: what it takes while nothing else runs.
"""

import argparse
import os
import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bench import big_alliance, ground

NOW = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)
DAYS, PAGE_MS, TOTALS_MS = 365, 100, 300
WHO = ("operator", "shop", "small_shop", "promoter", "small_promoter", "leader", "small_leader")
_EVERY = ("paid_at", "paid_at", "paid_at", "state", "state", "role", "review", "amount", "category", "product", "campaign", "layer",
          "source", "order_no", "settled_at", "activity")  # fmt: skip
_MORE = {
    "operator": ("shop", "promoter", "payee", "place", "leader", "payee_kind"),
    "merchant": ("promoter", "payee", "place", "leader", "payee_kind"),
    "promoter": ("shop", "place", "leader"),
    "leader": ("shop", "promoter"),
}
_GROUPS = ("paid_at_day", "paid_at_month", "product", "role", "state", "category", "shop", "campaign")
_SCOPES = {"merchant": "a.merchant_id = %(id)s", "promoter": "a.payee_kind = 'promoter' AND a.payee_id"
           " = %(id)s", "leader": "a.payee_kind = 'leader' AND a.payee_id = %(id)s"}  # fmt: skip
_ROWS = """
    SELECT (s.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS paid_at, a.state, a.role, a.amount_fen AS amount, s.order_no,
        l.category_id AS category, g.no AS product, x.no AS campaign, s.terms->'why'->>'layer' AS layer, s.source,
        c.activity_no AS activity, m.no AS shop, y.no AS promoter, e.no AS payee, p.pid AS place, d.no AS leader,
        a.payee_kind
    FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id JOIN orders_line l ON l.id = s.id
    JOIN attribution_claim c ON c.id = s.id JOIN catalog_product g ON g.id = s.product_id
    JOIN parties_party m ON m.id = a.merchant_id LEFT JOIN parties_party y ON y.id = c.promoter_id
    LEFT JOIN parties_party e ON e.id = a.payee_id AND a.payee_id > 0 LEFT JOIN attribution_place p ON p.id = c.place_id
    LEFT JOIN parties_party d ON d.id = c.leader_id LEFT JOIN plans_campaign x
        ON x.id = (s.terms->>'campaign_id')::bigint
    WHERE a.id IN ({some})
"""
_SOME = {
    "operator": "SELECT id FROM commission_accrual WHERE sale_id IN (SELECT 20 * (random() * %(many)s / 20)::int + 1"
    " FROM generate_series(1, 100))",
    "others": "SELECT id FROM commission_accrual a WHERE {scope} ORDER BY md5(id::text) LIMIT 200",
}


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accruals", type=int, default=10_000_000)
    parser.add_argument("--slices", type=int, default=60)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--only", default="", metavar="REGEX", help="those who ask")
    parser.add_argument("--worst", type=int, default=12)
    given = parser.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "ERROR")
    with ground.database(again=given.again):
        if given.again:
            alliance = big_alliance.find(now=NOW, days=DAYS)
        else:
            alliance = big_alliance.make(accruals=given.accruals, days=DAYS, now=NOW)
        print(f"{alliance.accruals:,} accruals of {alliance.orders:,} sales", flush=True)
        found = [(who, *one) for who in WHO if re.search(given.only, who) for one in _measured(who, alliance, given)]
    pages, sums = ([one[at] for one in found] for at in (2, 3))
    _told("all pages", pages, PAGE_MS)
    _told("all totals", sums, TOTALS_MS)
    for name, at in (("pages", 2), ("totals", 3)):
        print(f"slowest {name}:")
        for one in sorted(found, key=lambda one: -one[at][1])[: given.worst]:
            print(f"  {one[at][1]:>8.0f} ms {one[0]:<15}{one[1]} {one[4]}")


def _measured(
    who: str, alliance: big_alliance.Big, given: argparse.Namespace
) -> list[tuple[str, tuple[float, float], tuple[float, float], str]]:
    """Return (what was asked, its page's and its totals' ms, a remark) for each slice of one who asks."""
    from django.conf import settings

    from bench.consoles import signed_in
    from tuike.kit import clock

    settings.ALLOWED_HOSTS = ["testserver"]
    party = alliance.parties[who]
    kind, browser = party.kind.value, signed_in(party, clock.real_now())
    path = f"/{kind}/{party.no}/explorer/"
    browser.get(path)
    browser.get(f"{path}?view=none&part=totals")  # templates are read once
    found = []
    for asked in _slices(kind, party.id, given.slices, alliance.orders):
        query = urlencode(asked)
        page, shown = _timed(browser, f"{path}?{query}")
        totals, summed = _timed(browser, f"{path}?{query}&part=totals")
        remark = "" if page.status_code == totals.status_code == 200 else f"{page.status_code}/{totals.status_code}"
        if any(words in totals.content.decode() for words in ("合计太慢", "未及统计")):
            remark += " not summed"
        found.append((query, shown, summed, remark))
    _told(f"{who}: page", [one[1] for one in found], PAGE_MS)
    _told(f"{who}: totals", [one[2] for one in found], TOTALS_MS)
    return found


def _timed(browser, url: str) -> tuple[Any, tuple[float, float]]:
    """Return the answer, and in ms how long it took by the clock and how much the processors worked for it."""
    from bench.consoles import database_ms

    served, worked, began = database_ms(), time.process_time(), time.perf_counter()
    answer = browser.get(url)
    took, busy = time.perf_counter() - began, time.process_time() - worked
    return answer, (took * 1000, busy * 1000 + database_ms() - served)


def _slices(kind: str, party_id: int, many: int, sales: int) -> Iterator[dict[str, str]]:
    chance = random.Random(f"{kind}{party_id}{many}")
    rows, dimensions = _own_rows(kind, party_id, sales) or [{}], _EVERY + _MORE[kind]
    groups = [one for one in _GROUPS if one != "shop" or kind != "merchant"]
    for _ in range(many):
        dice, asked = chance.random(), {"view": "none"}
        for name in chance.sample(dimensions, 1 if dice < 0.55 else 2 if dice < 0.85 else 3):
            asked |= _asked(name, chance.choice(rows), chance)
        if chance.random() < 0.05:
            asked["amount_min"] = "9999999"
        if chance.random() < 0.1:
            asked["by"] = chance.choice(groups)
        yield asked


def _own_rows(kind: str, party_id: int, sales: int) -> list[dict]:
    import psycopg
    from psycopg.rows import dict_row

    some = _SOME["operator"] if kind == "operator" else _SOME["others"].format(scope=_SCOPES[kind])
    with psycopg.connect(ground.owner_url(), row_factory=dict_row, cursor_factory=psycopg.ClientCursor) as link:
        link.execute("SELECT setseed(0.42)")
        return link.execute(_ROWS.format(some=some), {"id": party_id, "many": sales}).fetchall()


def _asked(name: str, row: dict, chance: random.Random) -> dict[str, str]:
    if name in ("paid_at", "settled_at"):
        today = NOW.date()
        last = chance.choice([today, today, today, date(2026, chance.randint(2, 12), 28)])
        return {
            f"{name}_from": str(last - timedelta(days=chance.choice([0, 6, 29, 29, 89]))),
            f"{name}_to": str(last),
        }
    if name == "state":
        return {"state": chance.choice(["pending", "settled", "settled", "waiting", "cancelled", "pending,waiting"])}
    if name == "review":
        return {"review": chance.choice(["held", "held", "approved", "rejected"])}
    if name == "amount":
        return {"amount_min": str(chance.choice([5, 20, 50, 100]))}
    value = row.get(name)
    return {name: str(value)} if value not in (None, "") else {name: "-"} if name in ("place", "activity") else {}


def _told(name: str, values: list[tuple[float, float]], limit: int) -> None:
    said = []
    for what, of in (("worked", sorted(one[1] for one in values)), ("took", sorted(one[0] for one in values))):
        p50, p95, within = of[len(of) // 2], of[len(of) * 95 // 100], sum(one <= limit for one in of) * 100 // len(of)
        said.append(f"{what} p50 {p50:>5.0f}, p95 {p95:>6.0f}, slowest {of[-1]:>6.0f} ms, {within:>3} % within")
    print(f"{name:<24} {'; '.join(said)} (limit ≤ {limit} ms, {len(values)} slices)", flush=True)


if __name__ == "__main__":
    main()
