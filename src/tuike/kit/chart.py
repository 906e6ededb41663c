"""A picture of daily values for a mail: columns and a line over days, drawn with Pillow and the pages' own font.

Whole numbers throughout; drawn twice as large as shown, so that it is sharp on fine screens.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

from tuike.kit.fonts import Fonts

SIZE = (1280, 560)
LEFT, RIGHT, TOP, BOTTOM = 150, 1130, 96, 480
LINES = 4
INK, DIM, RULE, BAR, LINE = "#1f2329", "#626974", "#e3e6eb", "#9db8f5", "#c2410c"
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80)


@dataclass(frozen=True, slots=True)
class Series:
    """Values under a name, as `shown` on the axis, whose marks are whole ones of `unit` (100 for yuan of fen)."""

    name: str
    values: Sequence[int]
    shown: Callable[[int], str] = str
    unit: int = 1

    @property
    def top(self) -> int:
        """Return where its axis ends."""
        return nice(-(-max([*self.values, 0]) // self.unit)) * self.unit


def png(*, fonts: Fonts, title: str, labels: Sequence[str], columns: Series, line: Series) -> bytes:
    """Return a PNG of columns (axis on the left) and a line (axis on the right), one of each at every label."""
    image = Image.new("RGB", SIZE, "white")
    canvas = ImageDraw.Draw(image)
    fonts.draw(canvas, (24, 44), title, 28, 600, ink=INK)
    _legend(canvas, fonts, columns.name, line.name)
    left_top, right_top = columns.top, line.top
    for part in range(LINES + 1):
        y = BOTTOM - (BOTTOM - TOP) * part // LINES
        canvas.line((LEFT, y, RIGHT, y), fill=RULE, width=2)
        said = columns.shown(left_top * part // LINES)
        fonts.draw(canvas, (LEFT - 14 - fonts.width(said, 20), y + 7), said, 20, ink=DIM)
        fonts.draw(canvas, (RIGHT + 14, y + 7), line.shown(right_top * part // LINES), 20, ink=DIM)
    places = _places(len(labels))
    wide = max(4, (RIGHT - LEFT) // max(1, len(labels)) * 3 // 5)
    for x, value in zip(places, columns.values, strict=True):
        canvas.rounded_rectangle((x - wide // 2, _y(value, left_top), x + wide // 2, BOTTOM), 4, fill=BAR)
    points = [(x, _y(value, right_top)) for x, value in zip(places, line.values, strict=True)]
    for start, end in pairwise(points):
        canvas.line((start, end), fill=LINE, width=5)
    for x, y in points:
        canvas.ellipse((x - 6, y - 6, x + 6, y + 6), fill="white", outline=LINE, width=4)
    _days(canvas, fonts, labels, places)
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def nice(highest: int) -> int:
    """Return the top of an axis for a highest value: a round number that parts evenly, 4 at least."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power * LINES >= highest:
                return step * power * LINES
        power *= 100


def _y(value: int, top: int) -> int:
    return BOTTOM - (BOTTOM - TOP) * max(0, value) // top


def _places(count: int) -> list[int]:
    each = (RIGHT - LEFT) // max(1, count)
    return [LEFT + each * n + each // 2 for n in range(count)]


def _legend(canvas: ImageDraw.ImageDraw, fonts: Fonts, columns: str, line: str) -> None:
    x = SIZE[0] - 24 - fonts.width(line, 20)
    fonts.draw(canvas, (x, 42), line, 20, ink=DIM)
    canvas.line((x - 40, 35, x - 10, 35), fill=LINE, width=5)
    x -= 70 + fonts.width(columns, 20)
    fonts.draw(canvas, (x, 42), columns, 20, ink=DIM)
    canvas.rounded_rectangle((x - 36, 24, x - 10, 44), 4, fill=BAR)


def _days(canvas: ImageDraw.ImageDraw, fonts: Fonts, labels: Sequence[str], places: Sequence[int]) -> None:
    """Write the labels, leaving out as many as there is no room for; the last one always stands."""
    widest = max((fonts.width(label, 20) for label in labels), default=0) + 16
    every = max(1, -(-widest * len(labels) // (RIGHT - LEFT)))
    for at, (label, x) in enumerate(zip(labels, places, strict=True)):
        if (len(labels) - 1 - at) % every == 0:
            fonts.draw(canvas, (x - fonts.width(label, 20) // 2, BOTTOM + 36), label, 20, ink=DIM)
