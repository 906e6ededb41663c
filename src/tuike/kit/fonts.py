"""Chinese text in pictures: a variable font that is cut into files by character ranges, as browsers load it.

The same files serve pages and pictures; no font of the machine is needed.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

_FACES = 300
"""Faces that are kept open: a file at a size and a weight."""


class Fonts:
    """Draws and measures text with the files of `folder`, whose unicode.json says which characters are in which."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._where: dict[int, str] = {}
        for name, ranges in json.loads((folder / "unicode.json").read_text()).items():
            for part in ranges.split(","):
                first, _, last = part.strip()[2:].partition("-")
                for point in range(int(first, 16), int(last or first, 16) + 1):
                    self._where.setdefault(point, name.strip("[]"))
        self._face = lru_cache(maxsize=_FACES)(self._open)

    def width(self, text: str, size: int, weight: int = 400) -> int:
        """Return how wide a line is, in pixels, rounded up."""
        return sum(-int(-face.getlength(part) // 1) for face, part in self._runs(text, size, weight))

    def draw(
        self, canvas: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, weight: int = 400, *, ink: str
    ) -> int:
        """Draw a line whose baseline begins at `at`, and return where it ends."""
        x, y = at
        for face, part in self._runs(text, size, weight):
            canvas.text((x, y), part, font=face, fill=ink, anchor="ls")
            x += -int(-face.getlength(part) // 1)
        return x

    def wrapped(self, text: str, size: int, weight: int, *, width: int, lines: int) -> list[str]:
        """Return a text as at most `lines` lines of at most `width` pixels; what doesn't fit ends in an ellipsis."""
        found: list[str] = []
        line = ""
        for char in text:
            if line and self.width(line + char, size, weight) > width:
                found.append(line)
                line = ""
                if len(found) == lines:
                    return [*found[:-1], found[-1][:-1] + "…"]
            line += char
        return [*found, line]

    def _open(self, name: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
        face = ImageFont.truetype(str(self._folder / f"noto-sans-sc-{name}-wght-normal.woff2"), size)
        face.set_variation_by_axes([weight])
        return face

    def _runs(self, text: str, size: int, weight: int) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """Yield stretches of one file each; a character that no file has is left to the Latin one."""
        run, name = "", "latin"
        for char in text:
            here = self._where.get(ord(char), "latin")
            if here != name and run:
                yield self._face(name, size, weight), run
                run = ""
            name = here
            run += char
        if run:
            yield self._face(name, size, weight), run
