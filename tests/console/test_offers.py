"""Bonuses for targets in the consoles: drafted, funded, reached with proof, lost again; refusals in words."""

import re
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows import tend_rewards as tending
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties.types import Role
from tuike.plans import queries as plans_of
from tuike.plans import service as plans
from tuike.rewards import queries, service
from tuike.rewards.types import OfferState
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def one():
    return make.alliance()


def typed(**changes):
    now = clock.now()
    form = {
        "name": "冬季冲刺",
        "measure": "pieces",
        "target": "3",
        "reward": "50",
        "budget": "100",
        "starts_at": shown(now + timedelta(minutes=5))[:16],
        "ends_at": shown(now + timedelta(days=10))[:16],
        "scope": "all",
    }
    return form | changes


def drafted(sitting, **changes):
    answer = sitting.post("offer-new", typed(**changes), htmx=False)
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"].rstrip("/").rsplit("/", 1)[1]


def available(shop):
    account = chart.merchant(shop.id, "available")
    return ledger.balances(refs=[account]).get(account.path, 0)


def count_anew(offer, *promoter_ids, now):
    """Count what promoters have, as what follows the events does."""
    service.note(counts=tending.count(offer, promoter_ids), now=now)
    tending.grant(offer, now)


class TestShop:
    def test_drafts_funds_and_publishes(self, sit, one):
        make_rewards.fund(one.shop.id, 12_000)
        owner = sit(one.shop)
        no = drafted(owner)
        draft = queries.offer(merchant_id=one.shop.id, no=no)
        assert (draft.state, draft.target, draft.reward_fen, draft.budget_fen) == (OfferState.DRAFT, 3, 5_000, 10_000)
        assert available(one.shop) == 12_000
        page = text_of(owner.get("offer", no=no))
        assert "草稿" in page
        assert "¥50.00" in page
        assert owner.post("offer-publish", no=no).status_code == 200
        assert available(one.shop) == 2_000
        assert make_rewards.balance(draft.offer_id) == 10_000
        assert "未开始" in text_of(owner.get("offer", no=no))
        again = owner.post("offer-publish", no=no)
        assert again.status_code == 409
        assert "已发布" in again.content.decode()
        assert available(one.shop) == 2_000

    def test_without_the_money_it_stays_a_draft_and_the_page_says_so(self, sit, one):
        owner = sit(one.shop)
        no = drafted(owner)
        assert "不足以存入预算" in text_of(owner.get("offer", no=no))
        answer = owner.post("offer-publish", no=no)
        assert answer.status_code == 409
        assert "可用余额不足" in answer.content.decode()
        assert queries.offer(merchant_id=one.shop.id, no=no).state is OfferState.DRAFT

    def test_what_cant_be_is_said_beside_its_field_and_nothing_is_kept(self, sit, one):
        owner = sit(one.shop)
        for wrong, sentence in (
            ({"target": "x"}, "请填写整数"),
            ({"measure": "paid", "target": "abc"}, "请填写金额"),
            ({"budget": "49.99"}, "预算不能低于一份奖励"),
            ({"ends_at": "2020-01-01 00:00"}, "结束须晚于开始"),
            ({"scope": "product"}, "请选择商品"),
            ({"measure": "heads"}, "请选择按什么计"),
        ):
            answer = owner.post("offer-new", typed(**wrong), htmx=False)
            assert answer.status_code == 422
            assert sentence in text_of(answer)
            assert "冬季冲刺" in answer.content.decode()  # what was typed is kept
        assert rows.query("SELECT count(*) FROM rewards_offer") == [(0,)]

    def test_names_products_of_its_own_only(self, sit, one):
        mine = catalog.product_facts([one.product_id])[one.product_id].product_no
        other = make.alliance(beside=one)
        theirs = catalog.product_facts([other.product_id])[other.product_id].product_no
        owner = sit(one.shop)
        no = drafted(owner, scope="product", product=mine)
        assert queries.offer(merchant_id=one.shop.id, no=no).product_ids == (one.product_id,)
        assert owner.post("offer-new", typed(scope="product", product=theirs), htmx=False).status_code == 422

    def test_the_same_form_sent_twice_is_one_draft(self, sit, one):
        owner, form = sit(one.shop), typed(key="twice-0001")
        assert owner.post("offer-new", form, htmx=False).status_code == 303
        assert owner.post("offer-new", form, htmx=False).status_code == 303
        assert rows.query("SELECT count(*) FROM rewards_offer") == [(1,)]

    def test_a_draft_can_be_deleted_a_published_offer_not(self, sit, one):
        owner = sit(one.shop)
        no = drafted(owner)
        assert owner.post("offer-delete", no=no).status_code == 200
        assert owner.get("offer", no=no).status_code == 404
        make_rewards.fund(one.shop.id, 10_000)
        published = make_rewards.offer(one.shop.id)
        assert owner.post("offer-delete", no=published.no).status_code == 409

    def test_an_offer_is_closed_early_after_a_question_and_once_for_a_form(self, sit, one):
        make_rewards.fund(one.shop.id, 10_000)
        published = make_rewards.offer(one.shop.id, now=clock.now() - timedelta(minutes=5))
        draft = make_rewards.draft(one.shop.id)
        owner = sit(one.shop)
        page = owner.get("offer", no=published.no).content.decode()
        assert "未用预算 ¥100.00 退回原账户" in page  # the question says what comes back
        assert "提前结束" not in text_of(owner.get("offer", no=draft))
        form = {"key": "close-once-0001"}
        assert owner.post("offer-close", form, no=published.no).status_code == 200
        assert (available(one.shop), make_rewards.balance(published.offer_id)) == (10_000, 0)
        assert owner.post("offer-close", form, no=published.no).status_code == 200
        again = owner.post("offer-close", {"key": "close-once-0002"}, no=published.no)
        assert (again.status_code, "此前已关闭" in again.content.decode()) == (409, True)
        refused = owner.post("offer-close", {"key": "close-once-0003"}, no=draft)
        assert (refused.status_code, "尚未发布" in refused.content.decode()) == (409, True)
        assert sit(make.alliance(beside=one).shop).post("offer-close", form, no=published.no).status_code == 404
        assert sit(one.shop, Role.PRODUCT_MANAGER).post("offer-close", form, no=published.no).status_code == 403
        page = text_of(owner.get("offer", no=published.no))
        assert "已提前结束" in page
        assert "确定提前结束" not in page
        assert "已提前结束" in text_of(owner.get("offers"))

    def test_names_categories_with_all_below_them(self, sit, one):
        owner = sit(one.shop)
        assert "请选择类目" in text_of(owner.post("offer-new", typed(scope="category"), htmx=False))
        no = drafted(owner, scope="category", category=str(one.category_id))
        assert queries.offer(merchant_id=one.shop.id, no=no).category_ids == (one.category_id,)
        assert "茶具" in text_of(owner.get("offer", no=no))

    def test_only_who_gives_money_away_publishes(self, sit, one):
        make_rewards.fund(one.shop.id, 10_000)
        no = drafted(sit(one.shop, Role.PRODUCT_MANAGER))
        assert sit(one.shop, Role.PRODUCT_MANAGER).post("offer-publish", no=no).status_code == 403
        assert queries.offer(merchant_id=one.shop.id, no=no).state is OfferState.DRAFT
        assert sit(one.shop, Role.FINANCE).post("offer-publish", no=no).status_code == 200

    def test_another_shops_offer_looks_as_if_it_werent_there(self, sit, one):
        no = drafted(sit(one.shop))
        other = sit(make.alliance(beside=one).shop)
        assert other.get("offer", no=no).status_code == 404
        assert other.post("offer-publish", no=no).status_code == 404
        assert other.post("offer-delete", no=no).status_code == 404


class TestReaching:
    @pytest.fixture
    def offer(self, one):
        make_rewards.fund(one.shop.id, 10_000)
        return make_rewards.offer(one.shop.id)

    @pytest.fixture
    def later(self, monkeypatch):
        at = make.NOON + timedelta(hours=2)
        monkeypatch.setattr(clock, "now", lambda: at)
        return at

    def sell(self, one, offer, pieces, at):
        make.touch(one, now=at - timedelta(minutes=30))
        order = make.bought(one, pieces=(pieces,), now=at)
        count_anew(offer, one.promoter.id, now=at)
        return order

    def test_a_promoter_sees_how_far_it_is_and_then_its_proof(self, sit, one, offer, later):
        me, owner = sit(one.promoter), sit(one.shop)
        first = self.sell(one, offer, 2, make.NOON + timedelta(hours=1))
        shown = text_of(me.get("bonuses"))
        assert offer.name in shown
        assert "2 件 / 3 件" in shown
        assert "还差 1 件" in shown
        assert "还没有获得奖励" in text_of(me.get("bonus", no=offer.no, htmx=True))
        second = self.sell(one, offer, 1, make.NOON + timedelta(hours=1, minutes=40))
        assert "已获奖励" in text_of(me.get("bonuses"))
        proof = text_of(me.get("bonus", no=offer.no, htmx=True))
        for order in (first, second):
            assert order.no in proof
        table = text_of(owner.get("offer", no=offer.no))
        assert one.promoter.no in table
        assert "已获奖励" in table
        drawer = text_of(owner.get("offer-promoter", no=offer.no, promoter=one.promoter.no, htmx=True))
        assert second.no in drawer
        assert "当时净销量 3 件" in drawer

    def test_who_falls_under_it_again_reads_why_it_was_taken_back(self, sit, one, offer, later):
        self.sell(one, offer, 3, make.NOON + timedelta(hours=1))
        rows.run("UPDATE commission_sale SET refunded_quantity = 1, refunded_fen = paid_fen / 3 WHERE kind = 'goods'")
        service.note(counts=tending.count(offer, [one.promoter.id]), now=later)
        assert len(service.take_back_lost(offer_ids=[offer.offer_id], now=later)) == 1
        drawer = text_of(sit(one.shop).get("offer-promoter", no=offer.no, promoter=one.promoter.no, htmx=True))
        assert "已收回" in drawer
        assert "退款后低于目标，剩 2 件" in drawer
        assert "退款后低于目标" in text_of(sit(one.shop).get("offer", {"state": "lost"}, no=offer.no))
        assert "已收回" in text_of(sit(one.promoter).get("bonus", no=offer.no, htmx=True))

    def test_somebody_else_sees_the_offer_but_none_of_the_proof(self, sit, one, offer, later):
        order = self.sell(one, offer, 3, make.NOON + timedelta(hours=1))
        other = sit(make_parties.promoter(name="推客小陈", phone="13900000009"))
        drawer = text_of(other.get("bonus", no=offer.no, htmx=True))
        assert offer.name in drawer
        assert order.no not in drawer
        assert sit(one.shop).get("offer-promoter", no=offer.no, promoter=one.recruiter.no).status_code == 404

    def test_a_draft_is_no_promoters(self, sit, one):
        no = make_rewards.draft(one.shop.id)
        me = sit(one.promoter)
        assert me.get("bonus", no=no).status_code == 404
        assert no not in text_of(me.get("bonuses"))

    @pytest.mark.usefixtures("later")
    def test_pages_ask_few_questions(self, sit, one, offer, django_assert_max_num_queries):
        self.sell(one, offer, 3, make.NOON + timedelta(hours=1))
        no = {"no": offer.no}
        for party, name, where in (
            (one.promoter, "bonuses", {}),
            (one.promoter, "bonus", no),
            (one.promoter, "grade", {}),
            (one.shop, "offers", {}),
            (one.shop, "offer-new", {}),
            (one.shop, "offer", no),
            (one.shop, "offer-promoter", no | {"promoter": one.promoter.no}),
        ):
            somebody = sit(party)
            somebody.get(name, **where)
            with django_assert_max_num_queries(15):
                assert somebody.get(name, **where).status_code == 200


class TestOperator:
    def test_offers_over_all_shops_out_of_the_promotion_account(self, sit, one):
        operator = make_parties.operator()
        no = drafted(sit(operator, Role.OPERATOR))
        assert sit(operator, Role.FINANCE).post("offer-publish", no=no).status_code == 403
        assert queries.offer(merchant_id=None, no=no).state is OfferState.DRAFT
        assert sit(operator, Role.OPERATOR).post("offer-publish", no=no).status_code == 200
        found = queries.offer(merchant_id=None, no=no)
        assert found.state is OfferState.PUBLISHED
        assert make_rewards.balance(found.offer_id) == 10_000
        assert sit(one.shop).get("offer", no=no).status_code == 404


class TestGrade:
    def test_shows_what_the_next_step_takes(self, sit, one):
        assert "平台还没有设置等级" in text_of(sit(one.promoter).get("grade"))
        plans.add_grade(name="黄金", rank=1, threshold_fen=10_000, extra_bps=150, actor=OPERATOR_SHELL, now=make.NOON)
        shown = text_of(sit(one.promoter).get("grade"))
        assert "还差 ¥100.00" in shown
        assert "+1.5%" in shown


class TestPlatformScope:
    def test_the_operator_chooses_products_of_any_shop(self, sit, one):
        beside = make.alliance(beside=one)
        mine, theirs = (catalog.product_facts([x.product_id])[x.product_id].product_no for x in (one, beside))
        desk = sit(make_parties.operator())
        found = text_of(desk.get("pick", {"q": "青瓷"}))
        assert (mine in found, theirs in found, "青瓷小铺" in found, "山间茶铺" in found) == (True,) * 4
        assert mine in text_of(desk.get("pick", {"q": mine}))
        assert theirs not in text_of(desk.get("pick", {"q": mine}))
        assert "没有找到" in text_of(desk.get("pick", {"q": "没有这个词"}))
        assert theirs in desk.get("pick", {"one": theirs}).content.decode()
        assert desk.get("pick", {"one": "PR0000000000"}).status_code == 404
        assert "请选择商品" in text_of(desk.post("offer-new", typed(scope="product"), htmx=False))
        no = drafted(desk, scope="product", product=[mine, theirs])
        assert set(queries.offer(merchant_id=None, no=no).product_ids) == {one.product_id, beside.product_id}
        page = text_of(desk.get("offer", no=no))
        assert "手绘青瓷盖碗 · 青瓷小铺" in page
        assert "手绘青瓷盖碗 · 山间茶铺" in page

    def test_the_operator_chooses_categories_and_promoters_see_what_counts(self, sit, one):
        desk = sit(make_parties.operator())
        no = drafted(desk, scope="category", category=str(one.category_id), starts_at=shown(clock.now())[:16])
        rows.run("UPDATE rewards_offer SET state = 'published', starts_at = %s", [clock.now() - timedelta(minutes=1)])
        assert "茶具" in text_of(sit(one.promoter).get("bonus", no=no))

    def test_the_operators_offer_is_closed_by_its_operators_alone(self, sit, one):
        offer = make_rewards.offer(None, now=clock.now() - timedelta(minutes=5))
        boss = make_parties.operator()
        assert sit(boss, Role.AUDITOR).post("offer-close", {"key": "k-close-1"}, no=offer.no).status_code == 403
        assert queries.offer(merchant_id=None, no=offer.no).state is OfferState.PUBLISHED
        assert sit(boss, Role.OPERATOR).post("offer-close", {"key": "k-close-1"}, no=offer.no).status_code == 200
        assert queries.offer(merchant_id=None, no=offer.no).state is OfferState.CLOSED


class TestStepDown:
    def test_a_step_down_says_to_which_grade_and_by_what_it_counts(self, sit, one):
        now = clock.now()
        for rank, name in enumerate(("银卡", "金卡"), start=1):
            plans.add_grade(
                name=name,
                rank=rank,
                threshold_fen=10_000 * rank,
                threshold_orders=2 * rank,
                extra_bps=100 * rank,
                actor=OPERATOR_SHELL,
                now=now - timedelta(days=3),
            )
        gold = plans_of.ladder()[1]
        plans.set_grades(grades={one.promoter.id: gold.grade_id}, actor=OPERATOR_SHELL, now=now - timedelta(days=2))
        since = now - timedelta(hours=1)
        rows.run("INSERT INTO plans_grade_under (promoter_id, since) VALUES (%s, %s)", [one.promoter.id, since])
        me = sit(one.promoter)
        page = text_of(me.get("grade"))
        assert "最近 90 天已结算成交额" in page
        assert "将降一级： 银卡 (+1%)" in page
        assert "已是最高等级" in page
        settings.change(name="grade_by_orders", value=1, actor=OPERATOR_SHELL, now=now)
        page = text_of(me.get("grade"))
        assert "最近 90 天已结算订单" in page
        assert "4 单" in page
        plans.set_grades(
            grades={one.promoter.id: plans_of.ladder()[0].grade_id}, actor=OPERATOR_SHELL, now=now - timedelta(days=1)
        )
        page = text_of(me.get("grade"))
        assert "还差 4 单（共需 4 单）" in page
        assert "不再有等级，没有佣金加成" in page
