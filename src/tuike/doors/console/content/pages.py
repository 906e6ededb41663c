"""The mall's home page (operator) and a shop's page (merchant): blocks in order, a draft until it is published."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.content import queries, service
from tuike.content.types import Banner, Banners, Block, CategoryRow, CouponStrip, LinkKind, Notice, Picks
from tuike.doors.console import answers
from tuike.doors.console.merchant import reading
from tuike.doors.console.text import T
from tuike.files import service as files
from tuike.insight import mall_pages
from tuike.kit.errors import Invalid, NotFound, Refusal

KINDS = {
    "banners": (T("轮播图", "Banners"), Banners),
    "categories": (T("类目", "Categories"), CategoryRow),
    "picks": (T("商品", "Products"), Picks),
    "coupons": (T("优惠券", "Coupons"), CouponStrip),
    "notice": (T("公告", "Notice"), Notice),
}
LINKS = {
    LinkKind.NONE: T("不跳转", "Nowhere"),
    LinkKind.PRODUCT: T("商品编号", "A product, by number"),
    LinkKind.CATEGORY: T("类目编号", "A category, by number"),
    LinkKind.SHOP: T("店铺编号", "A shop, by number"),
    LinkKind.PAGE: T("页面（coupons、points、bargains、board）", "A page (coupons, points, bargains, board)"),
}
PICTURES = "pages"


class ChangedMeanwhile(Refusal):
    """Somebody else changed the page since it was opened."""

    code = "changed_meanwhile"
    zh = "页面已被其他人修改，请刷新后重试"
    en = "Somebody else changed the page; please reload it."


def page(request: Any) -> HttpResponse:
    """Show the draft's blocks in order."""
    return render(request, "console/content/page.html", _context(request))


def block(request: Any, *, place: int) -> HttpResponse:
    """Show the form of a block (at the place behind the last one: of a new one), or keep what was typed."""
    blocks = list(_draft(request))
    if place > len(blocks):
        raise NotFound
    stood = blocks[place] if place < len(blocks) else None
    kind = _kind(stood) if stood is not None else request.POST.get("kind", request.GET.get("kind", ""))
    if kind not in KINDS:
        raise NotFound
    if request.method == "GET":
        return _form(request, place, kind, stood, None)
    try:
        _unchanged(request, blocks)
        blocks[place : place + 1] = [_read(request, kind, stood)]
        service.edit_page(merchant_id=request.asker.owner_id, blocks=blocks, now=request.asker.now)
    except Refusal as refusal:
        return _form(request, place, kind, stood, refusal)
    return answers.done(T("已存为草稿", "Kept in the draft"), refresh="list-changed")


def move(request: Any, *, place: int) -> HttpResponse:
    """Move a block up or down, or (`to`, where it was dropped) to a place."""
    blocks = list(_draft(request))
    typed = request.POST.get("to", "")
    to = (
        int(typed) if typed.isdecimal() and len(typed) < 4 else place + (1 if request.POST.get("way") == "down" else -1)
    )
    if place >= len(blocks) or not 0 <= to < len(blocks):
        raise NotFound
    _unchanged(request, blocks)
    blocks.insert(to, blocks.pop(place))
    service.edit_page(merchant_id=request.asker.owner_id, blocks=blocks, now=request.asker.now)
    return _list(request)


def remove(request: Any, *, place: int) -> HttpResponse:
    """Take a block out of the draft."""
    blocks = list(_draft(request))
    if place >= len(blocks):
        raise NotFound
    _unchanged(request, blocks)
    del blocks[place]
    service.edit_page(merchant_id=request.asker.owner_id, blocks=blocks, now=request.asker.now)
    return _list(request)


def preview(request: Any) -> HttpResponse:
    """Show the draft as buyers would see it now."""
    now, owner = request.asker.now, request.asker.owner_id
    if owner is None:
        blocks = mall_pages.home(now=now, draft=True).blocks
    else:
        blocks = mall_pages.shop_page(shop_no=request.asker.party.no, person_id=None, now=now, draft=True).blocks
    return answers.dialog(
        request, "console/content/preview.html", {"blocks": [(_kind(one.block), one) for one in blocks]}
    )


def publish(request: Any) -> HttpResponse:
    """Let everybody see the draft."""
    service.publish_page(merchant_id=request.asker.owner_id, actor=request.asker.actor, now=request.asker.now)
    return answers.toast(_list(request), T("已发布", "Published"))


def describe(request: Any) -> HttpResponse:
    """Show what the shop says of itself, or keep what was typed."""
    asker = request.asker
    stood = queries.page_of(merchant_id=asker.party_id)
    template, context = "console/content/describe.html", {"shown": stood, "typed": stood.description}
    if request.method == "GET":
        return answers.dialog(request, template, context)
    typed = request.POST.get("description", "")[:2000]
    try:
        sent = request.FILES.get("picture")
        picture = files.publish(raw=sent.read(), folder=PICTURES) if sent else stood.picture
        service.describe_shop(
            merchant_id=asker.party_id, picture=picture, description=typed, actor=asker.actor, now=asker.now
        )
    except Refusal as refusal:
        return answers.dialog(request, template, context | {"typed": typed, "problem": refusal}, status=422)
    return answers.done(T("已保存", "Saved"), refresh="list-changed")


def _context(request: Any) -> dict[str, Any]:
    asker, owner = request.asker, request.asker.owner_id
    shown = queries.page_of(merchant_id=owner)
    kind = "merchant" if owner is not None else "operator"
    return {
        "blocks": [(place, KINDS[_kind(one)][0], _summary(one)) for place, one in enumerate(shown.draft)],
        "last": len(shown.draft) - 1,
        "count": len(shown.draft),
        "kinds": [(key, words) for key, (words, _) in KINDS.items()],
        "shown": shown,
        "same": shown.draft == shown.published and shown.edition > 0,
        "stood": _mark(shown.draft),
        "may": asker.may(f"{kind}-mall-page-publish", "POST"),
        "of_shop": owner is not None,
    }


def _list(request: Any) -> HttpResponse:
    return render(request, "console/content/page_blocks.html", _context(request))


def _form(request: Any, place: int, kind: str, stood: Block | None, problem: Refusal | None) -> HttpResponse:
    context = {
        "place": place,
        "kind": kind,
        "words": KINDS[kind][0],
        "stands": stood,
        "links": [(key.value, words) for key, words in LINKS.items()],
        "categories": [node for node in catalog.categories() if len(node.path) < 3] if kind == "categories" else [],
        "chosen": stood.category_ids if isinstance(stood, CategoryRow) else (),
        "stood": request.POST.get("stood") or _mark(_draft(request)),
        "problem": problem,
        "typed": request.POST.dict() if problem else _typed(stood),
    }
    return answers.dialog(request, "console/content/block.html", context, status=422 if problem else 200)


def _typed(stood: Block | None) -> dict[str, str]:
    """Return a block as its form's fields hold it."""
    match stood:
        case Notice():
            return {"text": stood.text, "text_en": stood.text_en}
        case Picks():
            return {"title": stood.title, "title_en": stood.title_en, "numbers": "\n".join(stood.product_nos)}
        case _:
            return {}


def _read(request: Any, kind: str, stood: Block | None) -> Block:
    typed = request.POST
    match kind:
        case "banners":
            return _read_banners(request, stood.banners if isinstance(stood, Banners) else ())
        case "categories":
            return CategoryRow(tuple(int(one) for one in typed.getlist("category") if one.isdecimal())[:50])
        case "picks":
            numbers = dict.fromkeys(typed.get("numbers", "")[:4000].replace(",", " ").replace("，", " ").split())
            title, title_en = typed.get("title", "").strip(), typed.get("title_en", "").strip()
            return Picks(title, title_en, tuple(numbers), newest=typed.get("newest") == "1")
        case "coupons":
            return CouponStrip()
        case _:
            return Notice(typed.get("text", "").strip(), typed.get("text_en", "").strip())


def _read_banners(request: Any, stood: Sequence[Banner]) -> Banners:
    """Return the banners that weren't taken out, and the one that was added."""
    typed = request.POST
    kept = [one for place, one in enumerate(stood) if f"drop{place}" not in typed]
    if sent := request.FILES.get("picture"):
        picture = files.publish(raw=sent.read(), folder=PICTURES, longest_side=1600)
        link = typed.get("link", "none")
        if link not in {one.value for one in LinkKind}:
            raise Invalid(field="link", reason_zh="请选择", reason_en="choose one")
        starts, ends = (
            reading.instant(typed[name], field=name) if typed.get(name, "").strip() else None
            for name in ("starts_at", "ends_at")
        )
        kept.append(Banner(picture, LinkKind(link), typed.get("to", "").strip(), starts, ends))
    return Banners(tuple(kept))


def _summary(one: Block) -> str:
    match one:
        case Banners():
            return str(T("{n} 张", "{n} pictures").fill(n=len(one.banners)))
        case CategoryRow():
            return str(
                T("{n} 个", "{n}").fill(n=len(one.category_ids))
                if one.category_ids
                else T("全部一级", "All at the top")
            )
        case Picks():
            named = T("{n} 个商品", "{n} products").fill(n=len(one.product_nos))
            rule = T("最新", "newest") if one.newest else T("热销", "best sold")
            return f"{one.title} · {named if one.product_nos else rule}"
        case Notice():
            return one.text
        case _:
            return str(T("可领取的券", "What can be taken now"))


def _kind(one: Block) -> str:
    return next(key for key, (_, type_) in KINDS.items() if isinstance(one, type_))


def _draft(request: Any) -> tuple[Block, ...]:
    return queries.page_of(merchant_id=request.asker.owner_id).draft


def _unchanged(request: Any, blocks: Sequence[Block]) -> None:
    """Refuse to act on a list that isn't the one that was looked at.

    Raises:
        ChangedMeanwhile: so it is.
    """
    if request.POST.get("stood", "") != _mark(blocks):
        raise ChangedMeanwhile


def _mark(blocks: Sequence[Block]) -> str:
    return hashlib.sha256(json.dumps([repr(one) for one in blocks]).encode()).hexdigest()[:16]
