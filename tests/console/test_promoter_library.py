"""The product library, material and the selection set in the console: right person, wrong person, both languages."""

import gzip
import io
import re

import pytest
from PIL import Image

from tests.console.conftest import toast_of
from tests.flows.test_materials import WeChat
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tuike.attribution import queries as attribution
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.doors.web import making
from tuike.flows import make_exports, outside
from tuike.gateways.types import Unreachable
from tuike.kit import clock
from tuike.library import queries, service
from tuike.parties.types import Source


@pytest.fixture
def wechat(monkeypatch):
    answering = WeChat()
    monkeypatch.setattr(outside, "wechat", lambda: answering)
    return answering


@pytest.fixture
def one(db, wechat):
    made = make.alliance()
    service.refresh(product_ids=[made.product_id], now=clock.now())
    return made


@pytest.fixture
def no(one):
    return catalog.product_facts([one.product_id])[one.product_id].product_no


@pytest.fixture
def me(one, sit):
    return sit(one.promoter)


def text(answer):
    return answer.content.decode()


def has(answer, *words):
    found = text(answer)
    return [word for word in words if word not in found]


def promoted(me, no, **form):
    filled = {"accept": "1", "place": "+", "new_place": "茶友群"} | form
    return me.post("library-promote", filled, product_no=no)


def code_of():
    return rows.query("SELECT code FROM attribution_link ORDER BY id DESC LIMIT 1")[0][0]


class TestLibrary:
    def test_it_shows_cards_with_price_rate_and_commission(self, me, no):
        page = me.get("library")
        assert page.status_code == 200
        assert (
            has(page, "手绘青瓷盖碗", "¥59.90", "12%", "赚 ¥7.18", "青瓷小铺", "立即推广", f"/library/{no}/promote")
            == []
        )

    def test_it_is_packed_for_whoever_takes_it(self, me, no):
        answer = me.client.get(me.url("library"), headers={"accept-encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        page = gzip.decompress(answer.content).decode()
        assert no in page and page.rstrip().endswith("</html>")
        assert "Content-Encoding" not in me.get("library").headers

    def test_htmx_gets_the_cards_alone_and_a_clean_address(self, me):
        piece = me.get("library", {"q": "盖碗", "price_low": "", "sort": "price", "dir": "asc"}, htmx=True)
        assert "<html" not in text(piece) and "手绘青瓷盖碗" in text(piece)
        assert piece.headers["HX-Push-Url"].endswith("/library/?q=%E7%9B%96%E7%A2%97&sort=price&dir=asc")

    @pytest.mark.parametrize(
        ("query", "there"),
        [
            ({"q": "盖碗"}, True),
            ({"q": "紫砂"}, False),
            ({"price_low": "59.90", "price_high": "59.9"}, True),
            ({"price_low": "60"}, False),
            ({"rate_low": "12", "rate_high": "12"}, True),
            ({"rate_low": "12.01"}, False),
            ({"earn_low": "7.18"}, True),
            ({"earn_low": "7.19"}, False),
            ({"coupon": "1"}, False),
            ({"source": "mini_store"}, True),
            ({"source": "mini_program"}, False),
            ({"tab": "picked"}, False),
            ({"view": "list"}, True),
            ({"sort": "picked"}, True),
        ],
    )
    def test_filters(self, me, query, there):
        page = me.get("library", query)
        assert page.status_code == 200
        assert ("手绘青瓷盖碗" in text(page)) is there

    def test_categories_in_and_out(self, me, one):
        assert "手绘青瓷盖碗" in text(me.get("library", {"cat": [one.category_id]}))
        assert "手绘青瓷盖碗" not in text(me.get("library", {"not": [one.category_id]}))
        assert f'value="{one.category_id}" checked' in text(me.get("library", {"cat": [one.category_id]}))

    def test_one_shop_only(self, me, one):
        page = me.get("library", {"shop": one.shop.no})
        assert has(page, "只看店铺", "手绘青瓷盖碗") == []
        assert me.get("library", {"shop": one.promoter.no}).status_code == 404

    @pytest.mark.parametrize(
        "query",
        [
            {"price_low": "x"},
            {"price_low": "1.234"},
            {"rate_high": "-1"},
            {"cat": ["a"]},
            {"sort": "x"},
            {"source": "x"},
            {"page": "zzz"},
        ],
    )
    def test_what_cannot_be_asked_is_refused(self, me, query):
        assert me.get("library", query).status_code == 422

    def test_the_count_comes_after_the_cards(self, me):
        assert 'id="lib-count" hx-get="?part=count"' in text(me.get("library"))
        assert "共 1 个" in text(me.get("library", {"part": "count"}, htmx=True))
        assert "共 1 个" in text(me.get("library", {"part": "count", "exact": "1"}, htmx=True))

    def test_pages(self, me, one):
        made = [make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id) for _ in range(20)]
        service.refresh(product_ids=made, now=clock.now())
        first = text(me.get("library"))
        assert first.count('class="pcard"') == 20
        mark = re.search(r'href="\?(page=[^"]+)" rel="next"', first)[1]
        second = me.client.get(f"{me.url('library')}?{mark}")
        assert text(second).count('class="pcard"') == 1
        assert 'rel="prev"' in text(second)

    def test_few_questions_however_many_cards(self, me, one, django_assert_max_num_queries):
        made = [make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id) for _ in range(19)]
        service.refresh(product_ids=made, now=clock.now())
        with django_assert_max_num_queries(15):
            me.get("library")

    def test_english(self, one, sit):
        page = sit(one.promoter, english=True).get("library")
        assert has(page, "Product library", "Earn ¥7.18", "Promote", "Recommended") == ["Recommended"]

    def test_a_product_in_full(self, me, no):
        drawer = me.get("library-product", product_no=no, htmx=True)
        assert has(drawer, "手绘青瓷盖碗", "茶具", "商城商品", "27 天", "¥1.00", "12% · ¥7.18") == []
        assert me.get("library-product", product_no="NOSUCH", htmx=True).status_code == 404

    def test_the_rules_of_a_source_with_an_example(self, me, one):
        page = me.get("library-rules", source="mini_program")
        assert has(page, "预存", "¥99.00 × 12% = ¥11.88", "¥49.50 × 12% = ¥5.94") == []
        assert me.get("library-rules", source="nonsense").status_code == 404
        accepted = me.post("library-rules", source="mini_program", htmx=False)
        assert accepted.status_code == 303
        assert queries.accepted(promoter_id=one.promoter.id) == {Source.MINI_PROGRAM}
        assert "您已同意" in text(me.get("library-rules", source="mini_program"))


class TestPromote:
    def test_the_form_shows_the_rules_once(self, me, no):
        assert has(me.get("library-promote", product_no=no, htmx=True), "每个来源只需一次", "新建推广位", "27 天") == []
        promoted(me, no)
        assert "每个来源只需一次" not in text(me.get("library-promote", product_no=no, htmx=True))

    def test_material_comes_with_everything(self, me, no, one):
        dialog = promoted(me, no, info="秋季")
        assert dialog.status_code == 200
        code = code_of()
        assert (
            has(
                dialog,
                f"/s/{code}",
                "#小程序://",
                "https://wxaurl",
                "pages/product/product?t=",
                "茶友群",
                "有效至",
                "手绘青瓷盖碗",
            )
            == []
        )
        [place] = attribution.places_of(promoter_id=one.promoter.id)
        again = me.post("library-promote", {"place": place.pid}, product_no=no)
        assert again.status_code == 200 and code_of() != code
        assert f"/s/{code}" in text(me.get("material", code=code, htmx=True))

    def test_what_wechat_did_not_give_is_asked_for_again_by_a_post_alone(self, me, no, wechat, monkeypatch):
        def silent(**_):
            raise Unreachable("url_link", "ReadTimeout")

        answering = wechat.url_link
        monkeypatch.setattr(wechat, "url_link", silent)
        assert "重新获取" in text(promoted(me, no))
        code = code_of()
        monkeypatch.setattr(wechat, "url_link", answering)
        before = len(wechat.asked)
        assert "https://wxaurl" not in text(me.get("material", code=code, htmx=True))
        assert len(wechat.asked) == before
        assert "https://wxaurl" in text(me.post("material", code=code))

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"accept": ""}, "结算与提现规则"),
            ({"new_place": ""}, "1–20"),
            ({"new_place": "字" * 21}, "1–20"),
            ({"place": "NOSUCH"}, "没有找到该推广位"),
            ({"place": ""}, "没有找到该推广位"),
            ({"info": "字" * 81}, "最多 80"),
        ],
    )
    def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_made(self, me, no, form, said):
        before = rows.query("SELECT count(*) FROM attribution_link")
        answer = promoted(me, no, **form)
        assert answer.status_code == 422
        assert said in text(answer).split('class="err"')[1]
        assert rows.query("SELECT count(*) FROM attribution_link") == before

    def test_a_form_sent_twice_makes_material_once(self, me, no):
        for _ in range(2):
            assert promoted(me, no, key="twice").status_code == 200
        assert rows.query("SELECT count(*) FROM attribution_link") == [(1,)]

    def test_what_cannot_be_promoted_is_refused_by_name(self, me, one, wechat):
        bare = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, pictures=())
        number = catalog.product_facts([bare])[bare].product_no
        answer = promoted(me, number)
        assert answer.status_code == 409
        assert "没有图片" in toast_of(answer)

    def test_pictures(self, me, no):
        promoted(me, no)
        code = code_of()
        for name, kind in (("material-poster", "JPEG"), ("material-code", "PNG")):
            answer = me.get(name, {"save": "1"}, code=code)
            assert answer.status_code == 200
            assert Image.open(io.BytesIO(answer.content)).format == kind
            assert "attachment" in answer.headers["Content-Disposition"]

    def test_wording_is_kept_and_reset(self, me, no):
        promoted(me, no)
        code = code_of()
        kept = me.post("material-wording", {"wording": "好杯子\r\n真好"}, code=code)
        assert toast_of(kept) == "已存为我的文案"
        assert has(kept, "好杯子\n真好", f"/s/{code}", "恢复系统文案") == []
        assert me.post("material-wording", {"wording": ""}, code=code).status_code == 422
        reset = me.post("material-wording", {"reset": "1", "wording": "x"}, code=code)
        assert "恢复系统文案" not in text(reset) and "【青瓷小铺】" in text(reset)

    def test_somebody_elses_material_is_none(self, me, no, one, sit):
        promoted(me, no)
        code = code_of()
        other = sit(one.recruiter)
        for name in ("material", "material-poster", "material-code"):
            assert other.get(name, code=code, htmx=True).status_code == 404
        assert other.post("material-wording", {"wording": "x"}, code=code).status_code == 404


class TestSelection:
    def test_put_in_seen_taken_out(self, me, no, one):
        button = me.post("library-choose", {"into": "1"}, product_no=no)
        assert toast_of(button) == "已加入选品车"
        assert has(button, 'aria-pressed="true"', 'id="chosen-count" hx-swap-oob="true">1<') == []
        assert has(me.get("selection"), "手绘青瓷盖碗", "打包素材（1）") == []
        assert "选品车是空的" in text(me.post("library-choose", {"into": "0", "from": "set"}, product_no=no))
        assert queries.chosen(promoter_id=one.promoter.id) == []

    def test_emptied(self, me, no, one):
        me.post("library-choose", {"into": "1"}, product_no=no)
        assert "选品车是空的" in text(me.post("selection-clear"))

    def test_what_is_not_in_the_library_stays_out(self, me, one):
        draft = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, on_sale=False)
        number = catalog.product_facts([draft])[draft].product_no
        assert me.post("library-choose", {"into": "1"}, product_no=number).status_code == 409
        assert queries.chosen(promoter_id=one.promoter.id) == []

    def test_packed_by_a_job(self, me, no, one, settings, tmp_path):
        settings.EXPORTS_ROOT = tmp_path
        me.post("library-choose", {"into": "1"}, product_no=no)
        assert has(me.get("selection-pack", htmx=True), "1 个商品", "每个来源只需一次") == []
        refused = me.post("selection-pack", {"place": "+", "new_place": "打包"})
        assert refused.status_code == 422
        asked = me.post("selection-pack", {"place": "+", "new_place": "打包", "accept": "1"})
        assert asked.status_code == 200 and "排队" in text(asked)
        export = make_exports.take_export(now=clock.now())
        assert export is not None
        making.make_now(export)
        ready = me.get("exports-file", no=export.no)
        assert ready.status_code == 200
        assert b"".join(ready.streaming_content).startswith(b"PK")

    def test_an_empty_set_packs_nothing(self, me):
        answer = me.post("selection-pack", {"place": "+", "new_place": "打包", "accept": "1"})
        assert answer.status_code == 422


class TestWrongPersons:
    def test_nobody_and_somebody_else(self, one, no, sit, client):
        stranger = sit(make_parties.promoter(phone="13900000099"))
        for name, where in (("library", {}), ("library-product", {"product_no": no}), ("selection", {})):
            assert stranger.get(name, of=one.promoter, **where).status_code == 404
        url = stranger.url("library", of=one.promoter)
        assert client.get(url).status_code == 303

    def test_before_certification_it_is_closed(self, sit, db):
        rookie = sit(make_parties.promoter(certified=False))
        assert rookie.get("library").status_code == 303
        assert rookie.get("library", htmx=True).status_code in (403, 409)
