"""What the story's shops sell, and at which rates."""

from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.catalog import service as goods_of
from tuike.catalog.types import NewProduct, NewSku, ProductChange
from tuike.doors.cli.story.goods import CAMELLIA, CATEGORIES, HILLSIDE, SOUTHERN, WEIGHTS_G, Item
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.parties import service as parties
from tuike.parties.types import BindingMode
from tuike.plans import service as plans
from tuike.plans.types import NewCampaign, SelfScope
from tuike.settings import service as settings


def fill_shelves(scene: Scene, pictures: dict[str, str]) -> None:
    """Add categories, products and the first rates; run again it only remembers their ids."""
    step, day = scene.progress.once, 70
    scene.categories = step("categories", _tree, scene, scene.at(day, "16:00"))
    for shop, items in (("shop", CAMELLIA), ("tea", HILLSIDE), ("craft", SOUTHERN)):
        scene.products |= step(f"products:{shop}", _stock, scene, shop, items, pictures, scene.at(day, "17:00"))
    skus = catalog.skus_of(scene.products.values())
    scene.skus = {no: [sku.sku_id for sku in skus[id_]] for no, id_ in scene.products.items()}
    step("benchmarks", _benchmarks, scene, scene.at(day, "18:00"))
    step("rates:shop", _rates_of_shop, scene, scene.at(day, "19:00"))
    step("rates:tea", _rates_of_tea, scene, scene.at(day, "19:30"))
    step("rates:craft", _rates_of_craft, scene, scene.at(day, "19:45"))


def exclude(scene: Scene, no: str, now: datetime) -> None:
    """Let the mall's shop take one of its products out of promotion."""
    scene.progress.once(f"exclude:{no}", _exclude, scene, no, now)


def bind_buyers(scene: Scene, now: datetime) -> None:
    """Let the mall's shop bind buyers to the last promoter for 30 days, from now on."""
    scene.progress.once("binding:shop", _bind, scene, now)


def campaign_of_shop(scene: Scene, now: datetime) -> None:
    """Start the shop's campaign: a rate, a bonus for each piece and a budget, until ten days after the present."""
    campaign = NewCampaign(
        name="山茶季",
        starts_at=now,
        ends_at=scene.at(-10, "00:00"),
        rate_bps=2500,
        bonus_fen=200,
        budget_fen=100_000,
        product_ids=(scene.products["CM01"], scene.products["CM02"]),
    )
    scene.progress.once("campaign:shop", _campaign, scene, "shop", campaign, now)


def campaign_of_operator(scene: Scene, now: datetime) -> None:
    """Start a campaign that the operator pays for, of two weeks."""
    campaign = NewCampaign(
        name="平台坚果节",
        starts_at=now,
        ends_at=scene.at(16, "00:00"),
        rate_bps=1800,
        product_ids=(scene.products["CM26"], scene.products["CM27"]),
    )
    scene.progress.once("campaign:operator", _campaign, scene, "operator", campaign, now)


def change_rates(scene: Scene, now: datetime) -> None:
    """Change rates at the story's present: they take effect at the next midnight."""
    scene.progress.once("rates:coming", _coming, scene, now)


def _tree(scene: Scene, now: datetime) -> Answer:
    made: dict[str, int] = {}
    for position, (key, parent, name, name_en, restricted) in enumerate(CATEGORIES):
        made[key] = goods_of.add_category(
            name=name,
            parent_id=made[parent] if parent else None,
            name_en=name_en,
            restricted=restricted,
            position=position,
            actor=scene.running,
            now=now,
        )
    return made


def _stock(scene: Scene, shop: str, items: tuple[Item, ...], pictures: dict[str, str], now: datetime) -> Answer:
    actor = scene.manager if shop == "shop" else scene.actor(shop, shop)
    merchant_id = scene.parties[shop]
    new = [_product(scene, item, pictures[item.no]) for item in items]
    ids = goods_of.add_products(merchant_id=merchant_id, products=new, actor=actor, now=now)
    goods_of.put_on_sale(merchant_id=merchant_id, product_ids=ids, actor=actor, now=now)
    return {item.no: id_ for item, id_ in zip(items, ids, strict=True)}


def _product(scene: Scene, item: Item, picture: str) -> NewProduct:
    return NewProduct(
        category_id=scene.categories[item.category],
        title=item.title,
        subtitle=item.subtitle,
        detail=f"{item.title}。{item.subtitle}。\n48 小时内发货，七天无理由退换。图片为绘制的示意图。",
        skus=tuple(
            NewSku(price_fen=fen, free=stock, spec=spec, weight_g=WEIGHTS_G.get(item.category, 200))
            for spec, fen, stock in item.skus
        ),
        pictures=(picture,),
        path=f"pages/product/index?no={item.no}" if item in HILLSIDE else "",
        external_no=item.no,
    )


def _exclude(scene: Scene, no: str, now: datetime) -> None:
    goods_of.change_product(
        merchant_id=scene.parties["shop"],
        product_id=scene.products[no],
        change=ProductChange(excluded=True),
        actor=scene.manager,
        now=now,
    )


def _benchmarks(scene: Scene, now: datetime) -> None:
    operator, care = scene.actor("operator", "operator"), scene.categories["care"]
    settings.change(name="max_paid_tiers", value=3, actor=operator, now=now)
    settings.change(name="platform_fee_bps", value=500, actor=operator, now=now)
    rates = {(0, "other"): 300, (0, "individual"): 200, (care, "other"): 600, (care, "individual"): 500}
    plans.set_benchmarks(rates=rates, actor=operator, now=now)
    gold = plans.add_grade(name="黄金", rank=1, threshold_fen=100_000, extra_bps=100, actor=operator, now=now)
    plans.add_grade(name="钻石", rank=2, threshold_fen=1_000_000, extra_bps=200, actor=operator, now=now)
    plans.set_grades(grades={scene.parties["p1"]: gold}, actor=operator, now=now)


def _rates_of_shop(scene: Scene, now: datetime) -> None:
    id_, actor, products = scene.parties["shop"], scene.actor("shop", "shop"), scene.products
    plans.set_distribution(merchant_id=id_, tier_bps={1: 800, 2: 300, 3: 100}, actor=actor, now=now)
    categories = {scene.categories["bed"]: 1200, scene.categories["sheets"]: 1400}
    plans.set_category_rates(merchant_id=id_, rates=categories, actor=actor, now=now)
    mains = {products["CM01"]: 2000, products["CM24"]: 1500, products["CM34"]: 2200}
    plans.set_main_products(merchant_id=id_, rates=mains, actor=actor, now=now)
    plans.set_self_purchase(merchant_id=id_, rates={(SelfScope.ALL, 0): 500}, actor=actor, now=now)


def _rates_of_tea(scene: Scene, now: datetime) -> None:
    id_, actor = scene.parties["tea"], scene.actor("tea", "tea")
    mains: dict[int, int | None] = {scene.products[item.no]: 1500 for item in HILLSIDE}
    plans.set_main_products(merchant_id=id_, rates=mains, actor=actor, now=now)
    plans.set_distribution(merchant_id=id_, tier_bps={2: 200}, actor=actor, now=now)


def _rates_of_craft(scene: Scene, now: datetime) -> None:
    id_, actor = scene.parties["craft"], scene.actor("craft", "craft")
    plans.set_distribution(merchant_id=id_, tier_bps={1: 1000, 2: 200}, actor=actor, now=now)


def _bind(scene: Scene, now: datetime) -> None:
    merchant_id, actor = scene.parties["shop"], scene.actor("shop", "shop")
    parties.set_binding(merchant_id=merchant_id, mode=BindingMode.LAST, days=30, actor=actor, now=now)


def _campaign(scene: Scene, whose: str, campaign: NewCampaign, now: datetime) -> Answer:
    merchant_id = None if whose == "operator" else scene.parties[whose]
    actor = scene.actor(whose, whose)
    return {"id": plans.create_campaign(merchant_id=merchant_id, campaign=campaign, actor=actor, now=now)}


def _coming(scene: Scene, now: datetime) -> None:
    id_, actor, products = scene.parties["shop"], scene.actor("shop", "shop"), scene.products
    mains = {products["CM24"]: 1800, products["CM34"]: None, products["CM10"]: 1600}
    plans.set_main_products(merchant_id=id_, rates=mains, actor=actor, now=now)
    plans.set_category_rates(merchant_id=id_, rates={scene.categories["teaware"]: 1100}, actor=actor, now=now)
