"""What became of a link: what it is for, until when it is good, what came by it. For the promoter whose link it is."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from tuike.attribution import queries as attribution
from tuike.attribution.types import BadTicket, LinkFacts, LinkNotFound
from tuike.db import rows
from tuike.insight.explain.types import Line, Receipt, Section, Tone, UnknownNumber, Words, same
from tuike.insight.explain.words import instant

MOST_ORDERS = 10


def code_in(text: str) -> str:
    """Return the code or ticket in what somebody pasted: an address of ours, or the bare code."""
    bare = text.strip()
    if "/" not in bare and "?" not in bare:
        return bare
    parts = urlsplit(bare)
    asked = parse_qs(parts.query)
    for name in ("ticket", "t", "scene"):
        if asked.get(name):
            return asked[name][0]
    return parts.path.rstrip("/").rsplit("/", 1)[-1]


def why_link(text: str, *, promoter_id: int, now: datetime) -> Receipt:
    """Return how a promoter's own link stands at `now`: good or not, clicks, touches, and the orders that it won.

    Raises:
        UnknownNumber: no such link, or another promoter's: both look the same.
    """
    try:
        link = attribution.link_of(code_in(text)[:300], now=now)
    except (LinkNotFound, BadTicket) as refusal:
        raise UnknownNumber(no=text.strip()[:60]) from refusal
    if link.promoter_id != promoter_id:
        raise UnknownNumber(no=text.strip()[:60])
    title = Words(f"推广链接 {link.code}", f"Link {link.code}")
    return Receipt(link.code, title, (_link(link, now), _came(link, now), _orders(link)))


def _link(link: LinkFacts, now: datetime) -> Section:
    place, deleted, shop, product = rows.query(
        """
        SELECT p.name, p.deleted_at IS NOT NULL, m.name, coalesce(c.title, '')
        FROM attribution_place p JOIN parties_party m ON m.id = %s LEFT JOIN catalog_product c ON c.id = %s
        WHERE p.id = %s
        """,
        [link.merchant_id, link.product_id, link.place_id],
    )[0]
    gone = Words(f"{place}（已删除，素材仍有效）", f"{place} (deleted; its material still earns)")
    good = Words(f"{instant(link.expires_at).zh} 前有效", f"good until before {instant(link.expires_at).en}")
    over = Words(f"已于 {instant(link.expires_at).zh} 过期", f"expired at {instant(link.expires_at).en}")
    what = same(product) if link.product_id else Words("全店商品", "everything of the shop")
    return Section(
        Words("这个链接", "This link"),
        (
            Line(Words("推广位", "Place"), text=gone if deleted else same(place)),
            Line(Words("商家", "Shop"), text=same(shop)),
            Line(Words("商品", "Product"), text=what),
            Line(Words("生成", "Made"), text=instant(link.issued_at)),
            Line(
                Words("有效期", "Good"),
                text=good if link.good_at(now) else over,
                tone=Tone.GOOD if link.good_at(now) else Tone.BAD,
            ),
        ),
    )


def _came(link: LinkFacts, now: datetime) -> Section:
    clicks, last_click = rows.query(
        "SELECT count(*), max(at) FROM attribution_click WHERE link_id = %s", [link.link_id]
    )[0]
    seen, last_seen, late = rows.query(
        "SELECT count(*), max(touched_at), count(*) FILTER (WHERE touched_at >= %s) FROM attribution_touch"
        " WHERE link_id = %s",
        [link.expires_at, link.link_id],
    )[0]
    lines = [
        Line(Words("点击", "Clicks"), text=_counted(clicks, last_click)),
        Line(
            Words("到达（打开商品时带着这个链接）", "Arrivals: the shop opened with this link"),
            text=_counted(seen, last_seen),
        ),
    ]
    if late:
        said = Words(f"其中 {late} 次在过期之后，不再归属", f"{late} of them after its end, which earn nothing")
        lines.append(Line(Words("过期后到达", "Arrivals too late"), text=said, tone=Tone.BAD))
    if not clicks and not seen:
        said = Words("还没有人打开过这个链接", "nobody has opened this link yet")
        lines.append(Line(Words("结果", "Outcome"), text=said, tone=Tone.ASIDE))
    return Section(Words("带来了什么", "What came by it"), tuple(lines))


def _orders(link: LinkFacts) -> Section:
    found = rows.query(
        "SELECT order_no, max(made_at), count(*) FROM attribution_claim WHERE promoter_id = %s AND link_id = %s"
        " GROUP BY order_no ORDER BY 2 DESC LIMIT %s",
        [link.promoter_id, link.link_id, MOST_ORDERS + 1],
    )
    lines = [
        Line(same(no), text=Words(f"{instant(at).zh} 下单 · {lines} 行", f"placed {instant(at).en} · lines: {lines}"))
        for no, at, lines in found[:MOST_ORDERS]
    ]
    if len(found) > MOST_ORDERS:
        lines.append(Line(Words("更早的订单", "Earlier ones"), text=Words("见订单数据", "see Orders"), tone=Tone.ASIDE))
    if not found:
        none = Words("没有订单归属于这个链接", "no order is attributed to this link")
        lines.append(Line(Words("订单", "Orders"), text=none, tone=Tone.ASIDE))
    return Section(Words("归属于它的订单", "Orders that it won"), tuple(lines))


def _counted(times: int, last: datetime | None) -> Words:
    if not times:
        return Words("0 次", "none")
    return Words(f"{times} 次，最近 {instant(last).zh}", f"{times}, the last one {instant(last).en}")
