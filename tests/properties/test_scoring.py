"""What holds of scores whatever the orders: bounded, explained, the same in any order, and no worse for strangers."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make.scoring import DAY, NOON, book, trace
from tuike.scoring import rules
from tuike.scoring.rules import Groups
from tuike.scoring.types import MOST, Found, Signal

digests = st.sampled_from([b"", b"a", b"b", b"c"])
traces = st.lists(
    st.builds(
        lambda buyer, hours, click, cart, back, coupon, marks: trace(
            buyer_id=buyer,
            at=NOON + hours * DAY / 24,
            click_ms=click,
            cart_ms=cart,
            coupon=coupon,
            refunded_fen=5_000 if back else 0,
            refunded_at=NOON + 20 * DAY if back else None,
            due_at=NOON + 22 * DAY if back else None,
            **dict(zip(("address", "phone", "device", "payer"), marks, strict=True)),
        ),
        st.integers(1, 9),
        st.integers(0, 48),
        st.none() | st.integers(0, 100_000),
        st.none() | st.integers(-100_000, 100_000),
        st.booleans(),
        st.sampled_from(["", "K1"]),
        st.tuples(digests, digests, digests, digests),
    ),
    max_size=25,
)
findings = st.lists(
    st.builds(Found, st.sampled_from(Signal), st.integers(0, 99), st.integers(0, 99), st.integers(0, MOST)), max_size=8
)


@given(findings)
def test_a_score_is_bounded_and_no_finding_lowers_it(some):
    score = rules.combine(some)
    assert max((one.points for one in some), default=0) <= score.thousandths <= MOST
    assert rules.combine(reversed(some)) == score
    for n in range(len(some)):
        assert rules.combine(some[:n] + some[n + 1 :]).thousandths <= score.thousandths


@settings(max_examples=60, deadline=None)
@given(traces)
def test_every_order_has_a_score_that_its_findings_make(some):
    scores = rules.judge(book(*some))
    assert scores.keys() == {one.order_no for one in some}
    for one in scores.values():
        assert one == rules.combine(one.findings)
        assert len({found.signal for found in one.findings}) == len(one.findings)


@settings(max_examples=60, deadline=None)
@given(traces, st.integers(1, 20))
def test_strangers_make_nobody_a_ring(some, many):
    """Orders of buyers who share nothing bring no signal of hands to anybody."""
    hands = {Signal.BUYER_RING, Signal.SHARED_PHONE, Signal.SHARED_DEVICE, Signal.SHARED_PAYER, Signal.COUPON_ABUSE}
    strangers = [trace(at=NOON + n * DAY) for n in range(many)]
    before, after = rules.judge(book(*some)), rules.judge(book(*some, *strangers))
    for one in some:
        kept = [found for found in before[one.order_no].findings if found.signal in hands]
        assert kept == [found for found in after[one.order_no].findings if found.signal in hands]
    for one in strangers:
        assert not hands & {found.signal for found in after[one.order_no].findings}


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20))
def test_groups_are_the_components_of_the_graph(pairs):
    groups = Groups()
    for one, other in pairs:
        groups.join(one, other)
    reached = {n: {n} for n in range(13)}
    for _ in range(13):
        for one, other in pairs:
            joined = reached[one] | reached[other]
            for n in joined:
                reached[n] = reached[n] | joined
    for one in range(13):
        for other in range(13):
            assert (groups.of(one) == groups.of(other)) is (other in reached[one])
