"""Texts kept as files under `tests/snapshots/`; `UPDATE_SNAPSHOTS=1` writes them anew, to be read before committing."""

import os
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tuike.insight.explain.types import Receipt, Words

FOLDER = Path(__file__).parent / "snapshots"

_NUMBER = re.compile(r"(?<![A-Z])([A-Z]{1,3})(\d{6})\d{8}(?!\d)")
_ACCRUAL = re.compile(r"\bA(\d{1,12})\b")
_ROW = re.compile(r"#(\d+)")
_OWNER = re.compile(r"\b(promoter|merchant|leader|platform):(\d+)(?::(\d+))?")
_CODES = (
    (re.compile(r"（[0-9A-Za-z]{16}）"), "（pppppppppppppppp）"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "0123456789abcdef"),
)
_LINK = re.compile(r"(?<=[ 接])[2-9A-Za-z]{12}\b")


def held(name: str, text: str) -> None:
    """Compare a text with the one that is kept under `name`."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text)
    assert path.exists(), f"no snapshot {path.name}: write it with UPDATE_SNAPSHOTS=1 and read it"
    assert text == path.read_text()


def steady(receipt: Receipt) -> Receipt:
    """Return a receipt whose numbers, ids and codes are counted from 1, so that it is the same in every run."""
    seen: dict[str, dict[str, int]] = defaultdict(dict)

    def count(kind: str, value: str) -> int:
        return seen[kind].setdefault(value, len(seen[kind]) + 1)

    def text(said: str) -> str:
        said = _NUMBER.sub(lambda m: f"{m[1]}{m[2]}{count(m[1], m[0]):08d}", said)
        said = _ACCRUAL.sub(lambda m: f"A{count('accrual', m[1])}" if len(m[1]) < 13 else m[0], said)
        said = _ROW.sub(lambda m: f"#{count('row', m[1])}", said)
        said = _OWNER.sub(lambda m: _owner(m, count), said)
        said = _LINK.sub("cccccccccccc", said)
        for pattern, other in _CODES:
            said = pattern.sub(other, said)
        return said

    def words(said: Words | None) -> Words | None:
        # Both languages tell the same numbers, so that both are counted alike.
        return Words(text(said.zh), text(said.en)) if said else None

    title = words(receipt.title)
    sections = []
    for section in receipt.sections:
        lines = [
            replace(line, label=words(line.label), text=words(line.text), formula=words(line.formula))
            for line in section.lines
        ]
        sections.append(replace(section, title=words(section.title), lines=tuple(lines)))
    return replace(receipt, no=text(receipt.no), title=title, sections=tuple(sections))


def _owner(match: re.Match[str], count: Callable[[str, str], int]) -> str:
    said = f"{match[1]}:{count('owner', match[2]) if match[1] != 'platform' else match[2]}"
    return f"{said}:{count('owner', match[3])}" if match[3] else said
