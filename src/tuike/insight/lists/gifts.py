"""A shop's bargain offers and red packets."""

from tuike.insight.lists.types import Column, Filter, Listing

OFFER_PHASE = """
    CASE WHEN f.stopped_at IS NOT NULL THEN 'stopped' WHEN %(now)s::timestamptz >= f.ends_at THEN 'over'
        WHEN %(now)s::timestamptz < f.starts_at THEN 'coming' WHEN f.taken >= f.stock THEN 'sold_out' ELSE 'open' END
"""
"""Where an offer stands at `now`: as `BargainOffer.phase` says it."""

OFFER_PHASES = {
    "coming": ("未开始", "Coming", "blue"),
    "open": ("进行中", "Open", "green"),
    "sold_out": ("已售罄", "Sold out", "amber"),
    "over": ("已结束", "Over", "grey"),
    "stopped": ("已停止", "Stopped", "red"),
}
PACKET_STATES = {
    "open": ("领取中", "Open", "green"),
    "empty": ("已领完", "All opened", "blue"),
    "over": ("已过期退回", "Over, the rest came back", "grey"),
}
SPLITS = {"fixed": ("普通红包", "Equal shares", "grey"), "lucky": ("拼手气红包", "Lucky", "amber")}

BARGAIN_OFFERS = Listing(
    name="bargains",
    sql_from="marketing_bargain_offer f JOIN catalog_sku s ON s.id = f.sku_id"
    " JOIN catalog_product p ON p.id = f.product_id",
    scope_sql="f.merchant_id = %(merchant)s",
    id_sql="f.id",
    default_sort="-new",
    columns=(
        Column(
            "title",
            ("商品", "Product"),
            "p.title",
            also={"under": "concat_ws(' · ', f.no, nullif(s.spec, ''))", "no": "f.no"},
        ),
        Column("price", ("现价", "Price"), "s.price_fen", kind="money"),
        Column("floor", ("底价", "Floor"), "f.floor_fen", kind="money"),
        Column("cuts", ("刀数", "Cuts"), "f.cuts_needed", kind="count"),
        Column("stock", ("库存", "Stock"), "f.stock", kind="count", sort=True, filled=True),
        Column(
            "started",
            ("已发起", "Started"),
            "(SELECT count(*) FROM marketing_bargain b WHERE b.offer_id = f.id)",
            kind="count",
        ),
        Column("taken", ("已购", "Bought"), "f.taken", kind="count", sort=True, filled=True, total=True),
        Column("phase", ("状态", "State"), OFFER_PHASE, kind="tag", words=OFFER_PHASES),
        Column("starts_at", ("开始", "From"), "f.starts_at", kind="time", shown=False),
        Column("ends_at", ("结束", "Until"), "f.ends_at", kind="time", sort=True, filled=True),
        Column("new", ("编号", "Id"), "f.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(Filter("q", ("商品或编号", "Product or number"), "(p.title ILIKE %(like)s OR f.no = %(value)s)"),),
    tabs=Filter(
        "phase",
        ("状态", "State"),
        f"({OFFER_PHASE}) = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in OFFER_PHASES.items()],
    ),
)
"""Scope: `merchant` (id), `now` (an instant)."""

RED_PACKETS = Listing(
    name="red_packets",
    sql_from="marketing_packet p",
    scope_sql="p.merchant_id = %(merchant)s",
    id_sql="p.id",
    default_sort="-new",
    columns=(
        Column(
            "no",
            ("红包", "Red packet"),
            "p.no",
            also={"under": "nullif(p.greeting, '')", "no": "p.no"},
        ),
        Column("split", ("类型", "Kind"), "p.split", kind="tag", words=SPLITS),
        Column("total", ("总额", "Sum"), "p.total_fen", kind="money", sort=True, filled=True, total=True),
        Column("shares", ("份数", "Shares"), "p.shares", kind="count"),
        Column("opened", ("已领份数", "Opened"), "p.opened", kind="count"),
        Column("opened_fen", ("已领金额", "Opened sum"), "p.opened_fen", kind="money", total=True),
        Column("returned", ("已退回", "Came back"), "p.returned_fen", kind="money", total=True),
        Column("state", ("状态", "State"), "p.state", kind="tag", words=PACKET_STATES),
        Column("created_at", ("发出时间", "Sent"), "p.created_at", kind="time", sort=True, filled=True),
        Column("new", ("编号", "Id"), "p.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(Filter("q", ("编号或祝福语", "Number or greeting"), "(p.no = %(value)s OR p.greeting ILIKE %(like)s)"),),
    tabs=Filter(
        "state",
        ("状态", "State"),
        "p.state = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in PACKET_STATES.items()],
    ),
)
"""Scope: `merchant` (id)."""
