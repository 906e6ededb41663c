"""Members in the consoles: found, tagged, sent to; the phone number in clear is audited; levels; goods for points."""

import re
from datetime import timedelta

import pytest

from tests.console.conftest import toast_of
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import marketing as coupons
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make import points as make_points
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows import send_to_members
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.marketing import queries as marketing
from tuike.marketing.types import CouponChannel
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import Asked, LevelTerms, PurchaseFacts
from tuike.parties import service as parties
from tuike.parties.types import MallFunction, Role

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def seller(sit, one):
    return sit(one.shop)


@pytest.fixture
def member(one) -> int:
    person = make_people.person(phone="13912345678")
    bought(one, person.id)
    return person.id


def bought(one, person_id: int, paid_fen: int = 25_000) -> None:
    fact = PurchaseFacts(
        order_no=f"M{person_id}",
        merchant_id=one.shop.id,
        person_id=person_id,
        paid_fen=paid_fen,
        refunded_fen=0,
        paid_at=clock.now() - 3 * DAY,
        completed=True,
    )
    members.note_purchases(purchases=[fact])


def said(answer) -> str:
    return answer.content.decode()


def test_members_are_listed_and_found(seller, one, member):
    no = rows.query("SELECT no FROM people_person WHERE id = %s", [member])[0][0]
    assert no in said(seller.get("members"))
    assert no in said(seller.get("members", {"paid_min": "250"}))
    assert no not in said(seller.get("members", {"paid_min": "250.01"}))
    segment = members.save_segment(
        merchant_id=one.shop.id,
        name="近期",
        asked=Asked(bought_within_days=5, paid_fen=25_000),
        actor=OPERATOR_SHELL,
        now=clock.now(),
    )
    assert no in said(seller.get("members", {"segment": segment.no}))
    members.save_segment(
        merchant_id=one.shop.id,
        name="近期",
        asked=Asked(not_for_days=5),
        no=segment.no,
        actor=OPERATOR_SHELL,
        now=clock.now(),
    )
    assert no not in said(seller.get("members", {"segment": segment.no}))


def test_a_shop_sees_its_own_members_only(sit, one, member):
    other = sit(make_parties.merchant())
    assert "还没有会员" in said(other.get("members"))
    for name in ("member", "member-phone", "member-tag", "member-untag"):
        assert other.get(name, id=member).status_code == 404


def test_a_member_is_shown_masked_and_the_look_at_the_phone_is_audited(seller, member):
    page = said(seller.get("member", id=member))
    assert "139****5678" in page
    assert "13912345678" not in page
    assert "13912345678" not in said(seller.get("member-phone", id=member))
    wrong = seller.post("member-phone", {"reason": " "}, id=member)
    assert wrong.status_code == 422
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'members.show_phone'") == [(0,)]
    assert "13912345678" in said(seller.post("member-phone", {"reason": "回访"}, id=member))
    assert rows.query("SELECT facts->>'reason' FROM audit_act WHERE action = 'members.show_phone'") == [("回访",)]


def test_who_may_not_look_at_phones(sit, one, member):
    assert sit(one.shop, Role.FINANCE).post("member-phone", {"reason": "x"}, id=member).status_code == 403


def test_a_member_is_tagged_and_untagged(seller, one, member):
    assert "已打标签" in toast_of(seller.post("member-tag", {"tag": "", "name": "老客"}, id=member))
    tag = members_of.tags_of(one.shop.id)[0]
    assert (tag.name, tag.members) == ("老客", 1)
    assert "老客" in said(seller.get("member", id=member))
    assert "老客" in said(seller.get("member-groups"))
    seller.post("member-untag", {"tag": tag.no}, id=member)
    assert members_of.tags_of(one.shop.id)[0].members == 0
    seller.post("tag-remove", no=tag.no)
    assert members_of.tags_of(one.shop.id) == []


def test_who_removes_a_tag_is_warned_of_the_segments_that_ask_for_it(seller, one, member):
    by = {"merchant_id": one.shop.id, "actor": OPERATOR_SHELL, "now": clock.now()}
    tag = members.make_tag(name="老客", **by)
    plain = said(seller.get("tag-remove", no=tag.no, htmx=True))
    assert "会从所有会员身上移除。" in plain and "个人群" not in plain
    using = [members.save_segment(name=name, asked=Asked(tag=tag.no), **by).no for name in ("老客回访", "老客送券")]
    members.save_segment(name="满两百", asked=Asked(paid_fen=20_000), **by)
    warned = said(seller.get("tag-remove", no=tag.no, htmx=True))
    assert "以下 2 个人群以此标签为条件" in warned and "老客回访" in warned and "老客送券" in warned
    assert "满两百" not in warned
    for seen in ("", using[0]):
        again = seller.post("tag-remove", {"seen": seen}, no=tag.no)
        assert again.status_code == 422 and "请确认后再删除" in said(again) and "老客送券" in said(again)
        assert [one.no for one in members_of.tags_of(one.shop.id)] == [tag.no]
    hidden = re.search(r'name="seen" value="([^"]*)"', seller.get("tag-remove", no=tag.no, htmx=True).content.decode())
    assert hidden is not None and sorted(hidden[1].split(",")) == sorted(using)
    assert "标签已删除" in toast_of(seller.post("tag-remove", {"seen": hidden[1]}, no=tag.no))
    assert members_of.tags_of(one.shop.id) == []


def test_a_segment_is_made_counted_and_removed(seller, one, member):
    form = {"name": "满两百", "paid_fen": "200", "growth": "", "orders": "1", "tag": ""}
    assert "人群已保存" in toast_of(seller.post("segment-new", form))
    segment = members_of.segments_of(one.shop.id)[0]
    assert (segment.asked.paid_fen, segment.asked.orders) == (20_000, 1)
    assert "满两百" in said(seller.get("member-groups"))
    assert seller.post("segment-new", form | {"orders": "x"}).status_code == 422
    seller.post("segment-remove", no=segment.no)
    assert members_of.segments_of(one.shop.id) == []


def test_a_segment_is_changed_and_what_it_names_is_kept_in_sight(seller, one, member, sit):
    tag = members.make_tag(merchant_id=one.shop.id, name="老客", actor=OPERATOR_SHELL, now=clock.now())
    asked = Asked(paid_fen=20_050, growth=777, tag=tag.no)
    by = {"merchant_id": one.shop.id, "actor": OPERATOR_SHELL, "now": clock.now()}
    segment = members.save_segment(name="满两百", asked=asked, **by)
    assert segment.no in said(seller.get("member-groups"))
    members.remove_tag(no=tag.no, **by)
    form = said(seller.get("segment-edit", no=segment.no))
    assert 'value="满两百"' in form and 'value="200.50"' in form
    assert "成长值 777 及以上" in form and "已删除的标签" in form
    typed = {"name": "满三百", "paid_fen": "300", "growth": "777", "orders": "2", "tag": tag.no}
    gone = seller.post("segment-edit", typed, no=segment.no)
    assert gone.status_code == 422 and "请选择本店现有的标签" in said(gone)
    assert members_of.segment_of(merchant_id=one.shop.id, no=segment.no).asked == asked
    assert "人群已保存" in toast_of(seller.post("segment-edit", typed | {"tag": ""}, no=segment.no))
    [changed] = members_of.segments_of(one.shop.id)
    assert (changed.no, changed.name) == (segment.no, "满三百")
    assert changed.asked == Asked(paid_fen=30_000, growth=777, orders=2)
    other = sit(make_parties.merchant())
    assert other.get("segment-edit", no=segment.no).status_code == 404
    assert other.post("segment-edit", typed | {"tag": ""}, no=segment.no).status_code == 404
    assert members_of.segments_of(one.shop.id) == [changed]


SEARCHED = "SELECT object, facts->>'phone', facts->>'found' FROM audit_act WHERE action = 'members.search_phone'"


def test_a_member_is_found_by_phone_and_the_search_is_recorded(sit, seller, one, member):
    no = rows.query("SELECT no FROM people_person WHERE id = %s", [member])[0][0]
    assert no in said(seller.get("members", {"q": "139 1234 5678"}))
    assert rows.query(SEARCHED) == [(no, "139******5678", "true")]
    seller.get("members", {"q": "139 1234 5678", "part": "totals"})
    assert len(rows.query(SEARCHED)) == 1, "the sums of one search are no other search"
    assert no not in said(seller.get("members", {"q": "13912345679"}))
    assert rows.query(f"{SEARCHED} ORDER BY id DESC LIMIT 1") == [("-", "139****5679", "false")]
    assert no not in said(seller.get("members", {"q": "1391234567"})), "a part of a number finds nobody"
    assert len(rows.query(SEARCHED)) == 2
    other = sit(make_parties.merchant())
    assert no not in said(other.get("members", {"q": "13912345678"})), "another shop's member"


def test_the_operator_finds_members_by_phone(sit, member):
    desk = sit(make_parties.operator())
    no = rows.query("SELECT no FROM people_person WHERE id = %s", [member])[0][0]
    assert no in said(desk.get("members", {"q": "13912345678"}))
    assert no not in said(desk.get("members", {"q": "13912345679"}))
    assert len(rows.query(SEARCHED)) == 2


@pytest.mark.parametrize("channel", CouponChannel)
def test_a_sending_is_counted_then_confirmed_then_sent(seller, one, member, channel):
    now = clock.now()
    bought(one, make_people.person().id)
    members.set_marketing_consent(person_id=member, given=True, edition=1, now=now)
    made = coupons.new(starts_at=now - DAY, ends_at=now + DAY, channel=channel)
    coupon = coupons.coupon(one.shop.id, made, now=now - DAY)
    assert f'value="{coupon.no}"' in seller.get("sending-new", htmx=True).content.decode()
    form = {"to": "all", "coupon": coupon.no, "text": ""}
    counted = seller.post("sending-new", form)
    assert "2 人" in said(counted) and "1 人同意" in said(counted)
    assert members_of.sendings_of(merchant_id=one.shop.id) == []
    assert "1 人" in toast_of(seller.post("sending-new", form | {"confirmed": f"all-{coupon.no}-2-1"}))
    assert send_to_members.send_on(now=now) == 1
    assert [(s.meant, s.given) for s in members_of.sendings_of(merchant_id=one.shop.id)] == [(1, 1)]
    assert "已完成" in said(seller.get("sendings"))


def test_a_count_that_has_changed_is_shown_again_and_nothing_is_sent(seller, one, member):
    members.set_marketing_consent(person_id=member, given=True, edition=1, now=clock.now())
    again = said(seller.post("sending-new", {"to": "all", "text": "上新", "confirmed": "all--9-9"}))
    assert "1 人同意" in again
    assert 'value="all--1-1"' in again, "what is confirmed next is what is shown now"
    tag = members.make_tag(merchant_id=one.shop.id, name="老客", actor=OPERATOR_SHELL, now=clock.now())
    members.tag_members(merchant_id=one.shop.id, no=tag.no, person_ids=[member], actor=OPERATOR_SHELL, now=clock.now())
    other = {"to": f"tag:{tag.no}", "text": "上新", "confirmed": "all--1-1"}
    assert "再次点击即发送" in said(seller.post("sending-new", other)), "another audience of the same size"
    for nobody in ("", "tag:L0", "everybody"):
        assert seller.post("sending-new", {"to": nobody, "text": "上新"}).status_code == 422
    assert seller.post("sending-new", {"to": "all", "text": ""}).status_code == 422
    assert members_of.sendings_of(merchant_id=one.shop.id) == []


def test_goods_for_points_are_made_and_stopped(seller, one):
    now = clock.now()
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    form = {
        "product_no": no,
        "points": "100",
        "money_fen": "1.50",
        "stock": "5",
        "limit_each": "1",
        "starts_at": shown(now)[:16],
        "ends_at": shown(now + 7 * DAY)[:16],
    }
    assert seller.post("points-good-new", form).status_code == 422  # switched off
    parties.switch_function(
        merchant_id=one.shop.id, function=MallFunction.POINTS_MALL, on=True, actor=OPERATOR_SHELL, now=now
    )
    for name, bad in (("product_no", "P0"), ("points", "0"), ("money_fen", "999"), ("ends_at", "")):
        assert seller.post("points-good-new", form | {name: bad}).status_code == 422
    assert marketing.points_goods_of(merchant_id=one.shop.id) == []
    assert "已创建" in toast_of(seller.post("points-good-new", form))
    good = marketing.points_goods_of(merchant_id=one.shop.id)[0]
    assert (good.sku_id, good.points, good.money_fen) == (make_catalog.sku_of(one.product_id), 100, 150)
    assert good.no in said(seller.get("points-goods"))
    assert "停止兑换" in said(seller.get("points-good", no=good.no))
    seller.post("points-good-stop", no=good.no)
    assert marketing.points_good_of(merchant_id=one.shop.id, no=good.no).stopped_at is not None


def test_another_shops_good_is_not_there(sit, seller):
    good = make_points.good(now=clock.now())
    assert seller.get("points-good", no=good.no).status_code == 404
    assert seller.post("points-good-stop", no=good.no).status_code == 404


def test_the_operator_makes_changes_and_removes_levels(sit, member):
    desk = sit(make_parties.operator())
    assert "还没有会员等级" in said(desk.get("levels"))
    form = {"name_zh": "银卡", "name_en": "Silver", "growth_needed": "200", "multiplier_bps": "12000"}
    assert "已保存" in toast_of(desk.post("level-add", form))
    assert members_of.standing_of(member).level.name_zh == "银卡"
    assert "银卡" in said(desk.get("members"))
    desk.post("level-change", form | {"growth_needed": "300"}, growth=200)
    assert members_of.ladder() == [
        LevelTerms(name_zh="银卡", name_en="Silver", growth_needed=300, multiplier_bps=12_000)
    ]
    assert desk.post("level-add", form | {"growth_needed": "300"}).status_code == 422
    desk.post("level-remove", growth=300)
    assert members_of.ladder() == []
    assert desk.get("level-change", growth=300).status_code == 404
