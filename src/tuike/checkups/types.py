"""What a checkup says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CheckupShown:
    """A run. `results` are plain JSON: name, zh, en, rows, sum_fen, findings (object, what), as verify gives them."""

    id: int
    names: tuple[str, ...]
    asked_by: int | None
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    took_ms: int | None
    findings: int
    results: Sequence[dict[str, Any]]
    problem: str

    @property
    def holds(self) -> bool:
        """Whether it ended and found nothing."""
        return self.ended_at is not None and not self.findings and not self.problem


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that a worker has taken on."""

    id: int
    names: tuple[str, ...]
