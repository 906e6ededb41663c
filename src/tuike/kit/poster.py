"""A promotion poster: picture, title, price, shop, and the code that a buyer scans."""

import io
from dataclasses import dataclass

import segno
from PIL import Image, ImageDraw, ImageOps

from tuike.kit.fonts import Fonts
from tuike.kit.money import yuan

WIDTH, HEIGHT = 750, 1200
_SIDE, _CODE = 622, 200
_FEW_COLOURS = 16_384
_INK, _SOFT, _PAPER, _GROUND, _BRAND, _PRICE = "#1f2329", "#626974", "#ffffff", "#f4f5f7", "#07a155", "#c0271c"


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a poster. `picture` and `code` are image files; without a code a QR of `link` is drawn, without a
    picture the title's first character. `price_fen` None: a shop's poster."""

    nickname: str
    slogan: str
    title: str
    price_fen: int | None
    shop: str
    hint: str
    link: str
    picture: bytes = b""
    code: bytes = b""


def draw(poster: Poster, fonts: Fonts) -> bytes:
    """Return a poster, 750 × 1200, as JPEG or PNG, whichever is smaller; `kind_of` says which."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    card = Image.new("RGB", (WIDTH - 64, HEIGHT - 64), _PAPER)
    sheet.paste(card, (32, 32), _rounded(card.size, 28))
    canvas = ImageDraw.Draw(sheet)
    _greeting(sheet, canvas, poster, fonts)
    picture = _picture(poster, fonts)
    sheet.paste(picture, (64, 160), _rounded(picture.size, 20))
    y = 838
    for line in fonts.wrapped(poster.title, 34, 600, width=_SIDE, lines=2):
        fonts.draw(canvas, (64, y), line, 34, 600, ink=_INK)
        y += 48
    if poster.price_fen is not None:
        x = fonts.draw(canvas, (64, 1000), "¥", 34, 700, ink=_PRICE)
        fonts.draw(canvas, (x + 2, 1000), yuan(poster.price_fen)[1:], 58, 700, ink=_PRICE)
    fonts.draw(canvas, (64, 1050), fonts.wrapped(poster.shop, 24, 400, width=400, lines=1)[0], 24, 400, ink=_SOFT)
    fonts.draw(canvas, (64, 1122), fonts.wrapped(poster.hint, 24, 400, width=410, lines=1)[0], 24, 400, ink=_SOFT)
    sheet.paste(_code(poster), (486, 924))
    return _smaller(sheet)


def kind_of(drawn: bytes) -> str:
    """Return what a drawn picture is: `png` or `jpeg`."""
    return "png" if drawn.startswith(b"\x89PNG") else "jpeg"


def _smaller(sheet: Image.Image) -> bytes:
    """Return a sheet in the smaller form. A photograph has too many colours for PNG: it isn't tried in vain."""
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=88, optimize=True)
    if sheet.getcolors(_FEW_COLOURS) is None:
        return out.getvalue()
    flat = io.BytesIO()
    sheet.save(flat, "PNG")
    return min(out.getvalue(), flat.getvalue(), key=len)


def _greeting(sheet: Image.Image, canvas: ImageDraw.ImageDraw, poster: Poster, fonts: Fonts) -> None:
    dot = Image.new("RGB", (72, 72), _BRAND)
    first = poster.nickname[:1] or "推"
    inner = ImageDraw.Draw(dot)
    fonts.draw(inner, ((72 - fonts.width(first, 34, 500)) // 2, 48), first, 34, 500, ink=_PAPER)
    sheet.paste(dot, (64, 64), _rounded(dot.size, 36))
    name = fonts.wrapped(poster.nickname, 28, 600, width=500, lines=1)[0]
    fonts.draw(canvas, (156, 93), name, 28, 600, ink=_INK)
    fonts.draw(canvas, (156, 129), fonts.wrapped(poster.slogan, 22, 400, width=520, lines=1)[0], 22, 400, ink=_SOFT)


def _picture(poster: Poster, fonts: Fonts) -> Image.Image:
    if poster.picture:
        try:
            with Image.open(io.BytesIO(poster.picture)) as found:
                return ImageOps.fit(found.convert("RGB"), (_SIDE, _SIDE), Image.Resampling.LANCZOS)
        except (OSError, Image.DecompressionBombError):
            pass  # no picture that can be read: the ground below
    ground = Image.new("RGB", (_SIDE, _SIDE), "#e8f8ef")
    first = (poster.title or poster.shop)[:1]
    inner = ImageDraw.Draw(ground)
    fonts.draw(inner, ((_SIDE - fonts.width(first, 220, 600)) // 2, 390), first, 220, 600, ink=_BRAND)
    return ground


def _code(poster: Poster) -> Image.Image:
    """Return the code, 200 pixels square: WeChat's where there is one, else a QR of the link."""
    if poster.code:
        try:
            with Image.open(io.BytesIO(poster.code)) as found:
                return found.convert("RGB").resize((_CODE, _CODE), Image.Resampling.LANCZOS)
        except OSError:
            pass  # what came can't be read: the link's own code below
    made = segno.make(poster.link, error="m", micro=False)
    scale = max(1, _CODE // made.symbol_size(border=0)[0])
    out = io.BytesIO()
    made.save(out, kind="png", scale=scale, border=0, dark=_INK)
    with Image.open(out) as drawn:
        # Whole pixels a module, in the middle of its place: a code that was stretched is harder to read.
        return _centred(drawn.convert("RGB"))


def _centred(code: Image.Image) -> Image.Image:
    place = Image.new("RGB", (_CODE, _CODE), _PAPER)
    place.paste(code, ((_CODE - code.width) // 2, (_CODE - code.height) // 2))
    return place


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    mask = Image.new("L", (size[0] * 2, size[1] * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), radius * 2, fill=255)
    return mask.resize(size, Image.Resampling.LANCZOS)
