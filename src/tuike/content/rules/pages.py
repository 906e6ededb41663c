"""Blocks of a page: read from and written as plain JSON, and which of them can be kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tuike.content.types import BadBlock, Banner, Banners, Block, CategoryRow, CouponStrip, LinkKind, Notice, Picks

MOST_BLOCKS = 20
MOST_BANNERS = 10
MOST_PICKED = 50
MOST_CATEGORIES = 20
PAGES = ("coupons", "points", "bargains", "board", "promoter", "orders", "cart")
"""Pages of the mini-program's own that a banner may lead to."""

MALL_DEFAULT: tuple[Block, ...] = (
    CategoryRow(),
    CouponStrip(),
    Picks("热销商品", "Best sellers"),
    Picks("新品上架", "New arrivals", newest=True),
)
"""The mall's home page until the operator publishes one."""

SHOP_DEFAULT: tuple[Block, ...] = (
    CouponStrip(),
    Picks("店铺热销", "Best sellers"),
    Picks("新品上架", "New arrivals", newest=True),
)
"""A shop's page until it publishes one."""


def written(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return blocks as plain JSON."""
    return [_written(block) for block in blocks]


def read(stored: Sequence[dict[str, Any]]) -> tuple[Block, ...]:
    """Return the blocks that `written` wrote."""
    return tuple(_read(one) for one in stored)


def check(blocks: Sequence[Block]) -> None:
    """Refuse what can't be a page.

    Raises:
        BadBlock: too many, a title or text too long or missing, a window that ends before it begins, a wrong link.
    """
    if len(blocks) > MOST_BLOCKS:
        raise BadBlock(reason_zh=f"最多 {MOST_BLOCKS} 个模块", reason_en=f"at most {MOST_BLOCKS} blocks")
    for block in blocks:
        match block:
            case Banners():
                _check_banners(block.banners)
            case CategoryRow():
                if len(block.category_ids) > MOST_CATEGORIES:
                    raise BadBlock(
                        reason_zh=f"最多 {MOST_CATEGORIES} 个类目", reason_en=f"at most {MOST_CATEGORIES} categories"
                    )
            case Picks():
                _check_text(block.title, block.title_en, longest=20)
                if len(block.product_nos) > MOST_PICKED:
                    raise BadBlock(reason_zh=f"最多 {MOST_PICKED} 个商品", reason_en=f"at most {MOST_PICKED} products")
            case Notice():
                _check_text(block.text, block.text_en, longest=100)


def _check_banners(banners: Sequence[Banner]) -> None:
    if not 1 <= len(banners) <= MOST_BANNERS:
        raise BadBlock(reason_zh=f"轮播图须为 1 到 {MOST_BANNERS} 张", reason_en=f"1 to {MOST_BANNERS} banners")
    for banner in banners:
        if not banner.picture.startswith("/media/"):
            raise BadBlock(reason_zh="轮播图缺少图片", reason_en="a banner has no picture")
        if banner.starts_at and banner.ends_at and banner.ends_at <= banner.starts_at:
            raise BadBlock(reason_zh="结束时间须晚于开始时间", reason_en="a window ends after it begins")
        if banner.link is LinkKind.PAGE and banner.to not in PAGES:
            raise BadBlock(reason_zh="跳转页面不存在", reason_en="there is no such page to lead to")
        if (banner.link is LinkKind.NONE) != (banner.to == ""):
            raise BadBlock(reason_zh="请填写跳转目标", reason_en="say where the banner leads")


def _check_text(text: str, text_en: str, *, longest: int) -> None:
    if not 1 <= len(text.strip()) <= longest or len(text_en) > 2 * longest:
        raise BadBlock(reason_zh=f"文字须为 1 到 {longest} 个字符", reason_en=f"a text has 1 to {longest} characters")


def _written(block: Block) -> dict[str, Any]:
    match block:
        case Banners():
            return {"kind": "banners", "banners": [_banner(one) for one in block.banners]}
        case CategoryRow():
            return {"kind": "categories", "ids": list(block.category_ids)}
        case Picks():
            numbers = list(block.product_nos)
            return {"kind": "picks", "title": block.title, "en": block.title_en, "nos": numbers, "new": block.newest}
        case CouponStrip():
            return {"kind": "coupons"}
        case Notice():
            return {"kind": "notice", "text": block.text, "en": block.text_en}


def _banner(one: Banner) -> dict[str, Any]:
    ends = {"from": one.starts_at, "until": one.ends_at}
    return {
        "picture": one.picture,
        "link": one.link.value,
        "to": one.to,
        **{name: at.isoformat() for name, at in ends.items() if at is not None},
    }


def _read(one: dict[str, Any]) -> Block:
    match one["kind"]:
        case "banners":
            return Banners(tuple(_read_banner(banner) for banner in one["banners"]))
        case "categories":
            return CategoryRow(tuple(one["ids"]))
        case "picks":
            return Picks(one["title"], one["en"], tuple(one["nos"]), one["new"])
        case "coupons":
            return CouponStrip()
        case _:
            return Notice(one["text"], one["en"])


def _read_banner(one: dict[str, Any]) -> Banner:
    starts, ends = (datetime.fromisoformat(one[name]) if name in one else None for name in ("from", "until"))
    return Banner(one["picture"], LinkKind(one["link"]), one["to"], starts, ends)
