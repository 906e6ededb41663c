"""Which touch earns a line: tables at the edges, and an oracle that decides the same in another way."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.attribution import rules
from tuike.attribution.types import (
    BindingFacts,
    BindingPolicy,
    Buyer,
    Claim,
    ClaimAsk,
    Evidence,
    Kind,
    Led,
    PromoterStanding,
    Reason,
    TouchFacts,
)
from tuike.parties.types import BindingMode

PLACED = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
WINDOW = timedelta(days=15)
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
SHOP, PRODUCT, BUYER, A, B = 1, 10, 500, 71, 72


def touch(
    promoter: int = A, *, at: datetime = PLACED - DAY, id_: int = 1, product: int | None = PRODUCT, **more: object
) -> TouchFacts:
    facts: dict = {"expires_at": PLACED + DAY, "link_id": 100 + id_, "place_id": 200 + promoter} | more
    return TouchFacts(touch_id=id_, touched_at=at, promoter_id=promoter, merchant_id=SHOP, product_id=product, **facts)


def bound(promoter: int = B, *, at: datetime = PLACED - 40 * DAY, until: datetime = PLACED) -> BindingFacts:
    return BindingFacts(SHOP, promoter, at, until, touch(promoter, at=at, id_=50, product=99, activity_no="ACT"))


def decide(
    *touches: TouchFacts,
    ask: ClaimAsk | None = None,
    binding: BindingFacts | None = None,
    mode: BindingMode = BindingMode.OFF,
    promoters: tuple[PromoterStanding, ...] = (),
    buyer: Buyer | None = None,
    led: Mapping[tuple[str, int], Led] | None = None,
) -> Claim:
    return rules.decide(
        ask or ClaimAsk(line_id=1, order_no="O1", merchant_id=SHOP, product_id=PRODUCT),
        evidence=Evidence(touches=touches, bindings={SHOP: binding} if binding else {}),
        buyer=buyer or Buyer(buyer_id=BUYER),
        promoters={p: PromoterStanding(promoter_id=p) for p in (A, B)} | {p.promoter_id: p for p in promoters},
        terms=rules.Terms(placed_at=PLACED, window=WINDOW, binding={SHOP: mode}, led=led or {}),
    )


SUSPENDED = (PromoterStanding(promoter_id=A, suspended=True),)


@pytest.mark.parametrize(
    ("touches", "reason"),
    [
        ((), Reason.NO_TOUCH),
        ((touch(product=11),), Reason.OTHER_PRODUCT),
        ((touch(at=PLACED + TICK),), Reason.TOUCH_AFTER_ORDER),
        ((touch(at=PLACED - WINDOW - TICK),), Reason.WINDOW_PASSED),
        ((touch(expires_at=PLACED),), Reason.TICKET_EXPIRED),
        # among several the one that was nearest to a claim tells most
        ((touch(product=11, id_=2), touch(at=PLACED - WINDOW - TICK)), Reason.WINDOW_PASSED),
        ((touch(product=11, id_=2), touch(at=PLACED - WINDOW - TICK), touch(expires_at=PLACED)), Reason.TICKET_EXPIRED),
        ((touch(at=PLACED + TICK), touch(product=11)), Reason.TOUCH_AFTER_ORDER),
    ],
)
def test_nobody_earns_and_the_reason_is_the_most_telling(touches, reason):
    claim = decide(*touches)
    assert (claim.kind, claim.reason, claim.promoter_id) == (Kind.NONE, reason, None)
    assert len(claim.facts["touches"]) == len(touches)


@pytest.mark.parametrize(
    "winner",
    [
        touch(at=PLACED),
        touch(at=PLACED - WINDOW),
        touch(expires_at=PLACED + TICK),
        touch(product=None),
    ],
)
def test_the_edges_that_still_earn(winner):
    assert decide(winner).promoter_id == A


@pytest.mark.parametrize(
    ("touches", "winner"),
    [
        ((touch(A, at=PLACED - 2 * HOUR, id_=9), touch(B, at=PLACED - HOUR, id_=3)), B),
        ((touch(A, id_=4), touch(B, id_=3)), A),  # the same instant: the sequence decides
        ((touch(A, id_=3), touch(B, id_=4)), B),
        ((touch(A, at=PLACED - DAY), touch(B, at=PLACED + TICK, id_=2)), A),
        ((touch(A, at=PLACED - DAY), touch(B, at=PLACED - HOUR, id_=2, product=11)), A),
        ((touch(A, at=PLACED - DAY), touch(B, at=PLACED - HOUR, id_=2, expires_at=PLACED)), A),
        ((touch(A, at=PLACED - DAY, product=None), touch(B, at=PLACED - HOUR, id_=2, product=11)), A),
        ((touch(A, at=PLACED - DAY), touch(B, at=PLACED - HOUR, id_=2, product=None)), B),
    ],
)
def test_the_last_valid_touch_wins(touches, winner):
    assert decide(*touches).promoter_id == winner
    assert decide(*reversed(touches)).promoter_id == winner


def test_a_suspended_promoter_gives_way_and_alone_is_the_reason():
    assert decide(touch(A), promoters=SUSPENDED).reason == Reason.PROMOTER_SUSPENDED
    assert decide(touch(A), touch(B, at=PLACED - 2 * DAY), promoters=SUSPENDED).promoter_id == B


def test_another_shops_touch_is_no_touch():
    elsewhere = TouchFacts(
        touch_id=1,
        touched_at=PLACED - HOUR,
        link_id=1,
        place_id=1,
        promoter_id=A,
        merchant_id=2,
        product_id=None,
        expires_at=PLACED + DAY,
    )
    assert decide(elsewhere).reason == Reason.NO_TOUCH


SELF = PromoterStanding(promoter_id=A, related_persons=frozenset({BUYER}))
SAME_PHONE = PromoterStanding(promoter_id=A, related_marks=frozenset({"phone:1"}))


@pytest.mark.parametrize(
    ("standing", "buyer"),
    [(SELF, Buyer(buyer_id=BUYER)), (SAME_PHONE, Buyer(buyer_id=BUYER, marks=frozenset({"phone:1", "payer:2"})))],
)
def test_ones_own_purchase_is_told_and_earns_only_where_it_is_on(standing, buyer):
    off = decide(touch(A), touch(B, at=PLACED - 2 * DAY), promoters=(standing,), buyer=buyer)
    assert off.reason == Reason.SELF_PURCHASE_OFF  # never handed on to the promoter before
    on = ClaimAsk(line_id=1, order_no="O1", merchant_id=SHOP, product_id=PRODUCT, self_purchase_on=True)
    earned = decide(touch(A), promoters=(standing,), buyer=buyer, ask=on)
    assert (earned.promoter_id, earned.self_purchase) == (A, True)
    assert decide(touch(B), promoters=(standing,), buyer=buyer).self_purchase is False


def test_a_product_that_cant_be_promoted_earns_nothing_and_says_so():
    ask = ClaimAsk(line_id=1, order_no="O1", merchant_id=SHOP, product_id=PRODUCT, not_promotable="excluded")
    assert decide(touch(A), ask=ask).reason == Reason.NOT_PROMOTABLE
    assert decide(touch(A), ask=ask).facts["not_promotable"] == "excluded"
    assert decide(ask=ask).reason == Reason.NO_TOUCH


def test_a_claim_keeps_who_stood_above_the_promoter():
    above = PromoterStanding(promoter_id=A, line=(81, 82))
    assert decide(touch(), promoters=(above,)).facts["line"] == [81, 82]
    assert decide(touch()).facts["line"] == []
    by_binding = decide(binding=bound(A), mode=BindingMode.FIRST, promoters=(above,))
    assert (by_binding.kind, by_binding.facts["line"]) == (Kind.BINDING, [81, 82])
    assert "line" not in decide().facts


def test_the_winners_leader_comes_along_unless_the_activity_is_over():
    seen, led = touch(A, activity_no="ACT"), {("ACT", PRODUCT): Led(enrolment_id=5, leader_id=9, service_bps=300)}
    claim = decide(seen, led=led)
    assert (claim.leader_id, claim.activity_no, claim.service_bps, claim.enrolment_id) == (9, "ACT", 300, 5)
    assert decide(touch(A), led=led).leader_id is None
    assert decide(touch(A, product=None, activity_no="ACT"), led={("ACT", 99): led["ACT", PRODUCT]}).leader_id is None
    over = decide(seen)
    assert (over.promoter_id, over.leader_id, over.activity_no, over.service_bps) == (A, None, "", 0)
    assert over.facts["activity_ended"] == "ACT"


@pytest.mark.parametrize(
    ("binding", "mode", "kind", "reason"),
    [
        (bound(), BindingMode.LAST, Kind.BINDING, None),
        (bound(), BindingMode.FIRST, Kind.BINDING, None),
        (bound(), BindingMode.OFF, Kind.NONE, Reason.NO_TOUCH),
        (bound(until=PLACED - TICK), BindingMode.LAST, Kind.NONE, Reason.BINDING_EXPIRED),
        (bound(at=PLACED + TICK, until=PLACED + DAY), BindingMode.LAST, Kind.NONE, Reason.TOUCH_AFTER_ORDER),
        (bound(A), BindingMode.LAST, Kind.NONE, Reason.PROMOTER_SUSPENDED),
    ],
)
def test_a_binding_earns_only_while_it_protects_and_the_merchant_binds(binding, mode, kind, reason):
    claim = decide(binding=binding, mode=mode, promoters=SUSPENDED)
    assert (claim.kind, claim.reason) == (kind, reason)
    if kind == Kind.BINDING:
        assert (claim.promoter_id, claim.leader_id, claim.service_bps) == (B, None, 0)  # direct commission alone


def test_a_touch_beats_a_binding_and_a_failed_one_tells_more_than_an_expired_binding():
    assert decide(touch(A), binding=bound(), mode=BindingMode.LAST).kind == Kind.MATERIAL
    assert decide(touch(A, product=11), binding=bound(), mode=BindingMode.LAST).kind == Kind.BINDING
    late = decide(touch(A, expires_at=PLACED), binding=bound(until=PLACED - TICK), mode=BindingMode.LAST)
    assert late.reason == Reason.TICKET_EXPIRED


def test_the_protection_is_exact_days():
    assert rules.binds_until(BindingPolicy(BindingMode.FIRST, 7), PLACED) == PLACED + 7 * DAY
    assert rules.binds_until(BindingPolicy(BindingMode.FIRST, 0), PLACED) is None
    assert rules.binds_until(BindingPolicy(BindingMode.OFF, 7), PLACED) is None


def test_many_touches_keep_fifty_verdicts_the_winners_and_a_count():
    noise = [touch(B, at=PLACED - HOUR, id_=100 + n, product=11) for n in range(80)]
    claim = decide(*noise, touch(A, at=PLACED - 2 * HOUR))
    assert claim.promoter_id == A
    assert len(claim.facts["touches"]) == 51 and claim.facts["touches_left_out"] == 30
    assert [t["verdict"] for t in claim.facts["touches"]].count("won") == 1


def test_every_reason_has_words_and_fits_its_column():
    for reason in Reason:
        assert len(reason) <= 24 and reason.sentence("zh-hans") and reason.sentence("en").isascii()


_touches = st.lists(
    st.builds(
        lambda promoter, offset, product, left, n: touch(
            promoter, at=PLACED - offset, product=product, expires_at=PLACED + left, id_=n
        ),
        promoter=st.sampled_from([A, B]),
        offset=st.sampled_from([-HOUR, -TICK, TICK * 0, TICK, HOUR, WINDOW - TICK, WINDOW, WINDOW + TICK, 2 * WINDOW]),
        product=st.sampled_from([PRODUCT, 11, None]),
        left=st.sampled_from([-DAY, -TICK, TICK * 0, TICK, DAY]),
        n=st.integers(1, 1000),
    ),
    max_size=6,
    unique_by=lambda t: t.touch_id,
)


@given(_touches, st.booleans(), st.booleans())
def test_an_oracle_decides_alike(touches, suspended, own):
    """Sort by (instant, sequence), keep what is valid by one conjunction, take the last."""
    standing = PromoterStanding(
        promoter_id=A, suspended=suspended, related_persons=frozenset({BUYER}) if own else frozenset()
    )
    claim = decide(*touches, promoters=(standing,))
    valid = [
        t
        for t in sorted(touches, key=lambda t: (t.touched_at, t.touch_id))
        if t.product_id in (None, PRODUCT)
        and PLACED - WINDOW <= t.touched_at <= PLACED < t.expires_at
        and not (suspended and t.promoter_id == A)
    ]
    assert (claim.promoter_id is None) == (claim.reason is not None)
    if not valid:
        assert claim.reason not in (None, Reason.SELF_PURCHASE_OFF, Reason.NOT_PROMOTABLE)
        assert (claim.reason == Reason.NO_TOUCH) == (not touches)
    elif own and valid[-1].promoter_id == A:
        assert claim.reason == Reason.SELF_PURCHASE_OFF
    else:
        assert (claim.touch_id, claim.promoter_id) == (valid[-1].touch_id, valid[-1].promoter_id)
    verdicts = {t["touch"]: t["verdict"] for t in claim.facts["touches"]}
    assert len(verdicts) == len(touches)
    assert {i for i, v in verdicts.items() if v in ("won", "later_touch_won")} == {t.touch_id for t in valid}
