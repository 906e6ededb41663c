"""What is kept of members: addresses sealed, favourites, products seen, growth, levels; shops' tags and segments."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make.alliance import NOON
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.members import queries, service
from tuike.members.types import (
    BASE_LEVEL,
    AddressWanted,
    Asked,
    EditionNotInForce,
    FavouriteKind,
    LevelTerms,
    NameTaken,
    NobodyMeant,
    PurchaseFacts,
    SendingKind,
    SendingState,
    TooManyAddresses,
    TooManyTags,
)

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)
HOME = AddressWanted(
    name="王小明", phone="13800138000", region_code="310115", region="上海市 浦东新区", detail="世纪大道 1 号"
)
LADDER = (
    LevelTerms(name_zh="银卡", name_en="Silver", growth_needed=100, multiplier_bps=12_000, benefits_zh="积分 1.2 倍"),
    LevelTerms(name_zh="金卡", name_en="Gold", growth_needed=500, multiplier_bps=15_000),
)
ACTOR = OPERATOR_SHELL


@pytest.fixture
def person() -> int:
    return make_people.person().id


@pytest.fixture
def shop() -> int:
    return make_parties.merchant().id


def bought(person_id: int, shop_id: int, no: str = "M1", paid_fen: int = 10_000, **rest: object) -> PurchaseFacts:
    facts: dict = {"refunded_fen": 0, "paid_at": NOON, "completed": True} | rest
    return PurchaseFacts(order_no=no, merchant_id=shop_id, person_id=person_id, paid_fen=paid_fen, **facts)


def test_an_address_is_sealed_and_comes_back_to_its_owner_alone(person):
    made = service.add_address(person_id=person, wanted=HOME, now=NOON)
    assert (made.name, made.phone, made.region_code, made.detail, made.is_default) == (
        *("王小明", "13800138000", "310115", "世纪大道 1 号"),
        True,
    )
    kept = bytes(rows.query("SELECT sealed FROM members_address")[0][0])
    assert "王小明".encode() not in kept and b"13800138000" not in kept
    assert "13800138000" not in repr(made)
    with refused(NotFound):
        queries.address_of(buyer_id=make_people.person().id, no=made.no)


def test_one_address_is_the_default_whatever_happens(person):
    first, second = (service.add_address(person_id=person, wanted=HOME, now=NOON) for _ in range(2))
    third = service.add_address(person_id=person, wanted=HOME, default=True, now=NOON + DAY)

    def default() -> list[str]:
        return [one.no for one in queries.addresses_of(person) if one.is_default]

    assert default() == [third.no]
    service.change_address(person_id=person, no=first.no, wanted=HOME, default=True, now=NOON + DAY)
    assert default() == [first.no]
    service.change_address(person_id=person, no=first.no, wanted=HOME, now=NOON + 2 * DAY)
    assert default() == [first.no]
    service.remove_address(person_id=person, no=first.no)
    assert default() == [third.no]
    service.remove_address(person_id=person, no=second.no)
    service.remove_address(person_id=person, no=third.no)
    assert queries.addresses_of(person) == []
    with refused(NotFound):
        service.remove_address(person_id=person, no=third.no)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("phone", "12345"), ("region_code", "31"), ("detail", ""), ("detail", "长" * 121)],
)
def test_an_address_that_makes_no_sense_is_refused(person, field, value):
    with refused(Invalid, "members_") as said:
        service.add_address(person_id=person, wanted=replace(HOME, **{field: value}), now=NOON)
    assert said.value.details["field"] == field


def test_there_are_at_most_twenty_addresses(person):
    for _ in range(20):
        service.add_address(person_id=person, wanted=HOME, now=NOON)
    with refused(TooManyAddresses, "members_"):
        service.add_address(person_id=person, wanted=HOME, now=NOON)


def test_what_is_marked_twice_is_marked_once(person, shop):
    for _ in range(2):
        service.add_favourite(person_id=person, kind=FavouriteKind.PRODUCT, object_id=7, merchant_id=shop, now=NOON)
    assert [one.object_id for one in queries.favourites_of(person_id=person, kind=FavouriteKind.PRODUCT)] == [7]
    assert queries.marked(person_id=person, kind=FavouriteKind.PRODUCT, object_ids=[7, 8]) == {7}
    assert queries.favourites_of(person_id=person, kind=FavouriteKind.SHOP) == []
    service.remove_favourite(person_id=person, kind=FavouriteKind.PRODUCT, object_id=7)
    assert queries.marked(person_id=person, kind=FavouriteKind.PRODUCT, object_ids=[7]) == set()


def test_the_last_200_products_seen_are_kept_each_once(person):
    for i in range(205):
        service.see_product(person_id=person, product_id=i, now=NOON + timedelta(seconds=i))
    service.see_product(person_id=person, product_id=100, now=NOON + DAY)
    seen = queries.footprints_of(person_id=person)
    assert (len(seen), seen[0].product_id, seen[1].product_id, seen[-1].product_id) == (200, 100, 204, 5)
    service.clear_footprints(person_id=person, product_id=100)
    assert queries.footprints_of(person_id=person)[0].product_id == 204
    service.clear_footprints(person_id=person)
    assert queries.footprints_of(person_id=person) == []


def test_consent_is_off_until_given_to_the_words_in_force(person):
    assert queries.marketing_consent_of(person).given is False
    with refused(EditionNotInForce, "members_"):
        service.set_marketing_consent(person_id=person, given=True, edition=99, now=NOON)
    for _ in range(2):
        assert service.set_marketing_consent(person_id=person, given=True, edition=1, now=NOON).given is True
    assert service.set_marketing_consent(person_id=person, given=False, edition=0, now=NOON).given is False
    assert rows.query("SELECT count(*) FROM members_consent") == [(2,)]


def test_growth_is_whole_yuan_of_completed_orders_net_of_refunds_and_told_again_nothing_changes(person, shop):
    service.set_ladder(levels=LADDER, actor=ACTOR, now=NOON)
    assert queries.standing_of(person).level == BASE_LEVEL
    assert service.note_purchases(purchases=[bought(person, shop, completed=False)]) == []
    assert queries.standing_of(person).growth == 0
    for expected in ([(person, LADDER[0])], []):
        risen = service.note_purchases(purchases=[bought(person, shop)])
        assert [(one.person_id, one.level) for one in risen] == expected
    standing = queries.standing_of(person)
    assert (standing.growth, standing.level, standing.next) == (100, LADDER[0], LADDER[1])
    assert service.note_purchases(purchases=[bought(person, shop, refunded_fen=1)]) == []
    assert (queries.standing_of(person).growth, queries.standing_of(person).level) == (99, BASE_LEVEL)
    service.note_purchases(purchases=[bought(person, shop, "M2", 99_999), bought(person, shop, refunded_fen=10_000)])
    standing = queries.standing_of(person)
    assert (standing.growth, standing.level, standing.next) == (999, LADDER[1], None)


@pytest.mark.parametrize(
    "levels",
    [
        (LADDER[0], LADDER[0]),
        (LevelTerms(name_zh="", name_en="x", growth_needed=1),),
        (LevelTerms(name_zh="银", name_en="x", growth_needed=-1),),
        (LevelTerms(name_zh="银", name_en="x", growth_needed=1, multiplier_bps=100_001),),
        tuple(LevelTerms(name_zh="银", name_en="x", growth_needed=i) for i in range(21)),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(levels):
    service.set_ladder(levels=LADDER, actor=ACTOR, now=NOON)
    with refused(Invalid, "members_"):
        service.set_ladder(levels=levels, actor=ACTOR, now=NOON)
    assert queries.ladder() == list(LADDER)


def asked(shop: int, **facts: object) -> list[int]:
    found = queries.shop_members(merchant_id=shop, asked=Asked(**facts), now=NOON + 30 * DAY, limit=10)
    return [one.person_id for one in found]


def test_a_shop_finds_its_own_members_by_what_they_did(shop):
    old, new, fan, stranger = (make_people.person().id for _ in range(4))
    other = make_parties.merchant().id
    service.note_purchases(
        purchases=[
            bought(old, shop, "M1", 30_000, refunded_fen=5_000, paid_at=NOON - 60 * DAY),
            bought(new, shop, "M2", 10_000, paid_at=NOON + 25 * DAY),
            bought(new, shop, "M3", 10_000, paid_at=NOON + 26 * DAY),
            bought(stranger, other, "M4", 90_000),
        ]
    )
    service.add_favourite(person_id=fan, kind=FavouriteKind.SHOP, object_id=shop, merchant_id=shop, now=NOON)
    service.add_favourite(person_id=stranger, kind=FavouriteKind.PRODUCT, object_id=1, merchant_id=shop, now=NOON)
    assert asked(shop) == [fan, new, old]
    assert asked(shop, paid_fen=25_000) == [old]
    assert asked(shop, orders=2) == [new]
    assert asked(shop, bought_within_days=5) == [new]
    assert asked(shop, not_for_days=30) == [old]
    assert asked(shop, growth=250) == [old]
    row = queries.shop_member(merchant_id=shop, person_id=old)
    assert (row.orders, row.paid_fen, row.favourite) == (1, 25_000, False)
    with refused(NotFound):
        queries.shop_member(merchant_id=shop, person_id=stranger)
    page = queries.shop_members(merchant_id=shop, asked=Asked(), now=NOON, before=fan, limit=1)
    assert [one.person_id for one in page] == [new]


def test_a_shop_tags_its_own_members(shop):
    member, stranger = make_people.person().id, make_people.person().id
    service.note_purchases(purchases=[bought(member, shop)])
    tag = service.make_tag(merchant_id=shop, name=" 老客 ", actor=ACTOR, now=NOON)
    with refused(NameTaken, "members_"):
        service.make_tag(merchant_id=shop, name="老客", actor=ACTOR, now=NOON)
    for _ in range(2):
        service.tag_members(merchant_id=shop, no=tag.no, person_ids=[member], actor=ACTOR, now=NOON)
    assert [(one.name, one.members) for one in queries.tags_of(shop)] == [("老客", 1)]
    assert asked(shop, tag=tag.no) == [member]
    assert queries.tags_of_members(merchant_id=shop, person_ids=[member, stranger]) == {member: ["老客"]}
    with refused(NotFound, "members_"):
        service.tag_members(merchant_id=shop, no=tag.no, person_ids=[member, stranger], actor=ACTOR, now=NOON)
    other = make_parties.merchant().id
    with refused(NotFound, "members_"):
        service.tag_members(merchant_id=other, no=tag.no, person_ids=[], actor=ACTOR, now=NOON)
    service.untag_member(merchant_id=shop, no=tag.no, person_id=member, actor=ACTOR, now=NOON)
    assert asked(shop, tag=tag.no) == []
    service.remove_tag(merchant_id=shop, no=tag.no, actor=ACTOR, now=NOON)
    assert queries.tags_of(shop) == []


def test_tags_have_a_limit_for_the_shop_and_for_each_member(shop):
    member = make_people.person().id
    service.note_purchases(purchases=[bought(member, shop)])
    made = [service.make_tag(merchant_id=shop, name=f"标签{i}", actor=ACTOR, now=NOON) for i in range(100)]
    with refused(TooManyTags, "members_"):
        service.make_tag(merchant_id=shop, name="再一个", actor=ACTOR, now=NOON)
    for tag in made[:20]:
        service.tag_members(merchant_id=shop, no=tag.no, person_ids=[member], actor=ACTOR, now=NOON)
    with refused(TooManyTags, "members_"):
        service.tag_members(merchant_id=shop, no=made[20].no, person_ids=[member], actor=ACTOR, now=NOON)


def test_a_segment_is_a_saved_question(shop):
    member = make_people.person().id
    service.note_purchases(purchases=[bought(member, shop)])
    made = service.save_segment(merchant_id=shop, name="消费过百", asked=Asked(paid_fen=10_000), actor=ACTOR, now=NOON)
    assert queries.count_meant(merchant_id=shop, asked=made.asked, now=NOON) == (1, 0)
    again = service.save_segment(
        merchant_id=shop, name="消费过百", asked=Asked(paid_fen=10_001), no=made.no, actor=ACTOR, now=NOON
    )
    assert (again.no, queries.count_meant(merchant_id=shop, asked=again.asked, now=NOON)) == (made.no, (0, 0))
    with refused(NameTaken, "members_"):
        service.save_segment(merchant_id=shop, name="消费过百", asked=Asked(), actor=ACTOR, now=NOON)
    with refused(Invalid, "members_"):
        service.save_segment(merchant_id=shop, name="别的", asked=Asked(orders=-1), actor=ACTOR, now=NOON)
    other = make_parties.merchant().id
    with refused(NotFound):
        queries.segment_of(merchant_id=other, no=made.no)
    service.remove_segment(merchant_id=shop, no=made.no, actor=ACTOR, now=NOON)
    assert queries.segments_of(shop) == []


def test_a_sending_reaches_those_who_consented_and_still_do_each_once(shop):
    yes, no, changed = (make_people.person().id for _ in range(3))
    service.note_purchases(purchases=[bought(one, shop, f"M{one}") for one in (yes, no, changed)])

    def send():
        return service.begin_sending(
            merchant_id=shop,
            kind=SendingKind.MESSAGE,
            text="上新了",
            to_name="全部",
            asked=Asked(),
            actor=ACTOR,
            now=NOON,
        )

    with refused(NobodyMeant, "members_"):
        send()
    for one in (yes, changed):
        service.set_marketing_consent(person_id=one, given=True, edition=1, now=NOON)
    made = send()
    assert (made.state, made.meant, made.done) == (SendingState.RUNNING, 2, 0)
    service.set_marketing_consent(person_id=changed, given=False, edition=1, now=NOON)
    id_ = service.lock_sending()
    turn = service.next_of_sending(id_, limit=10)
    assert turn == {yes: True, changed: False}
    service.note_outcomes(sending_id=id_, outcomes={yes: "given", changed: "no_consent"}, now=NOON)
    done = queries.sending_of(merchant_id=shop, no=made.no)
    assert (done.state, done.given, done.why_not) == (SendingState.DONE, 1, (("no_consent", 1),))
    assert service.lock_sending() is None


def test_what_is_erased_is_gone_and_sums_stay(person, shop):
    service.add_address(person_id=person, wanted=HOME, now=NOON)
    service.add_favourite(person_id=person, kind=FavouriteKind.SHOP, object_id=shop, merchant_id=shop, now=NOON)
    service.see_product(person_id=person, product_id=1, now=NOON)
    service.note_purchases(purchases=[bought(person, shop)])
    tag = service.make_tag(merchant_id=shop, name="老客", actor=ACTOR, now=NOON)
    service.tag_members(merchant_id=shop, no=tag.no, person_ids=[person], actor=ACTOR, now=NOON)
    service.erase_member(person_id=person)
    for table in ("address", "favourite", "footprint", "tagging"):
        assert rows.query(f"SELECT count(*) FROM members_{table}") == [(0,)]
    assert rows.query("SELECT growth FROM members_member") == [(100,)]
