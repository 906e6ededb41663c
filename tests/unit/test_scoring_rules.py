"""Signals by tables: each fires on abuse, and not on the honest business that looks like it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.make.scoring import DAY, NOON, PROMOTER, book, gone, mark, trace, usual
from tuike.scoring import rules
from tuike.scoring.types import HIGH, WORDS, Book, Found, Led, Limits, Mark, Score, Signal

MINUTE = timedelta(minutes=1)
NIGHT = NOON + timedelta(hours=15)
"""Three in the morning."""


def fired(one: Book, limits: Limits | None = None) -> dict[str, set[Signal]]:
    """Return by order which signals fired."""
    judged = rules.judge(one, limits) if limits else rules.judge(one)
    return {no: {found.signal for found in score.findings} for no, score in judged.items()}


def everything(one: Book) -> set[Signal]:
    return set().union(*fired(one).values())


def shared(many: int, **rest):
    """So many accounts with an order each and the marks given."""
    return [trace(at=NOON + n * DAY, **rest) for n in range(many)]


@pytest.mark.parametrize(
    ("click_ms", "points"), [(0, 900), (999, 900), (1_000, 750), (1_999, 750), (2_000, None), (None, None)]
)
def test_an_order_right_after_its_click(click_ms, points):
    [score] = rules.judge(book(trace(click_ms=click_ms))).values()
    found = [one for one in score.findings if one.signal is Signal.QUICK_ORDER]
    assert found == ([Found(Signal.QUICK_ORDER, click_ms, 2_000, points)] if points else [])


@pytest.mark.parametrize(
    ("cart_ms", "click_ms", "fires"),
    [(10_000, 60_000, True), (9_999, 60_000, False), (10_000, 60_001, False), (-1, 5_000, False), (None, 5_000, False)],
)
def test_a_click_after_the_cart_was_filled(cart_ms, click_ms, fires):
    one = trace(cart_ms=cart_ms, click_ms=click_ms)
    assert (Signal.CLICK_AFTER_CART in everything(book(one))) is fires


def test_carts_that_are_hijacked_and_a_sale_for_which_some_had_filled_theirs():
    late = {"cart_ms": 600_000, "click_ms": 5_000}
    hijacked = [trace(**late) for _ in range(5)]
    found = fired(book(*hijacked, *usual(11)))
    assert all(Signal.HIJACKED_CARTS in found[one.order_no] for one in hijacked)
    assert all(Signal.HIJACKED_CARTS not in found[one] for one in found.keys() - {one.order_no for one in hijacked})
    assert Signal.HIJACKED_CARTS not in everything(book(*hijacked, *usual(12)))
    assert Signal.HIJACKED_CARTS not in everything(book(*hijacked[:4]))


def test_clicks_without_landing_and_a_promoter_gone_viral():
    assert Signal.NO_LANDING in everything(book(trace(), clicks=20_000, landings=1_999))
    assert Signal.NO_LANDING not in everything(book(trace(), clicks=20_000, landings=2_000))
    assert Signal.NO_LANDING not in everything(book(trace(), clicks=299, landings=0))


def test_carts_hijacked_at_one_place_among_many_honest_orders():
    late = {"cart_ms": 600_000, "click_ms": 5_000, "place_id": 9}
    hijacked, honest = [trace(**late) for _ in range(8)], [trace(place_id=9) for _ in range(8)]
    found = fired(book(*hijacked, *honest, *usual(100, place_id=1)))
    assert all(Signal.HIJACKED_PLACE in found[one.order_no] for one in hijacked)
    assert all(Signal.HIJACKED_PLACE not in found[one.order_no] for one in honest)
    assert Signal.HIJACKED_PLACE not in everything(book(*hijacked[:7], *usual(100, place_id=1)))
    assert Signal.HIJACKED_PLACE not in everything(book(*hijacked, *honest, trace(place_id=9), *usual(100)))
    nowhere = [replace(one, place_id=0) for one in hijacked]
    assert Signal.HIJACKED_PLACE not in everything(book(*nowhere, *usual(100, place_id=1)))
    assert Signal.HIJACKED_PLACE not in everything(book(*hijacked)), "the promoter's own share has said it"


def test_clicks_without_landing_at_one_place_among_many_that_land():
    def at(place_id, clicks, landings):
        places = {9: (clicks, landings), 1: (50_000, 20_000)}
        return everything(
            book(trace(place_id=place_id), clicks=50_000 + clicks, landings=20_000 + landings, places=places)
        )

    assert at(9, 300, 29) == {Signal.NO_LANDING_PLACE}
    assert at(9, 300, 30) == at(9, 299, 0) == at(1, 300, 29) == at(0, 300, 29) == set()


@pytest.mark.parametrize(
    ("name", "signal", "least", "points"),
    [
        ("address", Signal.SHARED_ADDRESS, 5, 150),
        ("phone", Signal.SHARED_PHONE, 4, 250),
        ("device", Signal.SHARED_DEVICE, 3, 350),
        ("payer", Signal.SHARED_PAYER, 3, 350),
    ],
)
def test_accounts_that_share_a_mark(name, signal, least, points):
    one = mark()
    some = shared(least, **{name: one})
    scores = rules.judge(book(*some))
    assert all(Found(signal, least, least, points) in scores[one.order_no].findings for one in some)
    assert signal not in everything(book(*some[1:]))
    again = [trace(buyer_id=some[1].buyer_id, **{name: one}) for _ in range(least)]
    assert signal not in everything(book(*some[1:], *again[1:]))


def test_a_wholesale_buyer_is_one_account_however_much_it_buys():
    buyer = trace(paid_fen=2_000_000)
    orders = [replace(buyer, order_no=f"W{n}", placed_at=NIGHT, paid_at=NIGHT + n * DAY) for n in range(30)]
    assert everything(book(*orders)) == set()


def test_an_office_with_one_address_and_one_phone_stays_below():
    same = {"address": mark(), "phone": mark()}
    office = [trace(at=NOON + n * MINUTE, **same) for n in range(25)]
    scores = rules.judge(book(*office, *usual()))
    assert max(one.thousandths for one in scores.values()) < HIGH
    assert Signal.SHARED_ADDRESS in everything(book(*office))


def test_a_household_stays_below_and_a_ring_of_buyers_does_not():
    marks = {"address": mark(), "phone": mark()}
    household = [trace(buyer_id=1 + n % 3, at=NOON + n * DAY, **marks) for n in range(9)]
    assert max(one.thousandths for one in rules.judge(book(*household, *usual())).values()) < HIGH
    device, phone = mark(), mark()
    ring = [
        trace(buyer_id=1 + n % 4, at=NOON + n * DAY, **{("device", "phone")[n % 2]: (device, phone)[n % 2]})
        for n in range(8)
    ]
    ring += [trace(buyer_id=1 + n, device=device, phone=phone, at=NOON) for n in range(4)]
    scores = rules.judge(book(*ring, *usual()))
    assert all(Signal.BUYER_RING in {found.signal for found in scores[one.order_no].findings} for one in ring)
    assert all(scores[one.order_no].thousandths >= HIGH for one in ring)


def test_the_promoters_own_circle_and_its_family():
    phone = mark()
    own = {"own_persons": frozenset({1}), "own_marks": frozenset({(Mark.PHONE, phone)})}
    cousins = [trace(buyer_id=2 + n % 3, at=NOON + n * DAY, phone=phone) for n in range(5)]
    found = fired(book(*cousins, *usual(5), **own))
    assert all(Signal.OWN_CIRCLE in found[one.order_no] for one in cousins)
    assert Signal.OWN_CIRCLE not in everything(book(*cousins, *usual(5)))
    family = [trace(buyer_id=2 + n % 2, at=NOON + n * DAY, phone=phone) for n in range(5)]
    assert Signal.OWN_CIRCLE not in everything(book(*family, **own))
    assert Signal.OWN_CIRCLE not in everything(book(*cousins, *usual(21), **own))


def test_what_a_promoter_buys_itself_is_its_own_purchase_and_no_circle():
    mine = [trace(buyer_id=1, at=NOON + n * DAY) for n in range(9)]
    assert everything(book(*mine, own_persons=frozenset({1}))) == set()


def test_promoters_who_buy_from_each_other_and_friends_who_do_so_once():
    ring = {(PROMOTER, 8): 3, (8, 9): 2, (9, PROMOTER): 5, (11, PROMOTER): 9}
    assert rules.circle_of(ring, PROMOTER) == {PROMOTER, 8, 9}
    assert rules.circle_of(ring, 11) == frozenset()
    assert rules.circle_of({(PROMOTER, 8): 1, (8, PROMOTER): 1}, PROMOTER) == frozenset()
    assert rules.circle_of({(PROMOTER, PROMOTER): 9}, PROMOTER) == frozenset()
    bought = [trace(buyer_promoter_id=9) for _ in range(5)]
    found = fired(book(*bought, *usual(10), ring=frozenset({PROMOTER, 8, 9})))
    assert all(Signal.REFERRAL_RING in found[one.order_no] for one in bought)
    assert Signal.REFERRAL_RING not in everything(book(*bought, *usual(12), ring=frozenset({PROMOTER, 8, 9})))
    own = [trace(buyer_promoter_id=PROMOTER) for _ in range(9)]
    assert Signal.REFERRAL_RING not in everything(book(*own, ring=frozenset({PROMOTER, 8, 9})))


def test_refunds_on_the_last_days_and_a_shop_where_much_goes_back():
    late = [gone(at=NOON + n * DAY, late=3) for n in range(5)]
    found = fired(book(*late, *usual(15)))
    assert all(Signal.LATE_REFUNDS in found[one.order_no] for one in late)
    assert Signal.LATE_REFUNDS not in everything(book(*late, *usual(16)))
    assert Signal.LATE_REFUNDS not in everything(book(*(gone(late=6) for _ in range(9))))
    assert Signal.LATE_REFUNDS not in {*fired(book(*late, *usual(15)), Limits(late_bps=2_501))[late[0].order_no]}


def test_who_lends_a_late_refunder_the_device_is_the_same_hand():
    device = mark()
    late = [gone(at=NOON + n * DAY, late=1, device=device) for n in range(5)]
    same, other = trace(device=device), trace()
    found = fired(book(*late, same, other))
    assert Signal.LATE_REFUNDS in found[same.order_no]
    assert Signal.LATE_REFUNDS not in found[other.order_no]


def test_rounds_of_orders_and_refunds_and_one_who_sends_much_back():
    rounds = [gone(buyer_id=1 + n % 2, at=NOON + n * DAY) for n in range(5)]
    found = fired(book(*rounds))
    assert all(Signal.ROUND_TRIPS in found[one.order_no] for one in rounds)
    assert Signal.ROUND_TRIPS not in everything(book(*(gone(buyer_id=1) for _ in range(4))))
    assert Signal.ROUND_TRIPS not in everything(book(*(gone() for _ in range(9))))


def test_a_burst_at_night_from_few_hands_and_a_sale_at_night():
    hands = [trace(buyer_id=1 + n % 4, at=NIGHT + n * MINUTE) for n in range(8)]
    found = fired(book(*hands, *usual()))
    assert all(Signal.NIGHT_BURST in found[one.order_no] for one in hands)
    sale = [trace(at=NIGHT + n * MINUTE) for n in range(8)]
    assert Signal.NIGHT_BURST not in everything(book(*sale, *usual()))
    day = [trace(buyer_id=1 + n % 4, at=NOON + n * MINUTE) for n in range(8)]
    assert Signal.NIGHT_BURST not in everything(book(*day))
    assert Signal.NIGHT_BURST not in everything(book(*hands[:7], *usual()))


def test_one_coupon_for_one_hand_and_a_family_that_uses_it():
    device = mark()
    farm = [trace(device=device, coupon="K1") for _ in range(4)]
    scores = rules.judge(book(*farm))
    assert all(scores[one.order_no].thousandths >= HIGH for one in farm)
    assert Signal.COUPON_ABUSE not in everything(book(*farm[:3]))
    assert Signal.COUPON_ABUSE not in everything(book(*(trace(coupon="K1", address=device) for _ in range(9))))
    other = [trace(device=device, coupon=f"K{n}") for n in range(4)]
    assert Signal.COUPON_ABUSE not in everything(book(*other))


def test_a_leaders_count_made_of_refunds_and_a_leader_whose_goods_go_back():
    went, stays = gone(enrolment_id=5), trace(enrolment_id=5)
    scores = rules.judge(book(went, stays, led={5: Led(10, 4)}))
    assert Found(Signal.LEADER_REFUNDS, 4_000, 4_000, 650) in scores[went.order_no].findings
    assert scores[stays.order_no].thousandths == 200
    assert Signal.LEADER_REFUNDS not in everything(book(went, led={5: Led(1_000, 399)}))
    assert Signal.LEADER_REFUNDS not in everything(book(went, led={5: Led(9, 9)}))
    assert Signal.LEADER_REFUNDS not in everything(book(gone(), led={5: Led(10, 10)}))


@pytest.mark.parametrize(
    ("from_bps", "to_bps", "before", "after", "found"),
    [
        (2_000, 1_000, [5] * 14, 12, 11),
        (2_000, 1_001, [5] * 14, 99, None),
        (2_000, 0, [5] * 14, 11, None),
        (2_000, 0, [5] * 6, 99, None),
        (2_000, 0, [0] * 14, 9, None),
        (2_000, 0, [10, 30] * 7, 80, None),
        (2_000, 0, [10, 30] * 7, 81, 80),
    ],
)
def test_a_rate_that_is_cut_before_a_surge(from_bps, to_bps, before, after, found):
    told = rules.odd_cut(from_bps=from_bps, to_bps=to_bps, before=before, after=after)
    assert told == (Found(Signal.RATE_CUT, after, found, 600) if found is not None else None)


def test_findings_are_combined_the_heaviest_first_and_the_fraction_stays():
    some = [Found(Signal.SHARED_PHONE, 4, 4, 333), Found(Signal.QUICK_ORDER, 9, 2_000, 750)]
    assert rules.combine(some) == Score(750 + 83, (some[1], some[0]))
    assert rules.combine([]) == Score(0)


def test_limits_are_floors_until_enough_promoters_say_what_is_usual():
    assert rules.limits_of({}) == Limits()
    assert rules.limits_of({"late": [5_000] * 19, "landing": [1_200] * 19}) == Limits()
    late, landing = [3_000, 3_100] * 10, [1_200] * 20
    assert rules.limits_of({"late": late, "landing": landing}) == Limits(late_bps=3_350, landing_bps=200)
    assert rules.limits_of({"gone": [100] * 20, "cart": [0, 9_000] * 10}) == Limits(cart_bps=9_000)


@pytest.mark.parametrize("signal", Signal)
def test_every_signal_says_what_it_saw_in_both_languages(signal):
    words = WORDS[signal]
    for sentence in words.says:
        assert "{value}" in sentence
        assert "{threshold}" in sentence
    assert words.name[0] != words.name[1]
