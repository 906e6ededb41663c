"""Material beyond its links: the promoter's own wording, posters, where a shop has a mini-program of its own."""

import io

import pytest
from PIL import Image, ImageFilter

from tests.make import alliance as make
from tests.make import attribution as make_attribution
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make.refusals import refused
from tuike.attribution.types import BadWording, LinkNotFound, Target
from tuike.flows import outside
from tuike.flows.draw_poster import draw_poster
from tuike.flows.make_material import code_image, kept_material, make_material, material_of
from tuike.flows.word_material import reset_wording, save_wording
from tuike.gateways.types import Unreachable
from tuike.kit import poster
from tuike.parties.types import Source

NOON = make.NOON
pytestmark = pytest.mark.usefixtures("db")


class WeChat:
    """Answers at once and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def url_link(self, *, path: str, query: str, days: int) -> str:
        self.asked.append("url_link")
        return f"https://wxaurl.example/{query}"

    def short_link(self, *, page_url: str, title: str) -> str:
        self.asked.append("tag")
        return "#小程序://推客/abc"

    def code_image(self, *, scene: str, page: str, check_path: bool) -> bytes:
        self.asked.append(f"code {scene}")
        out = io.BytesIO()
        Image.new("RGB", (280, 280), "#ff0000").save(out, "PNG")
        return out.getvalue()


@pytest.fixture
def wechat(monkeypatch):
    answering = WeChat()
    monkeypatch.setattr(outside, "wechat", lambda: answering)
    return answering


@pytest.fixture
def one():
    return make.alliance()


def made(one, *, product_id=None, key="m1", promoter=None, merchant_id=None):
    who = promoter or one.promoter
    place = make_attribution.place(promoter_id=who.id, name=f"位{key}", now=NOON)
    target = Target(merchant_id=merchant_id or one.shop.id, product_id=product_id or one.product_id)
    return make_material(promoter_id=who.id, pid=place.pid, targets=[target], customize_info="", key=key, now=NOON)


def test_material_says_which_mini_program_and_page(one, wechat, monkeypatch):
    monkeypatch.setenv("WECHAT_APPID", "wx0000000000000001")
    [item] = made(one).items
    assert (item.appid, item.source) == ("wx0000000000000001", Source.MINI_STORE)
    assert item.path == f"pages/product/product?t={item.link.ticket}"
    assert item.picture == "a.jpg"


def test_a_shop_with_its_own_mini_program_gets_no_address_of_ours(one, wechat):
    shop = make_parties.merchant(name="山间茶铺", source=Source.MINI_PROGRAM, appid="wx0123456789abcdef")
    product = make_catalog.product(
        merchant_id=shop.id, category_id=one.category_id, path="pages/goods/detail?id=7", external_no="7"
    )
    told = made(one, merchant_id=shop.id, product_id=product)
    [item] = told.items
    assert item.appid == "wx0123456789abcdef"
    assert item.path == f"pages/goods/detail?id=7&t={item.link.ticket}"
    assert (item.url_link, item.tag, told.missing, wechat.asked) == ("", "", (), [])
    with pytest.raises(LinkNotFound):
        code_image(promoter_id=one.promoter.id, code=item.link.code)
    assert draw_poster(promoter_id=one.promoter.id, code=item.link.code)
    assert wechat.asked == []


class TestWording:
    def test_an_own_wording_goes_with_what_is_made_later(self, one, wechat):
        [first] = made(one).items
        assert not first.own_wording
        told = save_wording(
            promoter_id=one.promoter.id, code=first.link.code, text=f" 好杯子！\n看这里 {first.short_link} \n", now=NOON
        )
        assert told == f"好杯子！\n看这里 {first.short_link}"
        [second] = made(one, key="m2").items
        assert second.wording == f"好杯子！\n看这里 {second.short_link}"
        assert second.own_wording
        assert second.short_link != first.short_link

    def test_the_link_is_put_where_it_was_left_out(self, one, wechat):
        [item] = made(one).items
        told = save_wording(promoter_id=one.promoter.id, code=item.link.code, text="好杯子", now=NOON)
        assert told == f"好杯子\n{item.short_link}"

    def test_it_is_one_promoters_and_for_one_product(self, one, wechat):
        [item] = made(one).items
        save_wording(promoter_id=one.promoter.id, code=item.link.code, text="好杯子", now=NOON)
        other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="茶盘")
        assert not made(one, key="m2", product_id=other).items[0].own_wording
        assert not made(one, key="m3", promoter=one.recruiter).items[0].own_wording

    def test_reset_brings_the_generated_one_back(self, one, wechat):
        [item] = made(one).items
        save_wording(promoter_id=one.promoter.id, code=item.link.code, text="好杯子", now=NOON)
        assert reset_wording(promoter_id=one.promoter.id, code=item.link.code) == item.wording
        [again] = material_of(promoter_id=one.promoter.id, code=item.link.code, now=NOON).items
        assert (again.wording, again.own_wording) == (item.wording, False)

    @pytest.mark.parametrize("text", ["", "  \n ", "字" * 501, "a\x00b", "零\u200b宽"])
    def test_bad_wording_is_refused(self, one, wechat, text):
        [item] = made(one).items
        with refused(BadWording, "attribution_"):
            save_wording(promoter_id=one.promoter.id, code=item.link.code, text=text, now=NOON)

    def test_somebody_elses_link_is_none(self, one, wechat):
        [item] = made(one).items
        with refused(LinkNotFound, "attribution_"):
            save_wording(promoter_id=one.recruiter.id, code=item.link.code, text="好", now=NOON)
        with refused(LinkNotFound, "attribution_"):
            reset_wording(promoter_id=one.recruiter.id, code=item.link.code)


class TestPosters:
    def shown(self, data):
        image = Image.open(io.BytesIO(data))
        assert image.format == poster.kind_of(data).upper()
        assert image.size == (750, 1200)
        return image.convert("RGB")

    def test_it_carries_wechats_code(self, one, wechat):
        [item] = made(one).items
        image = self.shown(draw_poster(promoter_id=one.promoter.id, code=item.link.code))
        assert f"code {item.link.code}" in wechat.asked
        red, green, blue = image.getpixel((586, 1024))
        assert red > 200 and green < 60 and blue < 60

    def test_without_wechat_a_qr_of_the_link_stands_there(self, one, wechat, monkeypatch):
        def silent(**_):
            raise Unreachable("code_image", "ReadTimeout")

        [item] = made(one).items
        monkeypatch.setattr(wechat, "code_image", silent)
        image = self.shown(draw_poster(promoter_id=one.promoter.id, code=item.link.code))
        shades = {image.getpixel((x, 1024))[0] // 64 for x in range(490, 684, 3)}
        assert {0, 3} <= shades

    def test_the_products_picture_is_on_it_and_no_file_from_elsewhere(self, one, wechat, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path / "media"
        settings.MEDIA_ROOT.mkdir()
        Image.new("RGB", (40, 30), "#0000ff").save(settings.MEDIA_ROOT / "p.png")
        Image.new("RGB", (40, 30), "#0000ff").save(tmp_path / "secret.png")
        blue = make_catalog.product(
            merchant_id=one.shop.id, category_id=one.category_id, pictures=("/media/p.png",), title="蓝"
        )
        wrong = make_catalog.product(
            merchant_id=one.shop.id, category_id=one.category_id, pictures=("/media/../secret.png",), title="错"
        )
        for product_id, is_blue in ((blue, True), (wrong, False)):
            [item] = made(one, key=f"k{product_id}", product_id=product_id).items
            image = self.shown(draw_poster(promoter_id=one.promoter.id, code=item.link.code))
            r, g, b = image.getpixel((100, 300))
            assert (b > 200 and r < 60 and g < 60) is is_blue

    def test_it_comes_in_the_smaller_form(self, one, wechat, settings, tmp_path, monkeypatch):
        """A drawn one is 43 KB as PNG, 55 KB as JPEG; one with a photograph 80 KB as JPEG, 320 KB as PNG."""

        def silent(**_):
            raise Unreachable("code_image", "ReadTimeout")

        monkeypatch.setattr(wechat, "code_image", silent)  # the QR of the link stands there, all edges
        settings.MEDIA_ROOT = tmp_path
        photo = Image.effect_noise((800, 800), 60).convert("RGB").filter(ImageFilter.GaussianBlur(2))
        photo.save(tmp_path / "photo.jpg")
        pictured = make_catalog.product(
            merchant_id=one.shop.id, category_id=one.category_id, pictures=("/media/photo.jpg",)
        )
        for product_id, kind, most in ((one.product_id, "png", 50_000), (pictured, "jpeg", 150_000)):
            [item] = made(one, key=f"k{product_id}", product_id=product_id).items
            data = draw_poster(promoter_id=one.promoter.id, code=item.link.code)
            other = io.BytesIO()
            Image.open(io.BytesIO(data)).save(other, "JPEG" if kind == "png" else "PNG", quality=88, optimize=True)
            assert poster.kind_of(data) == kind
            assert len(data) < most
            assert len(data) < 0.9 * len(other.getvalue())

    def test_english_and_long_titles_fit(self, one, wechat):
        long = make_catalog.product(
            merchant_id=one.shop.id, category_id=one.category_id, title="极长的标题 Very long " * 5
        )
        [item] = made(one, product_id=long).items
        self.shown(draw_poster(promoter_id=one.promoter.id, code=item.link.code, zh=False))

    def test_somebody_elses_is_none(self, one, wechat):
        [item] = made(one).items
        with pytest.raises(LinkNotFound):
            kept_material(promoter_id=one.recruiter.id, codes=[item.link.code])
        with pytest.raises(LinkNotFound):
            draw_poster(promoter_id=one.recruiter.id, code=item.link.code)
