"""The choice of rates held against a brute-force oracle over random rows; floors, ceilings and amounts as tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuike.kit.errors import Refusal
from tuike.plans import rules, types
from tuike.plans.rules import Benchmarks, Book, Custom
from tuike.plans.types import Layer, LineAsk, RateRow, Terms, TierRate, WhyLost

T0 = datetime(2028, 2, 28, 16, 0, tzinfo=UTC)  # midnight in Shanghai, the day before 29 February ends
DAY = timedelta(days=1)
PATH = (1, 2, 3)
MERCHANT, PRODUCT, PROMOTER, ENROLMENT = 7, 9, 5, 11
INSTANTS = [T0 + n * DAY + tick for n in range(-1, 5) for tick in (timedelta(0), -timedelta(microseconds=1))]

_ends = st.integers(0, 4)
_rate = st.integers(0, 9)


@st.composite
def worlds(draw):
    """Return flat facts: (scope words, begins, ends, rate, bonus, campaign, capped, by operator), ids by position."""
    facts = []
    single = [("main", PRODUCT), ("main", 10), ("default", MERCHANT), ("tier", MERCHANT, 2), ("tier", MERCHANT, 3)]
    single += [("category", MERCHANT, c) for c in (1, 2, 3, 4)] + [("category", 8, 3)]
    single += [("benchmark", c, k) for c in (0, 1, 3, 4) for k in ("individual", "other")]
    single += [("grade", PROMOTER), ("grade", 6), ("leader", ENROLMENT), ("leader", 12)]
    single += [("targeted", plan, who, PRODUCT) for plan, who in ((1, PROMOTER), (2, PROMOTER), (3, 6))]
    single += [("self", MERCHANT, "p", PRODUCT), ("self", MERCHANT, "a", 0)]
    single += [("self", MERCHANT, "c", c) for c in (1, 3)]
    for scope in draw(st.lists(st.sampled_from(single), unique=True)):
        cuts = sorted(draw(st.sets(_ends, min_size=1, max_size=3)))
        starts = [None, *cuts] if draw(st.booleans()) else cuts
        for begins, ends in zip(starts, [*starts[1:], None], strict=True):
            if draw(st.booleans()):
                facts.append((scope, begins, ends, draw(_rate), 0, None, False, False))
    for campaign in range(1, draw(st.integers(0, 4)) + 1):
        owner, capped = draw(st.sampled_from((0, MERCHANT))), draw(st.booleans())
        wide = draw(st.sampled_from([("p", PRODUCT), ("p", 10), ("c", 1), ("c", 3), ("c", 4), ("a", owner)]))
        begins = draw(_ends)
        rest = (draw(_rate), draw(st.integers(0, 3)), campaign, capped, owner == 0)
        facts.append((("campaign", owner, *wide), begins, begins + draw(st.integers(1, 3)), *rest))
        if draw(st.booleans()):
            facts.append((("self", MERCHANT, "g", campaign), draw(_ends), None, draw(_rate), 0, campaign, False, False))
    return facts


def rows_of(facts):
    """Return the facts as the database hands them over."""
    rates = {}
    for id_, (scope, begins, ends, rate, bonus, campaign, capped, by_operator) in enumerate(facts, start=1):
        words = [str(word) for word in scope]
        if scope[0] == "campaign":
            wide = {"p": ["product", words[3]], "c": ["category", words[1], words[3]], "a": ["campaign", "a", words[3]]}
            words = wide[scope[2]]
        if scope[0] == "main":
            words = ["product", words[1]]
        if scope[0] == "self" and scope[2] == "g":
            words = words[:3]
        if scope[0] == "targeted":
            words = [words[0], *words[2:]]
        lookup = ":".join(words)
        span = (None if begins is None else T0 + begins * DAY, None if ends is None else T0 + ends * DAY)
        row = RateRow(id_, Layer(scope[0]), lookup, campaign, rate, bonus, *span, capped, by_operator)
        rates.setdefault(lookup, []).append(row)
    return rates


def oracle(facts, ask):
    """Say what holds by looking at every fact for every question: (layer, id), tiers, grade, self, bonus, campaign."""

    def holding(*scope):
        for id_, (its, begins, ends, rate, *rest) in enumerate(facts, start=1):
            begun = begins is None or T0 + begins * DAY <= ask.at
            if its == scope and begun and (ends is None or ask.at < T0 + ends * DAY):
                return id_, rate, rest
        return None

    kind = ask.subject_kind
    order = [("main", PRODUCT)]
    order += [("category", MERCHANT, c) for c in (3, 2, 1)]
    order += [("default", MERCHANT), *[("benchmark", c, kind) for c in (3, 2, 1, 0)]]
    base = next(((scope[0], *holding(*scope)) for scope in order if holding(*scope)), ("none", None, 0, None))
    if ask.promoter_id and not ask.self_purchase:
        own = [("leader", ask.enrolment_id)] + [("targeted", plan, ask.promoter_id, PRODUCT) for plan in (1, 2, 3)]
        reach = [(scope[0], *holding(*scope)) for scope in own if holding(*scope) and holding(*scope)[1] >= base[2]]
        base = min(reach, key=lambda one: (one[0] != "leader", -one[1]), default=base)
    acting = []
    for id_, (scope, begins, ends, rate, bonus, campaign, capped, _) in enumerate(facts, start=1):
        if scope[0] != "campaign" or not T0 + begins * DAY <= ask.at < T0 + ends * DAY:
            continue
        covers = scope[2:] in {("p", PRODUCT), ("a", MERCHANT), ("a", 0)} | {("c", c) for c in PATH}
        if covers and rate > base[2] and (not capped or ask.campaign_id == campaign):
            acting.append(("pca".index(scope[2]), -id_, rate, bonus, campaign))
    best = min(acting) if acting else None
    layer, won = ("campaign", -best[1]) if best else (base[0], base[1])
    own = None
    if ask.self_purchase:
        asked = [("self", MERCHANT, "g", best[4])] if best else []
        asked += [("self", MERCHANT, "p", PRODUCT), *[("self", MERCHANT, "c", c) for c in (3, 2, 1)]]
        own = next((found[0] for scope in [*asked, ("self", MERCHANT, "a", 0)] if (found := holding(*scope))), None)
        return layer, won, {}, None, own, 0, best and best[4]
    tiers = {tier: found[0] for tier in (2, 3) if (found := holding("tier", MERCHANT, tier)) and found[1]}
    grade = holding("grade", ask.promoter_id) if ask.promoter_id else None
    return layer, won, tiers, grade and grade[0], None, best[3] if best else 0, best and best[4]


def asks():
    return st.builds(
        LineAsk,
        line_id=st.just(1),
        product_id=st.just(PRODUCT),
        merchant_id=st.just(MERCHANT),
        category_path=st.just(PATH),
        subject_kind=st.sampled_from(("individual", "other")),
        promoter_id=st.sampled_from((None, PROMOTER)),
        self_purchase=st.booleans(),
        at=st.sampled_from(INSTANTS),
        campaign_id=st.sampled_from((None, 1, 2)),
        enrolment_id=st.sampled_from((None, ENROLMENT)),
    )


@settings(max_examples=400, deadline=None)
@given(worlds(), asks())
def test_the_choice_equals_the_oracle(facts, ask):
    rates = rows_of(facts)
    wanted = set(rules.lookups(ask))
    terms = rules.choose(ask, {name: found for name, found in rates.items() if name in wanted})
    assert terms == rules.choose(ask, rates)
    tiers = {tier: rate.rate_id for tier, rate in terms.tier_bps.items()}
    got = (terms.layer.value, terms.rate_id, tiers, terms.grade_rate_id, terms.self_rate_id)
    assert (*got, terms.bonus_fen, terms.campaign_id) == oracle(facts, ask)
    assert Terms.from_json(terms.to_json()) == terms
    by_id = {row.rate_id: row for found in rates.values() for row in found}
    for lost in terms.lost:
        assert lost.rate_id != terms.rate_id and by_id[lost.rate_id].rate_bps == lost.rate_bps
    if terms.rate_id:
        assert by_id[terms.rate_id].rate_bps == terms.rate_bps


@settings(max_examples=200, deadline=None)
@given(worlds(), asks())
def test_what_is_reserved_is_what_then_wins(facts, ask):
    rates = rows_of(facts)
    campaign = rules.campaign_for(ask, rates)
    if campaign is None:
        assert rules.choose(ask, rates).layer is not Layer.CAMPAIGN
    else:
        held = LineAsk(**{name: getattr(ask, name) for name in ask.__slots__} | {"campaign_id": campaign.campaign_id})
        assert rules.choose(held, rates).rate_id == campaign.rate_id


def test_every_loser_says_why_in_two_languages():
    assert all(why.sentence() != why.sentence("en") for why in WhyLost)


def test_terms_in_json_are_small():
    bare = Terms(1, Layer.MAIN, 900, 4, 0, None, {}, 0, None, "merchant", None, None, ())
    assert bare.to_json() == {"line": 1, "layer": "main", "bps": 900, "id": 4}
    off = Terms(1, Layer.SELF, 0, 4, 0, 8, {2: TierRate(5, 6)}, 1, 2, "platform", 0, 3, ())
    assert Terms.from_json(off.to_json()) == off


@pytest.mark.parametrize(("kind", "known"), [("individual", "individual"), ("enterprise", "other"), ("other", "other")])
def test_benchmarks_know_two_kinds_of_subject(kind, known):
    assert rules.subject_of(kind) == known


@pytest.mark.parametrize(
    ("paid", "rate", "bonus", "quantity", "amount"),
    [(5999, 1000, 0, 1, 599), (5999, 1000, 100, 2, 799), (0, 9000, 5, 3, 15), (1, 9999, 0, 1, 0)],
)
def test_the_whole_campaign_commission_is_reserved(paid, rate, bonus, quantity, amount):
    assert rules.reserve_amount(paid_fen=paid, rate_bps=rate, bonus_fen=bonus, quantity=quantity) == amount


@pytest.mark.parametrize(
    ("bonus", "price", "worst"), [(0, 1, 1600), (1, 10000, 1601), (1, 3, 1600 + 3334), (100, 100, 11600)]
)
def test_the_worst_case_rounds_the_bonus_up(bonus, price, worst):
    shares = {"rate_bps": 1000, "grade_bps": 100, "tiers_bps": 300, "leader_bps": 200}
    assert rules.worst_bps(**shares, bonus_fen=bonus, price_fen=price) == worst


TREE = {1: (1,), 2: (1, 2), 3: (1, 2, 3), 4: (4,)}


def test_floors_look_up_for_benchmarks_and_down_for_categories():
    benchmarks = Benchmarks({0: 100, 2: 300}, TREE)
    assert [benchmarks.of(TREE[c]) for c in (1, 2, 3, 4)] == [100, 300, 300, 100]
    assert [benchmarks.highest_under(c) for c in (1, 2, 3, 4)] == [300, 300, 300, 100]
    book = Book(MERCHANT, "other", True, frozenset({4}))
    assert rules.default_floor(book, benchmarks) == 100
    assert rules.default_floor(Book(MERCHANT, "other", True, frozenset({3, 4})), benchmarks) == 300
    assert rules.default_floor(Book(MERCHANT, "other", False, frozenset({3})), benchmarks) == 0
    assert rules.next_layer(book, TREE[3], benchmarks) == (Layer.BENCHMARK, 300)
    book.default = Custom(Layer.DEFAULT, 350, 350)
    assert rules.next_layer(book, TREE[3], benchmarks) == (Layer.DEFAULT, 350)
    book.categories[1] = Custom(Layer.CATEGORY, 320, 320, 1)
    assert rules.next_layer(book, TREE[3], benchmarks) == (Layer.CATEGORY, 320)


_custom = st.tuples(st.integers(1, 20), st.integers(0, 20)).map(lambda pair: (max(pair), pair[0]))


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from((0, 1, 2, 3, 4)), st.integers(1, 20)),
    st.one_of(st.none(), _custom),
    st.dictionaries(st.sampled_from((1, 2, 3, 4)), _custom),
    st.dictionaries(st.sampled_from((11, 12)), _custom),
)
def test_after_lifting_everything_stands_at_its_own_rate_or_its_floor(rates, default, categories, mains):
    benchmarks = Benchmarks(rates, TREE)
    book = Book(MERCHANT, "other", True, frozenset({3, 4}))
    book.default = default and Custom(Layer.DEFAULT, *default)
    book.categories = {c: Custom(Layer.CATEGORY, *r, c, None, TREE[c]) for c, r in categories.items()}
    book.mains = {p: Custom(Layer.MAIN, *r, None, p, TREE[p - 8]) for p, r in mains.items()}
    own = {(c.layer, c.category_id, c.product_id): c for c in [*book.categories.values(), *book.mains.values()]}
    moved = rules.lifts(book, benchmarks)
    for custom in [*book.categories.values(), *book.mains.values()]:
        floor = (
            rules.category_floor(book, custom.category_id, benchmarks)
            if custom.layer is Layer.CATEGORY
            else rules.next_layer(book, custom.path, benchmarks)[1]
        )
        assert custom.rate_bps == max(custom.own_bps, floor)
        before = own[custom.layer, custom.category_id, custom.product_id]
        assert custom.own_bps == before.own_bps and (custom in moved) == (custom.rate_bps != before.rate_bps)
    if book.default:
        assert book.default.rate_bps == max(book.default.own_bps, rules.default_floor(book, benchmarks))
    assert rules.lifts(book, benchmarks) == []


def test_refusals_have_codes_of_their_own():
    found = [kind for kind in vars(types).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
    named = [kind for kind in found if kind is not Refusal and not kind.__name__.startswith("_")]
    assert len({kind.code for kind in named}) == len(named) and all(kind.zh and kind.en for kind in named)
