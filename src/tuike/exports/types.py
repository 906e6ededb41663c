"""What crosses the border of exports: where one stands, what was made, and the refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tuike.kit.errors import Refusal


class ExportState(StrEnum):
    """Where a file stands. Exits: asked → making → ready | failed; ready → gone. A killed maker's is made again."""

    ASKED = "asked"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"

    @property
    def exits(self) -> frozenset["ExportState"]:
        """Return the states that may follow."""
        following = {
            ExportState.ASKED: {ExportState.MAKING},
            ExportState.MAKING: {ExportState.READY, ExportState.FAILED},
            ExportState.READY: {ExportState.GONE},
        }
        return frozenset(following.get(self, set()))


@dataclass(frozen=True, slots=True)
class ExportShown:
    """One file. `done` of `whole` rows (or pieces) are made; `sums` are by name, in fen or in pieces."""

    no: str
    party_id: int
    person_id: int
    kind: str
    title_zh: str
    title_en: str
    what: Mapping[str, Any]
    state: ExportState
    done: int
    whole: int | None
    rows: int | None
    sums: Mapping[str, int]
    sha256: str
    size: int | None
    asked_at: datetime
    ended_at: datetime | None
    kept_until: datetime | None

    @property
    def file(self) -> str:
        """Return the name under which the file lies on the disk."""
        return f"{self.no}.{self.kind}"

    @property
    def open(self) -> bool:
        """Return whether it is still to come."""
        return self.state in (ExportState.ASKED, ExportState.MAKING)


@dataclass(frozen=True, slots=True)
class Made:
    """What a maker made."""

    rows: int
    sums: Mapping[str, int]
    sha256: str
    size: int


class TooManyExports(Refusal):
    """A person's earlier files aren't made yet."""

    code = "too_many_exports"
    zh = "您已有 {most} 个导出任务在排队，请等其完成后再导出"
    en = "{most} of your exports are still to come. Wait for one of them."


class ExportNotReady(Refusal):
    """The file isn't there: not yet, not any more, or it could not be made."""

    code = "export_not_ready"
    zh = "文件尚未生成或已过期，请重新导出"
    en = "The file isn't made yet, or was kept long enough. Export it again."
