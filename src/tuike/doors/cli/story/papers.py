"""Drawn stand-ins for documents: what somebody hands in is a picture, and the reviewer has one to look at."""

import io
from datetime import datetime

from PIL import Image, ImageDraw, ImageFont

from tuike.files import service as files

PURPOSE = "certification"
_SIZE = (1012, 638)
_INK, _BAR, _GROUND, _MARK = "#3b5266", "#b9c7d4", "#eaf1f6", "#c0271c"
_LINES = {
    "front": ((90, 120, 420), (90, 210, 300), (90, 300, 520), (90, 380, 460), (260, 520, 660)),
    "back": ((300, 150, 560), (300, 240, 500), (160, 430, 420), (160, 510, 560)),
    "licence": ((240, 110, 530), (110, 240, 700), (110, 310, 780), (110, 380, 640), (110, 450, 720), (110, 520, 560)),
}
"""Bars that stand for writing: from the left, from the top, how long."""


def hand_in(party_id: int, kinds: tuple[str, ...], person_id: int, now: datetime) -> tuple[str, ...]:
    """Keep drawn documents of a party for its certification and return their numbers, in the caller's transaction."""
    kept = [
        files.keep(
            party_id=party_id,
            purpose=PURPOSE,
            raw=_drawn(kind, party_id),
            name=f"{kind}.png",
            person_id=person_id,
            now=now,
        ).no
        for kind in kinds
    ]
    files.use(nos=kept, party_id=party_id, purpose=PURPOSE, now=now)
    return tuple(kept)


def _drawn(kind: str, seed: int) -> bytes:
    page = Image.new("RGB", _SIZE, _GROUND)
    draw = ImageDraw.Draw(page)
    draw.rounded_rectangle((24, 24, _SIZE[0] - 24, _SIZE[1] - 24), 36, fill="white", outline=_BAR, width=4)
    for x, y, length in _LINES[kind]:
        draw.rounded_rectangle((x, y, x + length - seed % 5 * 12, y + 34), 12, fill=_BAR)
    if kind == "front":
        draw.ellipse((740, 130, 880, 270), fill=_BAR)
        draw.pieslice((690, 270, 930, 560), 180, 360, fill=_BAR)
    else:
        draw.ellipse((110, 110, 220, 220), outline=_INK, width=8)
    draw.text((_SIZE[0] // 2, 590), "SPECIMEN", font=ImageFont.load_default(40), fill=_MARK, anchor="mm")
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()
