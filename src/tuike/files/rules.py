"""Which pictures are taken, and how they are drawn anew. Bytes in, bytes out."""

import io
import unicodedata

from PIL import Image, ImageOps, UnidentifiedImageError

from tuike.files.types import Drawn, NotAPicture, TooLarge, TooSmallToRead

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LEAST_SIDE = 200
LONGEST_SIDE = 2400
"""A document stays readable at this length, and a phone's photo becomes a tenth of its size."""

FORMATS = ("JPEG", "PNG", "WEBP")
"""What is read. No SVG, no PDF, nothing that can carry a program."""

_QUALITY = 86


def drawn_anew(raw: bytes, *, longest_side: int = LONGEST_SIDE, least_side: int = LEAST_SIDE) -> Drawn:
    """Return a picture as a JPEG drawn from its points alone: upright, no metadata, nothing behind the end.

    Size and format are looked at before a single point is unpacked. What is see-through becomes white.

    Raises:
        TooLarge: more than 8 MB or 40 megapixels.
        TooSmallToRead: a side below `least_side` pixels.
        NotAPicture: anything that isn't a readable JPEG, PNG or WebP.
    """
    if len(raw) > MOST_BYTES:
        raise TooLarge(megabytes=MOST_BYTES // 1024**2, megapixels=MOST_PIXELS // 10**6)
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise TooLarge(megabytes=MOST_BYTES // 1024**2, megapixels=MOST_PIXELS // 10**6)
            if min(opened.size) < least_side:
                raise TooSmallToRead(pixels=least_side)
            opened.draft("RGB", (longest_side, longest_side))
            picture = _flat(ImageOps.exif_transpose(opened))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPicture from error
    picture.thumbnail((longest_side, longest_side))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Drawn(out.getvalue(), "image/jpeg", *picture.size)


def shown_name(text: str) -> str:
    """Return what a file is called, without folders and invisible characters, at most 80 of them; `—` for nothing."""
    bare = text.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(c for c in unicodedata.normalize("NFC", bare) if c.isprintable())
    return seen.strip()[:80] or "—"


def _flat(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB, on white where one can see through it; a copy without what came along with it."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        ground = Image.new("RGB", clear.size, "white")
        ground.paste(clear, mask=clear.getchannel("A"))
        return ground
    flat = Image.new("RGB", picture.size)
    flat.paste(picture.convert("RGB"))
    return flat
