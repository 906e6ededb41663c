"""Promoting out of the library: rules accepted once a source, a place at hand, material; a whole set as one file."""

import csv
import io
import zipfile

import pytest

from tests.flows.test_materials import WeChat
from tests.make import alliance as make
from tests.make import attribution as make_attribution
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make.refusals import refused
from tuike.attribution import queries as attribution
from tuike.attribution.types import PlaceNameTaken
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import service as catalog
from tuike.flows import outside
from tuike.flows.pack_materials import pack_materials
from tuike.flows.promote_products import promote_products
from tuike.insight import shelf
from tuike.kit.errors import NotFound
from tuike.library import queries as library
from tuike.library import service
from tuike.library.types import RulesNotAccepted, Wanted
from tuike.parties.types import Source

NOON = make.NOON
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def one(monkeypatch):
    answering = WeChat()
    monkeypatch.setattr(outside, "wechat", lambda: answering)
    made = make.alliance()
    service.refresh(product_ids=[made.product_id], now=NOON)
    return made


def promote(one, *product_ids, key="k1", **rest):
    values = {"pid": "", "new_place": "茶友群", "accept": True} | rest
    return promote_products(
        promoter_id=one.promoter.id,
        product_ids=product_ids or (one.product_id,),
        actor=OPERATOR_SHELL,
        key=key,
        now=NOON,
        **values,
    )


def test_a_first_promotion_accepts_makes_the_place_and_the_material(one):
    [item] = promote(one).items
    [place] = attribution.places_of(promoter_id=one.promoter.id)
    assert (place.name, item.link.place_id) == ("茶友群", place.place_id)
    assert library.accepted(promoter_id=one.promoter.id) == {Source.MINI_STORE}
    assert promote(one).items[0].link == item.link
    assert len(attribution.places_of(promoter_id=one.promoter.id)) == 1


def test_nothing_is_promoted_before_the_rules_are_accepted(one):
    with refused(RulesNotAccepted, "attribution_", "library_"):
        promote(one, accept=False)
    promote(one)
    [item] = promote(one, accept=False, key="k2", new_place="朋友圈").items
    assert item.short_link


def test_each_source_has_its_own_rules(one):
    promote(one)
    shop = make_parties.merchant(name="山间茶铺", source=Source.MINI_PROGRAM)
    product = make_catalog.product(merchant_id=shop.id, category_id=one.category_id)
    with refused(RulesNotAccepted, "attribution_", "library_") as info:
        promote(one, one.product_id, product, accept=False, key="k2", new_place="朋友圈")
    assert "小程序商品" in info.value.sentence("zh")


def test_a_refused_place_leaves_the_rules_unaccepted(one):
    make_attribution.place(promoter_id=one.promoter.id, name="茶友群", now=NOON)
    with refused(PlaceNameTaken, "attribution_", "library_"):
        promote(one)


def test_what_is_not_there_is_refused(one):
    with refused(NotFound, "attribution_", "library_"):
        promote(one, 10**9)


class TestShelf:
    def test_a_promoter_sees_its_own_rate(self, one):
        from tests.make import plans as make_plans

        make_plans.campaign(one.shop.id, 3_000, now=NOON, bonus_fen=88)
        [shown] = shelf.shelf(Wanted(), promoter_id=one.promoter.id, now=NOON).items
        assert (shown.card.rate_bps, shown.own.rate_bps, shown.own.bonus_fen, shown.better) == (1_200, 3_000, 88, True)
        assert (shown.chosen, shown.coupons, shown.shop.name) == (False, (), "青瓷小铺")

    def test_a_selection_says_why_something_left(self, one):
        service.choose(promoter_id=one.promoter.id, product_ids=[one.product_id], now=NOON)
        [shown] = shelf.selection(promoter_id=one.promoter.id, now=NOON)
        assert shown.card is not None and shown.why is None
        catalog.take_off_sale(merchant_id=one.shop.id, product_ids=[one.product_id], actor=OPERATOR_SHELL, now=NOON)
        service.refresh(product_ids=[one.product_id], now=NOON)
        [shown] = shelf.selection(promoter_id=one.promoter.id, now=NOON)
        assert (shown.card, shown.why.value) == (None, "off_sale")

    def test_a_preview_has_everything(self, one):
        no = shelf.shelf(Wanted(), promoter_id=one.promoter.id, now=NOON).items[0].product.product_no
        told = shelf.preview(product_no=no, promoter_id=one.promoter.id, now=NOON)
        assert [node.name for node in told.categories] == ["茶具"]
        assert (told.terms.settle_days, told.terms.withdraw_min_fen, len(told.skus)) == (27, 100, 1)

    def test_a_draft_is_nobodys(self, one):
        draft = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, on_sale=False)
        from tuike.catalog import queries

        with pytest.raises(NotFound):
            shelf.preview(
                product_no=queries.product_facts([draft])[draft].product_no, promoter_id=one.promoter.id, now=NOON
            )


class TestPack:
    def pack(self, one, tmp_path, *ids, **rest):
        told = []
        path = tmp_path / "set.zip"
        place = make_attribution.place(promoter_id=one.promoter.id, name="打包", now=NOON)
        values = {"key": "E1", "zh": True} | rest
        packed = pack_materials(
            promoter_id=one.promoter.id,
            pid=place.pid,
            product_ids=ids,
            path=path,
            progress=lambda done, whole: told.append((done, whole)),
            now=NOON,
            **values,
        )
        return packed, zipfile.ZipFile(path), told

    def test_it_holds_posters_codes_and_a_table(self, one, tmp_path):
        sly = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title='=HYPERLINK("x")/../茶')
        gone = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="没图", pictures=())
        packed, file, told = self.pack(one, tmp_path, one.product_id, sly, gone)
        assert (packed.made, packed.left_out, told) == (2, 1, [(1, 3), (2, 3), (3, 3)])
        names = file.namelist()
        assert names[:2] == ["posters/001-手绘青瓷盖碗.jpg", "codes/001-手绘青瓷盖碗.png"]
        assert not any(".." in name for name in names)
        rows = list(csv.reader(io.StringIO(file.read("links.csv").decode("utf-8-sig"))))
        assert len(rows) == 4
        assert rows[1][1] == "手绘青瓷盖碗" and "/s/" in rows[1][4]
        assert rows[2][1].startswith("'=HYPERLINK")
        assert "没有图片" in rows[3][-1]

    def test_run_again_it_uses_the_same_links(self, one, tmp_path):
        from tuike.db import rows

        self.pack(one, tmp_path, one.product_id)
        before = rows.query("SELECT count(*) FROM attribution_link")
        place = attribution.places_of(promoter_id=one.promoter.id)[0]
        pack_materials(
            promoter_id=one.promoter.id,
            pid=place.pid,
            product_ids=[one.product_id],
            key="E1",
            zh=False,
            path=tmp_path / "again.zip",
            progress=lambda *_: None,
            now=NOON,
        )
        assert rows.query("SELECT count(*) FROM attribution_link") == before
        shared = rows.query("SELECT promoter_id, product_id, kind, surface FROM attribution_share")
        assert shared == [(one.promoter.id, one.product_id, "zip", "console")], "a pack made again counts once"
