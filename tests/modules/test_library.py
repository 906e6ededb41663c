"""The product library: what stands in it and when, how it is found, and what people put together in it."""

from datetime import timedelta

import pytest

from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog_queries
from tuike.catalog import service as catalog
from tuike.catalog.types import ProductChange, SkuChange
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import NotFound
from tuike.library import queries, service
from tuike.library.types import BadPage, Marked, NotInLibrary, Range, Scope, SetFull, Sort, Wanted
from tuike.parties import queries as parties_queries
from tuike.parties import service as parties
from tuike.parties.types import Source

NOW = make_plans.EARLY + timedelta(days=3, hours=2)
MIDNIGHT = next_midnight(NOW)
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    make_plans.benchmark(500)
    return make_parties.merchant(name="青瓷小铺")


@pytest.fixture
def category_id():
    return make_catalog.category(name="茶具")


ALL = Wanted()


def found(wanted=ALL, now=NOW, **rest):
    return [card.product_id for card in queries.find(wanted, now=now, **rest).cards]


def fresh(*product_ids, now=NOW, **rest):
    return service.refresh(product_ids=product_ids, now=now, **rest)


def make(shop, category_id, **rest):
    return make_catalog.product(merchant_id=shop.id, category_id=category_id, **rest)


class TestStanding:
    def test_a_product_stands_with_its_public_rate_and_the_commission_of_its_cheapest_choice(self, shop, category_id):
        id_ = make(shop, category_id, price_fen=5_990)
        make_plans.category_rate(shop.id, category_id, 1_200)
        fresh(id_)
        [card] = queries.find(Wanted(), now=NOW).cards
        assert (card.price_fen, card.rate_bps, card.commission_fen) == (5_990, 1_200, 718)

    def test_what_cannot_be_promoted_does_not_stand(self, shop, category_id):
        good = make(shop, category_id)
        cheap, bare, empty = (
            make(shop, category_id, price_fen=99),
            make(shop, category_id, pictures=()),
            make(shop, category_id, free=0),
        )
        draft = make(shop, category_id, on_sale=False)
        fresh(good, cheap, bare, empty, draft)
        assert found() == [good]

    def test_what_is_listed_today_stands_from_midnight_to_the_instant(self, shop, category_id):
        id_ = make(shop, category_id, now=NOW)
        fresh(id_)
        assert found(now=NOW) == []
        assert found(now=MIDNIGHT - timedelta(microseconds=1)) == []
        assert found(now=MIDNIGHT) == [id_]

    def test_a_rate_of_tomorrow_is_written_ahead(self, shop, category_id):
        id_ = make(shop, category_id, price_fen=10_000)
        fresh(id_)
        make_plans.main_product(shop.id, id_, 2_000, now=NOW)
        assert fresh(id_) == 2  # today's row gets an end, tomorrow's is added
        rates = {at: queries.cards_of(product_ids=[id_], now=at)[id_].rate_bps for at in (NOW, MIDNIGHT)}
        assert rates == {NOW: 500, MIDNIGHT: 2_000}
        assert fresh(id_, now=MIDNIGHT) == 0

    def test_a_closing_shop_leaves_at_midnight_and_a_suspended_one_at_once(self, shop, category_id):
        id_ = make(shop, category_id)
        fresh(id_)
        parties.close_alliance(merchant_id=shop.id, actor=OPERATOR_SHELL, now=NOW)
        fresh(id_)
        assert (found(now=NOW), found(now=MIDNIGHT)) == ([id_], [])
        parties.suspend(party_id=shop.id, reason="刷单", actor=OPERATOR_SHELL, now=NOW)
        fresh(id_)
        assert found() == []

    def test_nothing_is_written_where_nothing_changed(self, shop, category_id):
        id_ = make(shop, category_id)
        assert fresh(id_) == 1
        before = rows.query("SELECT id, begins FROM library_item")
        assert fresh(id_, now=NOW + timedelta(hours=1)) == 0
        assert rows.query("SELECT id, begins FROM library_item") == before

    def test_a_new_price_takes_the_place_of_the_old_one_at_once(self, shop, category_id):
        id_ = make(shop, category_id, price_fen=10_000)
        fresh(id_)
        later = NOW + timedelta(hours=1)
        change = ProductChange(skus=(SkuChange(sku_id=make_catalog.sku_of(id_), price_fen=20_000),))
        catalog.change_product(merchant_id=shop.id, product_id=id_, change=change, actor=OPERATOR_SHELL, now=later)
        fresh(id_, now=later)
        [card] = queries.find(Wanted(), now=later).cards
        assert (card.price_fen, card.commission_fen) == (20_000, 1_000)
        assert rows.query("SELECT count(*) FROM library_item") == [(1,)]

    def test_coupons_of_an_instant(self, shop, category_id):
        one, other = make(shop, category_id), make(shop, category_id)
        fresh(one, other, coupons=lambda products, at: {one} if at == NOW else set())
        assert found(Wanted(coupon=True)) == [one]
        assert found(Wanted(coupon=True), now=MIDNIGHT) == []

    def test_sales_are_counted_from_the_shelves(self, shop, category_id):
        one, other = make(shop, category_id), make(shop, category_id)
        fresh(one, other)
        catalog.take_stock(items=[(make_catalog.sku_of(one), 3)], source="C1", now=NOW)
        assert service.count_sales() == 1
        assert service.count_sales() == 0
        assert [card.sold for card in queries.find(Wanted(sort=Sort.SALES), now=NOW).cards] == [3, 0]


class TestFinding:
    @pytest.fixture
    def shelf(self, shop, category_id):
        below = make_catalog.category(parent_id=category_id, name="盖碗")
        other = make_catalog.category(name="茶叶")
        made = {
            "bowl": make(shop, below, price_fen=5_990, title="手绘青瓷盖碗 单只"),
            "pot": make(shop, category_id, price_fen=19_900, title="紫砂壶 大容量"),
            "tea": make(shop, other, price_fen=8_800, title="武夷岩茶 礼盒", subtitle="大红袍"),
        }
        make_plans.main_product(shop.id, made["tea"], 3_000)
        fresh(*made.values())
        return made | {"category": category_id, "below": below}

    @pytest.mark.parametrize(
        ("keyword", "names"),
        [
            ("盖碗", {"bowl"}),
            ("青瓷", {"bowl", "pot", "tea"}),  # the shop's name
            ("手绘青瓷", {"bowl"}),
            ("茶礼", set()),  # no pair over a space
            ("大", {"pot", "tea"}),
            ("大红袍 岩茶", {"tea"}),
            ("紫砂盖碗", set()),
            ("砂壶大", set()),
            ("  ＰＯＴ", set()),
            ("%", set()),
        ],
    )
    def test_by_words(self, shelf, keyword, names):
        assert set(found(Wanted(keyword=keyword))) == {shelf[name] for name in names}

    def test_pairs_that_stand_apart_are_no_word(self, shop, category_id):
        id_ = make(shop, category_id, title="保温 温杯 杯子")
        fresh(id_)
        assert found(Wanted(keyword="保温杯")) == []
        assert found(Wanted(keyword="保温")) == [id_]

    def test_by_category_with_all_below_and_without(self, shelf):
        assert set(found(Wanted(category_ids=(shelf["category"],)))) == {shelf["bowl"], shelf["pot"]}
        assert found(Wanted(without_category_ids=(shelf["below"],), category_ids=(shelf["category"],))) == [
            shelf["pot"]
        ]

    def test_by_ranges(self, shelf):
        assert found(Wanted(price_fen=Range(5_990, 5_990))) == [shelf["bowl"]]
        assert found(Wanted(price_fen=Range(5_991, None), rate_bps=Range(None, 500))) == [shelf["pot"]]
        assert found(Wanted(commission_fen=Range(2_640, 2_640))) == [shelf["tea"]]
        assert found(Wanted(rate_bps=Range(3_000, None), price_fen=Range(None, 8_799))) == []

    def test_by_shop_and_source(self, shelf, shop, category_id):
        outside = make_parties.merchant(name="山间茶铺", source=Source.MINI_PROGRAM)
        id_ = make(outside, category_id)
        make_plans.main_product(outside.id, id_, 1_000)
        fresh(id_)
        assert found(Wanted(merchant_id=outside.id)) == [id_] == found(Wanted(source="mini_program"))
        assert len(found(Wanted(source="mini_store"))) == 3

    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            (Sort.PRICE, ["bowl", "tea", "pot"]),
            (Sort.RATE, ["bowl", "pot", "tea"]),
            (Sort.COMMISSION, ["bowl", "pot", "tea"]),
            (Sort.NEWEST, ["bowl", "pot", "tea"]),
        ],
    )
    def test_sorts_both_ways(self, shelf, sort, names):
        up = [shelf[name] for name in names]
        assert found(Wanted(sort=sort, descending=False)) == up
        assert found(Wanted(sort=sort, descending=True)) == up[::-1]

    @pytest.mark.parametrize("sort", [Sort.PRICE, Sort.NEWEST, Sort.SALES, Sort.COMMISSION])
    @pytest.mark.parametrize("descending", [True, False])
    def test_pages_make_the_whole_list_there_and_back(self, shop, category_id, sort, descending):
        made = [make(shop, category_id, price_fen=1_000 * (1 + n % 3)) for n in range(7)]
        fresh(*made)
        wanted = Wanted(sort=sort, descending=descending)
        whole = found(wanted, limit=100)
        pages, mark = [], ""
        while True:
            page = queries.find(wanted, now=NOW, mark=mark, limit=3)
            pages.append([card.product_id for card in page.cards])
            assert bool(page.before) is (len(pages) > 1)
            if not page.after:
                break
            mark = page.after
        assert [id_ for one in pages for id_ in one] == whole
        assert sorted(whole) == sorted(made)
        assert found(wanted, limit=3, mark=page.before) == pages[1]
        back = queries.find(wanted, now=NOW, mark=page.before, limit=3)
        assert found(wanted, limit=3, mark=back.before) == pages[0]

    @pytest.mark.parametrize("mark", ["x", "a1", "a1_", "a_1", "a--1_2", "a1_2'", "a" + "9" * 30 + "_1"])
    def test_a_mark_of_somebody_elses_is_refused(self, mark):
        with refused(BadPage, "library_"):
            queries.find(Wanted(sort=Sort.PRICE), now=NOW, mark=mark)

    def test_counts(self, shelf):
        assert queries.count(Wanted(), now=NOW) == (3, False)
        assert queries.count(Wanted(keyword="茶"), now=NOW, exact=True) == (1, False)

    def test_own_rates_add_grade_and_campaign(self, shelf, shop):
        promoter = make_parties.promoter()
        make_plans.campaign(shop.id, 4_000, now=NOW, bonus_fen=50, product_ids=(shelf["tea"],))
        products = catalog_queries.product_facts([shelf["tea"], shelf["bowl"]]).values()
        shops = parties_queries.merchant_facts([shop.id])
        own = queries.own_rates(products, shops, promoter_id=promoter.id, now=NOW)
        assert (own[shelf["tea"]].rate_bps, own[shelf["tea"]].commission_fen, own[shelf["tea"]].bonus_fen) == (
            4_000,
            3_520,
            50,
        )
        assert own[shelf["bowl"]].rate_bps == 500

    def test_a_campaign_with_a_budget_counts_while_a_piece_fits(self, shelf, shop):
        promoter = make_parties.promoter()
        id_ = shelf["tea"]  # ¥88.00: 40 % is ¥35.20
        products = catalog_queries.product_facts([id_]).values()
        shops = parties_queries.merchant_facts([shop.id])
        for budget, rate in ((3_519, 3_000), (3_520, 4_000)):
            no = make_plans.campaign(shop.id, 4_000, now=NOW, budget_fen=budget, product_ids=(id_,))
            own = queries.own_rates(products, shops, promoter_id=promoter.id, now=NOW)
            assert (own[id_].rate_bps, bool(no)) == (rate, True)


class TestMarks:
    def test_wide_marks_are_worked_off_in_steps(self, shop, category_id, monkeypatch):
        made = [make(shop, category_id) for _ in range(5)]
        monkeypatch.setattr("tuike.library.service.index.STEP", 2)
        service.mark(marks=[Marked(Scope.MERCHANT, shop.id), Marked(Scope.MERCHANT, shop.id)], now=NOW)
        assert queries.waiting() == 1
        steps = []
        while looked_at := service.work_off(now=NOW):
            steps.append(looked_at)
        assert steps == [2, 2, 1]
        assert sorted(found()) == sorted(made)
        assert queries.waiting() == 0

    def test_the_first_sweep_marks_all_then_what_a_midnight_changes(self, shop, category_id):
        id_ = make(shop, category_id)
        assert service.sweep(now=NOW) == 1
        while service.work_off(now=NOW):
            pass
        assert found() == [id_]
        assert service.sweep(now=NOW + timedelta(hours=1)) == 0
        make_plans.main_product(shop.id, id_, 2_000, now=NOW + timedelta(days=2))
        after = next_midnight(NOW + timedelta(days=2))
        assert service.sweep(now=after) == 1
        while service.work_off(now=after):
            pass
        assert queries.cards_of(product_ids=[id_], now=after)[id_].rate_bps == 2_000

    def test_a_new_price_floor_marks_everything(self, shop, category_id):
        from tuike.settings import service as settings

        id_ = make(shop, category_id, price_fen=9_900)
        service.sweep(now=NOW)
        while service.work_off(now=NOW):
            pass
        settings.change(name="price_floor_fen", value=10_000, actor=OPERATOR_SHELL, now=NOW)
        assert service.sweep(now=NOW) == 1
        while service.work_off(now=NOW):
            pass
        assert (id_, found()) == (id_, [])

    def test_coupons_that_turn_mark_their_shop(self, shop, category_id):
        service.sweep(now=NOW)
        while service.work_off(now=NOW):
            pass
        asked = []

        def turns(after, until):
            asked.append((after, until))
            return [shop.id]

        assert service.sweep(now=NOW + timedelta(hours=1), turns=turns) == 1
        assert asked == [(NOW, NOW + timedelta(hours=1))]
        assert rows.query("SELECT scope, scope_id FROM library_mark") == [("merchant", shop.id)]


class TestPicks:
    def test_the_newest_picks_stand_first_and_can_be_moved(self, shop, category_id):
        a, b, c = (make(shop, category_id) for _ in range(3))
        fresh(a, b, c)
        assert service.pick(product_ids=[a, b], actor=OPERATOR_SHELL, now=NOW) == 2
        assert service.pick(product_ids=[c, b], actor=OPERATOR_SHELL, now=NOW) == 1
        assert [id_ for id_, _ in queries.picks()] == [c, a, b]
        service.move_pick(product_id=b, before_id=a, actor=OPERATOR_SHELL, now=NOW)
        assert found(Wanted(curated=True, sort=Sort.PICKED, descending=False)) == [c, b, a]
        service.move_pick(product_id=c, before_id=None, actor=OPERATOR_SHELL, now=NOW)
        assert [id_ for id_, _ in queries.picks()] == [b, a, c]
        assert service.unpick(product_ids=[b, b], actor=OPERATOR_SHELL, now=NOW) == 1
        assert found(Wanted(curated=True, sort=Sort.PRICE)) == [c, a]
        acts = rows.query(
            "SELECT action, count(*)::int FROM audit_act WHERE action LIKE 'library.%%' GROUP BY 1 ORDER BY 1"
        )
        assert acts == [("library.move_pick", 2), ("library.pick", 3), ("library.unpick", 1)]

    def test_what_is_not_there_cannot_be_picked_or_moved(self, shop, category_id):
        id_ = make(shop, category_id)
        with refused(NotFound, "library_"):
            service.pick(product_ids=[id_, 10**9], actor=OPERATOR_SHELL, now=NOW)
        with refused(NotFound, "library_"):
            service.move_pick(product_id=id_, before_id=None, actor=OPERATOR_SHELL, now=NOW)

    def test_a_pick_that_cannot_be_promoted_is_not_seen(self, shop, category_id):
        id_ = make(shop, category_id, free=0)
        service.pick(product_ids=[id_], actor=OPERATOR_SHELL, now=NOW)
        fresh(id_)
        assert found(Wanted(curated=True)) == []


class TestSelectionSets:
    @pytest.fixture
    def promoter(self):
        return make_parties.promoter()

    def test_products_are_put_in_once_and_taken_out(self, shop, category_id, promoter):
        a, b = make(shop, category_id), make(shop, category_id)
        fresh(a, b)
        assert service.choose(promoter_id=promoter.id, product_ids=[a], now=NOW) == 1
        assert service.choose(promoter_id=promoter.id, product_ids=[b, a], now=NOW) == 2
        assert queries.chosen(promoter_id=promoter.id) == [b, a]
        assert service.drop(promoter_id=promoter.id, product_ids=[a, 77]) == 1
        assert service.drop(promoter_id=promoter.id) == 0
        assert service.drop(promoter_id=promoter.id) == 0
        assert queries.chosen(promoter_id=promoter.id) == []

    def test_what_is_not_in_the_library_is_refused(self, shop, category_id, promoter):
        id_ = make(shop, category_id, now=NOW)
        fresh(id_)
        with refused(NotInLibrary, "library_"):
            service.choose(promoter_id=promoter.id, product_ids=[id_], now=NOW)

    def test_no_more_than_200(self, shop, category_id, promoter, monkeypatch):
        made = [make(shop, category_id) for _ in range(3)]
        fresh(*made)
        monkeypatch.setattr("tuike.library.service.choosing.MOST_CHOSEN", 2)
        service.choose(promoter_id=promoter.id, product_ids=made[:2], now=NOW)
        with refused(SetFull, "library_"):
            service.choose(promoter_id=promoter.id, product_ids=made, now=NOW)

    def test_each_promoter_has_one_of_its_own(self, shop, category_id, promoter):
        id_ = make(shop, category_id)
        fresh(id_)
        service.choose(promoter_id=promoter.id, product_ids=[id_], now=NOW)
        other = make_parties.promoter(phone="13900000009")
        assert queries.chosen(promoter_id=other.id) == []
        assert service.drop(promoter_id=other.id, product_ids=[id_]) == 0
        assert queries.chosen(promoter_id=promoter.id) == [id_]


def test_rules_are_accepted_once_a_source():
    promoter = make_parties.promoter()
    for _ in range(2):
        service.accept_rules(promoter_id=promoter.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=NOW)
    assert queries.accepted(promoter_id=promoter.id) == {Source.MINI_STORE}
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'library.accept_rules'") == [(1,)]
