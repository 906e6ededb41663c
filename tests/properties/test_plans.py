"""Random histories of rates written through the service, held against a replay of what was written.

The replay knows no ranges: it keeps, for each scope, who wrote what for which midnight, and reads the last entry that
has begun. A shop outside our mall has no floors, so that nothing but the writes moves its rates; the floors have a
history of their own below.
"""

import hashlib
import os
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.make import catalog
from tests.make import plans as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.kit.errors import Refusal
from tuike.parties.types import Source
from tuike.plans import queries, service
from tuike.plans.types import LineAsk, NewCampaign

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
BASES = [datetime(2028, 2, 27, tzinfo=SHANGHAI), datetime(2027, 2, 27, tzinfo=SHANGHAI)]
BASES += [datetime(2027, 12, 30, tzinfo=SHANGHAI)]
DAYS = 5
CLOCK = [timedelta(0), TICK, timedelta(hours=8), timedelta(hours=11, minutes=30), timedelta(hours=23, minutes=59)]
CLOCK += [timedelta(hours=23, minutes=59, seconds=59), DAY - TICK]

_rate = st.sampled_from((None, *[100 * n for n in range(2, 10)]))
_plain = st.one_of(
    st.tuples(st.just("main"), st.sampled_from((0, 1)), _rate),
    st.tuples(st.just("category"), st.sampled_from((1, 2)), _rate),
    st.tuples(st.just("benchmark"), st.sampled_from((0, 1, 2)), _rate),
    st.tuples(st.just("default"), st.just(0), _rate),
    st.tuples(st.just("tier"), st.just(0), _rate),
)
_campaign = st.tuples(
    st.just("campaign"),
    st.sampled_from(("p", "c", "a", "platform")),
    st.tuples(st.integers(5, 15).map(lambda n: 100 * n), st.integers(0, 60), st.integers(1, 60), st.integers(0, 9)),
)
_stop = st.tuples(st.just("stop"), st.integers(0, 3), st.none())
_step = st.tuples(st.integers(0, DAYS - 1), st.sampled_from(CLOCK), st.one_of(_plain, _plain, _plain, _campaign, _stop))
_steps = st.lists(_step, min_size=8, max_size=16).map(lambda steps: sorted(steps, key=lambda step: step[:2]))
histories = st.tuples(st.sampled_from(BASES), _steps)

slow_fixture = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def instants(base):
    """Return the instants that are looked at: around every midnight, one long before, some by day."""
    around = [base + n * DAY + tick for n in range(DAYS + 2) for tick in (-timedelta(seconds=1), -TICK, timedelta(0))]
    return [base - 900 * DAY, *around, *(base + n * DAY + timedelta(hours=9, minutes=17) for n in range(DAYS + 1))]


class World:
    """A shop with two products, a way to write, and the replay of what was written."""

    def __init__(self, base, source):
        self.base = base
        top = catalog.category()
        leaf = catalog.category(parent_id=top)
        self.path = (top, leaf)
        self.nodes = (0, top, leaf)
        self.shop = catalog.shop(source=source)
        early = {"merchant_id": self.shop, "category_id": leaf, "now": datetime(2026, 1, 1, tzinfo=UTC)}
        self.products = [catalog.product(**early) for _ in range(2)]
        self.entries = {}
        self.campaigns = []

    def midnight(self, now):
        """The first instant of the day after, by the wall calendar in Shanghai."""
        day = now.astimezone(SHANGHAI).date() + timedelta(days=1)
        return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)

    def apply(self, step):
        """Write one step; return the instant before which nothing may change (None: everything may)."""
        offset, clock, (kind, where, what) = step
        now = self.base + offset * DAY + clock
        before = self.midnight(now)
        if kind == "campaign":
            return min(before, self.start_campaign(where, what, now))
        if kind == "stop":
            if where < len(self.campaigns):
                self.stop_campaign(self.campaigns[where], now, before)
            return before
        scope, write = self.write_of(kind, where, what, now)
        try:
            with transaction.atomic():
                write()
        except Refusal:
            return before
        begins, known = before, {"benchmark": [("benchmark", n) for n in self.nodes]}
        if kind == "benchmark" and what is not None:
            upward = [("benchmark", n) for n in self.nodes[: self.nodes.index(self.nodes[where]) + 1]]
            if not any(name in self.entries for name in upward) and known:
                begins = None
        if what is not None or scope in self.entries:
            self.entries.setdefault(scope, []).append((begins, what))
        return before if begins else None

    def write_of(self, kind, where, what, now):
        who = {"actor": OPERATOR_SHELL, "now": now}
        shop = {"merchant_id": self.shop, **who}
        if kind == "main":
            product = self.products[where]
            return ("main", product), partial(service.set_main_products, rates={product: what}, **shop)
        if kind == "category":
            node = self.nodes[where] or self.nodes[1]
            return ("category", node), partial(service.set_category_rates, rates={node: what}, **shop)
        if kind == "benchmark":
            node = self.nodes[where]
            return ("benchmark", node), partial(service.set_benchmarks, rates={(node, "other"): what}, **who)
        tier = 1 if kind == "default" else 2
        return (kind, 0), partial(service.set_distribution, tier_bps={tier: what}, **shop)

    def start_campaign(self, width, what, now):
        rate, wait, hours, bonus = what
        starts = now + timedelta(hours=wait)
        new = NewCampaign(
            name="活动",
            starts_at=starts,
            ends_at=starts + timedelta(hours=hours),
            rate_bps=rate,
            bonus_fen=bonus,
            product_ids=(self.products[0],) if width == "p" else (),
            category_ids=(self.path[0],) if width == "c" else (),
        )
        owner = None if width == "platform" else self.shop
        try:
            with transaction.atomic():
                id_ = service.create_campaign(merchant_id=owner, campaign=new, actor=OPERATOR_SHELL, now=now)
        except Refusal:
            return starts
        rank = {"p": 0, "c": 1, "a": 2, "platform": 2}[width]
        self.campaigns.append({"id": id_, "rank": rank, "owner": owner, "new": new, "ends": new.ends_at})
        return starts

    def stop_campaign(self, campaign, now, midnight):
        try:
            with transaction.atomic():
                service.stop_campaign(
                    merchant_id=campaign["owner"], campaign_id=campaign["id"], actor=OPERATOR_SHELL, now=now
                )
        except Refusal:
            return
        campaign["ends"] = min(campaign["ends"], midnight)

    def standing(self, scope, at):
        """Return what was written last for a midnight that has come."""
        begun = [what for begins, what in self.entries.get(scope, ()) if begins is None or begins <= at]
        return begun[-1] if begun else None

    def expected(self, at):
        """Return what the replay says of both products: layer, rate, tier 2, bonus, campaign."""
        said = []
        for product in self.products:
            order = [("main", product), ("category", self.path[1]), ("category", self.path[0]), ("default", 0)]
            order += [("benchmark", node) for node in reversed(self.nodes)]
            held = [(scope[0], rate) for scope in order if (rate := self.standing(scope, at)) is not None]
            layer, rate = held[0] if held else ("none", 0)
            acting = [
                (campaign["rank"], -campaign["id"], campaign["new"])
                for campaign in self.campaigns
                if campaign["new"].starts_at <= at < campaign["ends"]
                and campaign["new"].rate_bps > rate
                and (product == self.products[0] or campaign["rank"])
            ]
            bonus, id_ = 0, None
            if acting:
                _, id_, new = min(acting, key=lambda found: found[:2])
                layer, rate, bonus, id_ = "campaign", new.rate_bps, new.bonus_fen, -id_
            said.append((layer, rate, self.standing(("tier", 0), at), bonus, id_))
        return said

    def terms(self, at):
        """Ask for both products at many instants in one go."""
        lines = [(product, instant) for instant in at for product in self.products]
        asks = [
            LineAsk(line, product, self.shop, self.path, "other", None, False, instant)
            for line, (product, instant) in enumerate(lines)
        ]
        found = queries.terms_for(asks)
        return [found[line] for line in range(len(lines))]


def said(terms):
    tier = terms.tier_bps[2].rate_bps if 2 in terms.tier_bps else None
    return terms.layer.value, terms.rate_bps, tier, terms.bonus_fen, terms.campaign_id


@slow_fixture
@given(histories)
def test_resolution_equals_the_replay_and_no_change_reaches_before_its_midnight(db, history):
    base, steps = history
    at = instants(base)
    with transaction.atomic():
        world = World(base, Source.MINI_PROGRAM)
        before = world.terms(at)
        for step in steps:
            unchanged_until = world.apply(step)
            after = world.terms(at)
            if unchanged_until is not None:
                for i, instant in enumerate(x for x in at for _ in world.products):
                    if instant < unchanged_until:
                        assert after[i].to_json() == before[i].to_json(), (step, instant)
            before = after
        assert [said(terms) for terms in before] == [one for instant in at for one in world.expected(instant)]
        transaction.set_rollback(True)


@slow_fixture
@given(histories)
def test_in_our_mall_no_rate_ever_holds_below_its_floor(db, history):
    base, steps = history
    with transaction.atomic():
        world = World(base, Source.MINI_STORE)
        make.benchmark(200)  # the first one reaches back for ever: nothing can be lifted before it
        for step in steps:
            world.apply(step)
        for instant in instants(base):
            check_floors(world, instant)
        transaction.set_rollback(True)


def check_floors(world, instant):
    def holding(found):
        rates = [r for r in found if (r.begins is None or r.begins <= instant) and (r.ends is None or instant < r.ends)]
        return {r.scope: r.rate_bps for r in rates}

    top, leaf = world.path
    marks = holding(queries.benchmark_rates(at=instant))
    own = holding(queries.merchant_rates(merchant_id=world.shop, at=instant))
    over = {
        node: next((r for n in way if (r := marks.get(f"benchmark:{n}:other"))), 0)
        for node, way in ((top, (top, 0)), (leaf, (leaf, top, 0)))
    }
    default = own.get(f"default:{world.shop}")
    assert default is None or default >= over[leaf]
    categories = {node: own.get(f"category:{world.shop}:{node}") for node in (top, leaf)}
    assert categories[top] is None or categories[top] >= max(over.values())
    assert categories[leaf] is None or categories[leaf] >= over[leaf]
    below = next((rate for rate in (categories[leaf], categories[top], default) if rate is not None), over[leaf])
    for product in world.products:
        assert own.get(f"main:{product}", 9000) >= below


SCRIPT = [
    (0, CLOCK[2], ("benchmark", 0, 200)),
    (0, CLOCK[5], ("main", 0, 900)),
    (1, CLOCK[0], ("category", 1, 500)),
    (1, CLOCK[1], ("category", 1, 600)),
    (1, CLOCK[3], ("campaign", "a", (1500, 30, 20, 5))),
    (1, CLOCK[6], ("main", 0, 800)),
    (2, CLOCK[0], ("default", 0, 300)),
    (2, CLOCK[2], ("tier", 0, 100)),
    (3, CLOCK[4], ("main", 0, None)),
    (3, CLOCK[6], ("main", 1, 900)),
    (4, CLOCK[0], ("benchmark", 2, 400)),
]


@pytest.fixture
def process_zone():
    """Set the process's own time zone; put back afterwards."""
    kept = os.environ.get("TZ")

    def set_zone(name):
        os.environ["TZ"] = name
        time.tzset()

    yield set_zone
    os.environ.pop("TZ") if kept is None else set_zone(kept)
    time.tzset()


@pytest.mark.parametrize("base", BASES, ids=["leap day", "no leap day", "new year"])
def test_no_time_zone_of_the_process_changes_a_rate(db, process_zone, base):
    digests = set()
    for zone in ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"):
        process_zone(zone)
        with transaction.atomic():
            world = World(base, Source.MINI_PROGRAM)
            for step in SCRIPT:
                world.apply(step)
            at = instants(base)
            held = world.terms(at)
            assert [said(terms) for terms in held] == [one for instant in at for one in world.expected(instant)]
            told = repr([said(terms)[:4] for terms in held])
            digests.add(hashlib.sha256(told.encode()).hexdigest())
            transaction.set_rollback(True)
    assert len(digests) == 1


def test_the_edges_of_a_day_by_hand(db):
    make.benchmark(200)
    shop = catalog.shop()
    product = catalog.product(merchant_id=shop)
    leap = datetime(2028, 2, 29, 23, 59, 59, tzinfo=SHANGHAI)
    make.main_product(shop, product, 900, now=leap)
    march = datetime(2028, 3, 1, tzinfo=SHANGHAI)
    assert make.terms(product, at=march - TICK).rate_bps == 200
    assert make.terms(product, at=march).rate_bps == 900
    make.main_product(shop, product, 901, now=march)
    assert make.terms(product, at=march + DAY - TICK).rate_bps == 900
    assert make.terms(product, at=march + DAY).rate_bps == 901
    make.main_product(shop, product, 902, now=datetime(2028, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI))
    year = datetime(2029, 1, 1, tzinfo=SHANGHAI)
    assert [make.terms(product, at=t).rate_bps for t in (year - TICK, year)] == [901, 902]
