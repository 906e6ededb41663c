"""Drawn pictures of the products: shapes on a soft ground, the same for the same product. No photograph, no font."""

import math
import os
import random
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tuike.doors.cli.story.goods import Item

FOLDER = "demo"
SIDE = 480
_FINE = 2  # drawn larger and scaled down: smooth edges

_GROUNDS = (
    ((244, 239, 230), (224, 213, 196)),
    ((236, 241, 238), (205, 219, 212)),
    ((243, 236, 238), (222, 204, 209)),
    ((234, 239, 245), (203, 214, 228)),
    ((246, 241, 224), (228, 215, 178)),
)
_INKS = {
    "sheets": ((122, 148, 138), (201, 214, 204), (240, 244, 240)),
    "quilt": ((150, 160, 182), (208, 214, 226), (244, 246, 250)),
    "teaware": ((92, 128, 124), (168, 197, 190), (226, 238, 234)),
    "cookware": ((134, 62, 54), (190, 104, 88), (60, 56, 58)),
    "boxes": ((158, 124, 84), (206, 178, 138), (236, 220, 194)),
    "nuts": ((140, 92, 54), (196, 148, 98), (228, 196, 150)),
    "cakes": ((178, 118, 72), (226, 178, 120), (196, 84, 98)),
    "mask": ((186, 120, 138), (230, 190, 200), (250, 238, 240)),
    "soap": ((126, 146, 110), (190, 206, 172), (242, 244, 232)),
    "rice_wine": ((120, 66, 40), (172, 108, 64), (214, 170, 110)),
    "green": ((78, 112, 62), (136, 168, 98), (206, 222, 170)),
    "red": ((122, 54, 36), (176, 92, 54), (222, 150, 98)),
    "oolong": ((98, 88, 52), (156, 138, 82), (214, 196, 138)),
    "white": ((132, 134, 116), (188, 190, 170), (232, 232, 214)),
}
Ink = tuple[int, int, int]
Canvas = ImageDraw.ImageDraw


def draw_all(items: Iterable[Item], folder: Path) -> dict[str, str]:
    """Draw what isn't there yet below `folder` and return the address of each product's picture by its number."""
    where = folder / FOLDER
    where.mkdir(mode=0o755, parents=True, exist_ok=True)
    addresses = {}
    for item in items:
        file = where / f"{item.no.lower()}.webp"
        if not file.exists():
            fresh = file.with_suffix(f".{os.getpid()}")  # two processes may tell the story at once
            draw(item).save(fresh, "WEBP", quality=82, method=2)
            fresh.replace(file)
        addresses[item.no] = f"/media/{FOLDER}/{file.name}"
    return addresses


def draw(item: Item) -> Image.Image:
    """Return the picture of one product."""
    chance = random.Random(f"tuike:{item.no}")  # noqa: S311 a picture, not a secret
    size = SIDE * _FINE
    image = _ground(chance, size)
    small = size // 8  # a shadow is soft: drawn small it is the same
    shadow, low = Image.new("L", (small, small), 0), small * 8 // 10
    ImageDraw.Draw(shadow).ellipse((small // 5, low - small // 28, small * 4 // 5, low + small // 22), fill=90)
    soft = shadow.filter(ImageFilter.GaussianBlur(small // 40)).resize((size, size), Image.Resampling.BILINEAR)
    image.paste((70, 62, 54), mask=soft)
    shift = [chance.randint(-22, 22) for _ in range(3)]
    inks = tuple(_tinted(ink, shift) for ink in _INKS[item.category])
    SHAPES[item.category](ImageDraw.Draw(image), chance, size, inks)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _tinted(ink: Ink, shift: list[int]) -> Ink:
    red, green, blue = (min(max(part + by, 0), 255) for part, by in zip(ink, shift, strict=True))
    return red, green, blue


def _ground(chance: random.Random, size: int) -> Image.Image:
    light, deep = chance.choice(_GROUNDS)
    fall = Image.linear_gradient("L").resize((size, size))
    image = Image.composite(Image.new("RGB", (size, size), deep), Image.new("RGB", (size, size), light), fall)
    sun = Image.new("L", (size, size), 0)
    x, y, r = chance.randint(size // 4, size * 3 // 4), size // 3, size // 4
    ImageDraw.Draw(sun).ellipse((x - r, y - r, x + r, y + r), fill=70)
    return ImageChops.composite(Image.new("RGB", (size, size), (255, 252, 246)), image, sun)


def _sheets(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    top = s * 36 // 100
    for fold in range(4):
        y = top + fold * s * 11 // 100
        x = s * 22 // 100 - fold * s // 100
        draw.rounded_rectangle((x, y, s - x, y + s * 12 // 100), s // 24, fill=ink[1 + fold % 2], outline=ink[0])
        for stripe in range(chance.randint(3, 7)):
            at = x + (stripe + 1) * s * 7 // 100
            draw.line((at, y + s // 60, at, y + s * 10 // 100), fill=ink[0], width=s // 240)


def _quilt(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    draw.rounded_rectangle((s * 18 // 100, s * 38 // 100, s * 82 // 100, s * 78 // 100), s // 10, fill=ink[1])
    step = s * chance.choice((10, 12)) // 100
    for offset in range(-s, s, step):
        for end in (s, -s):
            a = (s // 2 + offset - end // 2, s * 38 // 100)
            b = (s // 2 + offset + end // 2, s * 78 // 100)
            draw.line((*_clip(a, b, s), *_clip(b, a, s)), fill=ink[2], width=s // 160)
    draw.rounded_rectangle(
        (s * 18 // 100, s * 38 // 100, s * 82 // 100, s * 78 // 100), s // 10, outline=ink[0], width=s // 90
    )


def _clip(a: tuple[int, int], b: tuple[int, int], s: int) -> tuple[int, int]:
    """Return `a`, moved along the line to `b` until it lies between the sides."""
    low, high = s * 20 // 100, s * 80 // 100
    x = min(max(a[0], low), high)
    y = a[1] + (b[1] - a[1]) * (x - a[0]) // (b[0] - a[0] or 1)
    return x, min(max(y, s * 39 // 100), s * 77 // 100)


def _teaware(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    if chance.random() < 0.5:  # a pot
        draw.arc((s * 64 // 100, s * 44 // 100, s * 86 // 100, s * 68 // 100), -90, 100, fill=ink[0], width=s // 30)
        spout = ((s * 30 // 100, s * 62 // 100), (s * 14 // 100, s * 44 // 100), (s * 34 // 100, s * 52 // 100))
        draw.polygon(spout, fill=ink[0])
        draw.ellipse((s * 26 // 100, s * 38 // 100, s * 74 // 100, s * 80 // 100), fill=ink[1], outline=ink[0])
        draw.chord((s * 36 // 100, s * 33 // 100, s * 64 // 100, s * 51 // 100), 180, 360, fill=ink[0])
        draw.ellipse((s * 47 // 100, s * 29 // 100, s * 53 // 100, s * 35 // 100), fill=ink[0])
        return
    draw.chord((s * 24 // 100, s * 20 // 100, s * 76 // 100, s * 78 // 100), 0, 180, fill=ink[1], outline=ink[0])
    draw.ellipse((s * 24 // 100, s * 44 // 100, s * 76 // 100, s * 54 // 100), fill=ink[2], outline=ink[0])
    draw.rectangle((s * 40 // 100, s * 77 // 100, s * 60 // 100, s * 81 // 100), fill=ink[0])
    for _ in range(9):
        x, y = chance.randint(s * 34 // 100, s * 64 // 100), chance.randint(s * 58 // 100, s * 70 // 100)
        draw.line((x, y, x + s // 20, y + chance.randint(-s // 30, s // 30)), fill=ink[2], width=s // 300)


def _cookware(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    body = (s * 24 // 100, s * 46 // 100, s * 76 // 100, s * 80 // 100)
    for x in (15, 73):
        draw.rounded_rectangle((s * x // 100, s * 53 // 100, s * (x + 12) // 100, s * 58 // 100), s // 40, fill=ink[2])
    draw.rounded_rectangle(body, s // 12, fill=ink[chance.choice((0, 1))])
    draw.chord((s * 22 // 100, s * 32 // 100, s * 78 // 100, s * 62 // 100), 180, 360, fill=ink[1], outline=ink[0])
    draw.ellipse((s * 46 // 100, s * 27 // 100, s * 54 // 100, s * 34 // 100), fill=ink[2])


def _boxes(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    for row in range(chance.choice((2, 3))):
        y = s * (64 - row * 17) // 100
        x = s * (22 + row * 5) // 100
        draw.rounded_rectangle((x, y, s - x, y + s * 16 // 100), s // 50, fill=ink[1 + row % 2], outline=ink[0])
        for line in range(1, 9):
            at = x + line * (s - 2 * x) // 9
            draw.line((at, y + s // 80, at, y + s * 15 // 100), fill=ink[0], width=s // 260)


def _nuts(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    for _ in range(46):
        x = s // 2 + int(chance.gauss(0, s * 13 // 100))
        y = s * 66 // 100 - abs(int(chance.gauss(0, s * 10 // 100))) + s // 12
        w, h = s * chance.randint(4, 6) // 100, s * chance.randint(3, 4) // 100
        draw.ellipse((x - w, y - h, x + w, y + h), fill=chance.choice(ink), outline=ink[0], width=s // 300)
        draw.arc((x - w * 2 // 3, y - h, x + w, y + h * 2), 200, 280, fill=ink[0], width=s // 260)


def _cakes(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    for x, y in ((34, 66), (66, 66), (50, 50)):
        cx, cy, r = s * x // 100, s * y // 100, s * 15 // 100
        draw.ellipse((cx - r, cy - r * 7 // 10, cx + r, cy + r), fill=ink[0])
        draw.ellipse((cx - r, cy - r, cx + r, cy + r * 7 // 10), fill=ink[1], outline=ink[0])
        petals = chance.choice((5, 6, 8))
        for petal in range(petals):
            turn = petal * math.tau / petals
            px, py, p = cx + int(r * 0.4 * math.cos(turn)), cy - r // 8 + int(r * 0.3 * math.sin(turn)), r // 6
            draw.ellipse((px - p, py - p, px + p, py + p), fill=ink[2])


def _mask(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    left = s * chance.choice((30, 34)) // 100
    draw.rounded_rectangle((left, s * 26 // 100, s - left, s * 80 // 100), s // 26, fill=ink[1], outline=ink[0])
    draw.rectangle((left, s * 31 // 100, s - left, s * 33 // 100), fill=ink[0])
    _flower(draw, (s // 2, s * 54 // 100), r=s * 12 // 100, petal=ink[2], heart=ink[0])


def _soap(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    for row in range(chance.choice((1, 2))):
        y = s * (60 - row * 18) // 100
        draw.rounded_rectangle((s * 26 // 100, y, s * 74 // 100, y + s * 20 // 100), s // 18, fill=ink[1 + row % 2])
        draw.rounded_rectangle(
            (s * 31 // 100, y + s * 4 // 100, s * 69 // 100, y + s * 16 // 100), s // 30, outline=ink[0], width=s // 160
        )
    for _ in range(7):
        x, y, r = (
            chance.randint(s // 5, s * 4 // 5),
            chance.randint(s // 5, s * 2 // 5),
            s * chance.randint(1, 4) // 100,
        )
        draw.ellipse((x - r, y - r, x + r, y + r), outline=(255, 255, 255), width=s // 220)


def _jar(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    draw.rounded_rectangle((s * 32 // 100, s * 34 // 100, s * 68 // 100, s * 81 // 100), s // 14, fill=ink[0])
    draw.rectangle((s * 43 // 100, s * 22 // 100, s * 57 // 100, s * 36 // 100), fill=ink[0])
    draw.ellipse((s * 40 // 100, s * 19 // 100, s * 60 // 100, s * 27 // 100), fill=ink[chance.choice((1, 2))])
    middle = (
        (s // 2, s * 46 // 100),
        (s * 62 // 100, s * 58 // 100),
        (s // 2, s * 70 // 100),
        (s * 38 // 100, s * 58 // 100),
    )
    draw.polygon(middle, fill=ink[2])


def _leaves(draw: Canvas, chance: random.Random, s: int, ink: tuple[Ink, ...]) -> None:
    draw.chord(
        (s * 20 // 100, s * 44 // 100, s * 80 // 100, s * 88 // 100), 0, 180, fill=(250, 248, 242), outline=ink[0]
    )
    draw.ellipse((s * 20 // 100, s * 60 // 100, s * 80 // 100, s * 72 // 100), fill=ink[2], outline=ink[0])
    for _ in range(22):
        x = s // 2 + int(chance.gauss(0, s * 12 // 100))
        y = s * 64 // 100 - abs(int(chance.gauss(0, s * 8 // 100)))
        _leaf(
            draw,
            (x, y),
            length=s * chance.randint(7, 11) // 100,
            turn=chance.uniform(0, math.tau),
            fill=chance.choice(ink[:2]),
            vein=ink[2],
        )


def _leaf(draw: Canvas, at: tuple[int, int], *, length: int, turn: float, fill: Ink, vein: Ink) -> None:
    x, y = at
    dx, dy = math.cos(turn), math.sin(turn)
    points = []
    for step in range(13):
        along = step / 12
        width = length * 0.24 * math.sin(math.pi * along)
        points.append((x + dx * length * along - dy * width, y + dy * length * along + dx * width))
    for step in range(12, -1, -1):
        along = step / 12
        width = length * 0.24 * math.sin(math.pi * along)
        points.append((x + dx * length * along + dy * width, y + dy * length * along - dx * width))
    draw.polygon(points, fill=fill)
    draw.line((x, y, x + dx * length, y + dy * length), fill=vein, width=max(1, length // 40))


def _flower(draw: Canvas, at: tuple[int, int], *, r: int, petal: Ink, heart: Ink) -> None:
    x, y = at
    for one in range(6):
        turn = one * math.tau / 6
        px, py = x + int(r * 0.6 * math.cos(turn)), y + int(r * 0.6 * math.sin(turn))
        draw.ellipse((px - r // 2, py - r // 2, px + r // 2, py + r // 2), fill=petal, outline=heart)
    draw.ellipse((x - r // 4, y - r // 4, x + r // 4, y + r // 4), fill=heart)


SHAPES: dict[str, Callable[[Canvas, random.Random, int, tuple[Ink, ...]], None]] = {
    "sheets": _sheets,
    "quilt": _quilt,
    "teaware": _teaware,
    "cookware": _cookware,
    "boxes": _boxes,
    "nuts": _nuts,
    "cakes": _cakes,
    "mask": _mask,
    "soap": _soap,
    "rice_wine": _jar,
    "green": _leaves,
    "red": _leaves,
    "oolong": _leaves,
    "white": _leaves,
}
