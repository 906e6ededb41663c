"""Posters of material: drawn from what is kept, with WeChat's code where WeChat gives it in time."""

from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings

from tuike.flows import make_material
from tuike.flows.make_material import Material
from tuike.gateways.types import Refused, Unreachable
from tuike.kit import poster
from tuike.kit.fonts import Fonts
from tuike.parties import queries as parties
from tuike.parties.types import Source

MEDIA = "/media/"
_log = structlog.get_logger(__name__)


def draw_poster(*, promoter_id: int, code: str, zh: bool = True) -> bytes:
    """Return the poster (JPEG or PNG, the smaller) of a promoter's own material; a QR of the short link stands where
    WeChat gives no code.

    Raises:
        LinkNotFound: no such link, or somebody else's.
    """
    [material] = make_material.kept_material(promoter_id=promoter_id, codes=[code])
    return drawn(material, code=code_of(material), zh=zh)


def drawn(material: Material, *, code: bytes, zh: bool) -> bytes:
    """Return the poster (JPEG or PNG, the smaller) of material with a code that was fetched before; empty for the
    link's own QR."""
    promoter_id = material.link.promoter_id
    name = parties.promoter_facts([promoter_id])[promoter_id].name
    return poster.draw(
        poster.Poster(
            nickname=f"{name} 推荐给你" if zh else f"Picked by {name}",
            slogan="好物值得分享" if zh else "Good things are worth sharing",
            title=material.title,
            price_fen=material.price_fen,
            shop=material.shop,
            hint="长按识别，查看商品" if zh else "Scan to see it",
            link=material.short_link,
            picture=picture_of(material),
            code=code,
        ),
        _fonts(),
    )


def picture_of(material: Material) -> bytes:
    """Return the file of a product's picture, empty where it has none here: pictures elsewhere aren't fetched."""
    name = material.picture
    if not name.startswith(MEDIA):
        return b""
    root = Path(settings.MEDIA_ROOT).resolve()
    file = (root / name.removeprefix(MEDIA)).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        return b""
    return file.read_bytes()


def code_of(material: Material) -> bytes:
    """Return WeChat's code of material, empty where it gives none."""
    if material.source is not Source.MINI_STORE:
        return b""
    try:
        return make_material.code_image(promoter_id=material.link.promoter_id, code=material.link.code)
    except (Unreachable, Refused) as problem:
        _log.warning("poster_without_code", link=material.link.code, error=str(problem))
        return b""


@lru_cache
def _fonts() -> Fonts:
    return Fonts(Path(settings.FONTS))
