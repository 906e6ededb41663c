"""Drawn banners of the mall's and the shops' pages: what is sold, on a wide soft ground. No photograph, no font."""

import os
import random
from pathlib import Path

from PIL import Image, ImageDraw

from tuike.doors.cli.story.pictures import FOLDER, SHAPES, Ink

WIDE, HIGH = 750, 320
_FINE = 2  # drawn larger and scaled down: smooth edges
_Banner = tuple[Ink, Ink, tuple[tuple[str, tuple[Ink, ...]], ...]]
BANNERS: dict[str, _Banner] = {
    "season": (
        (247, 232, 226),
        (226, 180, 168),
        (
            ("sheets", ((150, 84, 84), (226, 190, 182), (250, 240, 236))),
            ("quilt", ((168, 110, 110), (238, 214, 206), (255, 250, 246))),
            ("boxes", ((158, 124, 84), (206, 178, 138), (236, 220, 194))),
        ),
    ),
    "tea": (
        (230, 238, 226),
        (160, 190, 160),
        (
            ("teaware", ((64, 108, 100), (150, 190, 178), (226, 238, 234))),
            ("green", ((78, 112, 62), (136, 168, 98), (206, 222, 170))),
            ("cakes", ((178, 118, 72), (226, 178, 120), (196, 84, 98))),
        ),
    ),
    "care": (
        (240, 232, 242),
        (196, 172, 206),
        (
            ("mask", ((150, 96, 140), (218, 190, 214), (250, 240, 250))),
            ("soap", ((126, 146, 110), (190, 206, 172), (242, 244, 232))),
            ("nuts", ((140, 92, 54), (196, 148, 98), (228, 196, 150))),
        ),
    ),
    "craft": (
        (240, 234, 222),
        (198, 176, 142),
        (
            ("cookware", ((96, 72, 56), (156, 120, 92), (70, 60, 54))),
            ("teaware", ((120, 92, 60), (190, 160, 120), (238, 226, 206))),
            ("sheets", ((52, 76, 120), (140, 164, 204), (228, 236, 246))),
        ),
    ),
}


def draw_banners(folder: Path) -> None:
    """Draw what isn't there yet below `folder`."""
    for name in BANNERS:
        file = folder / FOLDER / f"banner-{name}.webp"
        if not file.exists():
            fresh = file.with_suffix(f".{os.getpid()}")  # two processes may tell the story at once
            _draw(name).save(fresh, "WEBP", quality=82, method=2)
            fresh.replace(file)


def address_of(name: str) -> str:
    """Return a banner's address."""
    return f"/media/{FOLDER}/banner-{name}.webp"


def _draw(name: str) -> Image.Image:
    light, deep, things = BANNERS[name]
    chance = random.Random(f"tuike:banner:{name}")  # noqa: S311 a picture, not a secret
    size = WIDE * _FINE, HIGH * _FINE
    fall = Image.linear_gradient("L").rotate(90).resize(size)
    image = Image.composite(Image.new("RGB", size, deep), Image.new("RGB", size, light), fall)
    side = HIGH * _FINE
    for place, (shape, inks) in enumerate(things):
        thing = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        SHAPES[shape](ImageDraw.Draw(thing), chance, side, inks)
        image.paste(thing, (size[0] * (8 + 28 * place) // 100 - side // 12, -side // 12), thing)
    return image.resize((WIDE, HIGH), Image.Resampling.LANCZOS)
