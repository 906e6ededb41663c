"""A promoter makes material for products and shops: links, wording, and WeChat's own addresses where it answers."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from tuike.attribution import queries as links_of
from tuike.attribution import service as attribution
from tuike.attribution.types import LinkDress, LinkFacts, LinkNotFound, Target
from tuike.catalog import queries as catalog
from tuike.catalog.types import CannotBePromoted, NotPromotable, ProductFacts
from tuike.db.retry import retry
from tuike.flows import claiming, outside
from tuike.gateways.types import Refused, Unreachable
from tuike.kit.errors import NotFound
from tuike.kit.money import yuan
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, NotCertified, Source, Suspended

PATIENCE_SECONDS = 12
"""How long all questions to WeChat for one piece of work may take together; what is missing then is made later."""
LONGEST_LINK_DAYS = 30
"""A URL link of WeChat is good for 1 to 30 days (generate_urllink)."""
OWN_LINK = "{link}"
"""What stands for the link in a promoter's own wording."""
PRODUCT_PAGE, SHOP_PAGE = "pages/product/product", "pages/shop/shop"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Material:
    """What is handed out for one target. `url_link` and `tag` are WeChat's, empty where it hasn't made them, and for
    shops with a mini-program of their own, which WeChat gives them to alone; `appid` is the mini-program's."""

    link: LinkFacts
    source: Source
    appid: str
    title: str
    shop: str
    price_fen: int | None
    picture: str
    short_link: str
    path: str
    wording: str
    own_wording: bool
    url_link: str
    tag: str


@dataclass(frozen=True, slots=True)
class Made:
    """Material, and by name what WeChat couldn't give now (`url_link`, `tag`): asking again with the key gets it."""

    items: tuple[Material, ...]
    missing: tuple[str, ...]


def make_material(
    *, promoter_id: int, pid: str, targets: Sequence[Target], customize_info: str, key: str, now: datetime
) -> Made:
    """Make one link for each target at a place, with wording and WeChat's addresses; the same key is the same material.

    WeChat is asked here and never when somebody clicks. When it doesn't answer the links are good without it.

    Raises:
        NotCertified, Suspended: the promoter may not promote now.
        CannotBePromoted: a product or shop, and why. NotFound: there is none.
        PlaceNotFound, NothingToPromote, BadCustomizeInfo, KeyMalformed, KeyUsedForOther: see attribution.make_links.
    """
    links = _links(promoter_id=promoter_id, pid=pid, targets=targets, customize_info=customize_info, key=key, now=now)
    return _dressed(links, now)


def material_of(*, promoter_id: int, code: str, now: datetime) -> Made:
    """Return a promoter's own material, with what WeChat couldn't give before if it can now.

    Raises:
        LinkNotFound: no such link, or somebody else's.
    """
    return _dressed([_own(promoter_id, code)], now)


def kept_material(*, promoter_id: int, codes: Sequence[str]) -> list[Material]:
    """Return a promoter's own material as it is kept, in order; nobody outside is asked.

    Raises:
        LinkNotFound: no such link, or somebody else's.
    """
    return _shown([_own(promoter_id, code) for code in codes])


def made_before(*, promoter_id: int, before_id: int | None, limit: int) -> list[Material]:
    """Return a page of a promoter's own material as it is kept, newest first; nobody outside is asked."""
    return _shown(links_of.links_of(promoter_id=promoter_id, before_id=before_id, limit=limit))


def code_image(*, promoter_id: int, code: str) -> bytes:
    """Return the mini-program code (JPEG or PNG) of a promoter's own link; its scene is the short code.

    Raises:
        LinkNotFound: no such link, somebody else's, or a shop's that has its own mini-program.
        Refused, Unreachable: see gateways.
    """
    link = _own(promoter_id, code)
    if parties.merchant_facts([link.merchant_id])[link.merchant_id].source is not Source.MINI_STORE:
        raise LinkNotFound
    return outside.wechat().code_image(scene=link.code, page=_page(link), check_path=False)


@retry
def _links(
    *, promoter_id: int, pid: str, targets: Sequence[Target], customize_info: str, key: str, now: datetime
) -> list[LinkFacts]:
    with transaction.atomic(durable=True):
        _check_promoter(promoter_id)
        _check_targets(targets, now)
        return attribution.make_links(
            promoter_id=promoter_id, pid=pid, targets=targets, customize_info=customize_info, key=key, now=now
        )


def _check_promoter(promoter_id: int) -> None:
    promoter = parties.promoter_facts([promoter_id])[promoter_id]
    if not promoter.certified:
        raise NotCertified
    if promoter.suspended:
        raise Suspended(reason="—")


def _check_targets(targets: Iterable[Target], now: datetime) -> None:
    wanted = list(targets)
    products = catalog.product_facts([one.product_id for one in wanted if one.product_id is not None])
    shops = parties.merchant_facts({one.merchant_id for one in wanted})
    reasons = claiming.why_not_promotable(list(products), shops, now)
    for one in wanted:
        shop = shops.get(one.merchant_id)
        if shop is None or (one.product_id is not None and one.product_id not in products):
            raise NotFound
        reason = _shop_reason(shop, now) if one.product_id is None else reasons.get(one.product_id)
        if reason is not None:
            why = NotPromotable(reason)
            title = shop.name if one.product_id is None else products[one.product_id].title
            raise CannotBePromoted(title=title, reason_zh=why.sentence("zh"), reason_en=why.sentence("en"))


def _shop_reason(shop: MerchantFacts, now: datetime) -> NotPromotable | None:
    """Return why a whole shop can't be promoted, in the order of docs/rules.md §2."""
    if not shop.open_at(now):
        return NotPromotable.MERCHANT_NOT_OPENED
    if not shop.certified:
        return NotPromotable.MERCHANT_NOT_CERTIFIED
    if shop.suspended:
        return NotPromotable.MERCHANT_SUSPENDED
    return NotPromotable.PREPAID_SHORT if shop.prepaid_short else None


def _own(promoter_id: int, code: str) -> LinkFacts:
    link = links_of.links_by_code([code]).get(code)
    if link is None or link.promoter_id != promoter_id:
        raise LinkNotFound
    return link


def _dressed(links: Sequence[LinkFacts], now: datetime) -> Made:
    """Ask WeChat for what links lack, keep what it gives, and put everything together."""
    products = catalog.product_facts([link.product_id for link in links if link.product_id is not None])
    shops = parties.merchant_facts({link.merchant_id for link in links})
    dresses = links_of.dresses_of([link.link_id for link in links])
    own = _own_wordings(links)
    fresh = []
    asking = _Asking(now)
    for link in links:
        had, shop = dresses[link.link_id], shops[link.merchant_id]
        product = products.get(link.product_id or 0)
        title = product.title if product else shop.name
        ours = shop.source is Source.MINI_STORE
        new = LinkDress(
            link_id=link.link_id,
            wording=had.wording or own.get((link.merchant_id, link.product_id)) or _wording(link, shop, product),
            url_link=had.url_link or (asking.ask("url_link", link, title) if ours else ""),
            tag=had.tag or (asking.ask("tag", link, title) if ours else ""),
        )
        new = replace(new, wording=new.wording.replace(OWN_LINK, short_link(link)))
        if new != had:
            fresh.append(new)
    if fresh:
        _keep(fresh)
    return Made(tuple(_shown(links)), tuple(sorted(asking.missing)))


def _own_wordings(links: Sequence[LinkFacts]) -> dict[tuple, str]:
    """Return the promoter's own wordings for what the links are for; links of one promoter."""
    return links_of.wordings_of(
        promoter_id=links[0].promoter_id,
        product_ids=[link.product_id for link in links if link.product_id is not None],
        shop_ids=[link.merchant_id for link in links if link.product_id is None],
    )


def _shown(links: Sequence[LinkFacts]) -> list[Material]:
    products = catalog.product_facts([link.product_id for link in links if link.product_id is not None])
    shops = parties.merchant_facts({link.merchant_id for link in links})
    dresses = links_of.dresses_of([link.link_id for link in links])
    own = _own_wordings(links)
    mall_appid = outside.appid() if links else ""
    return [
        _material(
            link,
            dresses[link.link_id],
            shops[link.merchant_id],
            products.get(link.product_id or 0),
            own=(link.merchant_id, link.product_id) in own,
            mall_appid=mall_appid,
        )
        for link in links
    ]


@retry
def _keep(dresses: Sequence[LinkDress]) -> None:
    with transaction.atomic(durable=True):
        attribution.dress_links(dresses=dresses)


class _Asking:
    """Asks WeChat for addresses, within one patience; after the first that it doesn't give, no more of that kind."""

    def __init__(self, now: datetime) -> None:
        self.missing: set[str] = set()
        self._now = now
        self._until_ns = time.monotonic_ns() + PATIENCE_SECONDS * 1_000_000_000

    def ask(self, kind: str, link: LinkFacts, title: str) -> str:
        """Return one address, empty where WeChat doesn't give it; its kind is missing then."""
        if kind in self.missing or not link.good_at(self._now) or time.monotonic_ns() > self._until_ns:
            self.missing.add(kind)
            return ""
        try:
            if kind == "url_link":
                days = max(1, min(LONGEST_LINK_DAYS, (link.expires_at - self._now) // timedelta(days=1)))
                return outside.wechat().url_link(path=_page(link), query=_query(link), days=days)
            return outside.wechat().short_link(page_url=f"{_page(link)}?{_query(link)}", title=title[:20])
        except (Unreachable, Refused) as problem:
            _log.warning("material_without", kind=kind, link=link.code, error=str(problem))
            self.missing.add(kind)
            return ""


def _page(link: LinkFacts) -> str:
    return SHOP_PAGE if link.product_id is None else PRODUCT_PAGE


def _query(link: LinkFacts) -> str:
    """Return what the page is opened with: the short code stands for the ticket, which is longer than some limits."""
    return f"c={link.code}"


def short_link(link: LinkFacts) -> str:
    """Return the address that a link is clicked at."""
    return f"{settings.PUBLIC_BASE}/s/{link.code}"


def generated_wording(*, promoter_id: int, code: str) -> str:
    """Return the wording that a promoter's own link has when its promoter hasn't written any.

    Raises:
        LinkNotFound: no such link, or somebody else's.
    """
    link = _own(promoter_id, code)
    shop = parties.merchant_facts([link.merchant_id])[link.merchant_id]
    products = catalog.product_facts([] if link.product_id is None else [link.product_id])
    return _wording(link, shop, products.get(link.product_id or 0))


def _wording(link: LinkFacts, shop: MerchantFacts, product: ProductFacts | None) -> str:
    if product is None:
        return f"【{shop.name}】全店好物推荐，点击选购：{short_link(link)}"
    return f"【{shop.name}】{product.title}，{yuan(product.min_price_fen)}起，点击购买：{short_link(link)}"


def _material(
    link: LinkFacts,
    dress: LinkDress,
    shop: MerchantFacts,
    product: ProductFacts | None,
    *,
    own: bool,
    mall_appid: str,
) -> Material:
    outside_page = shop.source is Source.MINI_PROGRAM and product is not None and product.path
    page = product.path if outside_page and product else _page(link)
    return Material(
        link=link,
        source=shop.source,
        appid=shop.appid if shop.source is Source.MINI_PROGRAM else mall_appid,
        title=product.title if product else shop.name,
        shop=shop.name,
        price_fen=product.min_price_fen if product else None,
        picture=product.pictures[0] if product and product.pictures else "",
        short_link=short_link(link),
        path=f"{page}{'&' if '?' in page else '?'}t={link.ticket}",
        wording=dress.wording,
        own_wording=own,
        url_link=dress.url_link,
        tag=dress.tag,
    )
