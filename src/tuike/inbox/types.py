"""What is kept of a report, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tuike.kit.errors import Refusal

MOST = 1_000
"""Reports of one batch."""


class ReportState(StrEnum):
    """Where a report stands. Both ends are final: what was refused comes again as a new report."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Told:
    """A report to keep: the order's number, what is said as JSON text, and its digest."""

    external_no: str
    content: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A batch that was kept: how many reports it has, and how many of them are news."""

    no: str
    reports: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report to work off."""

    id: int
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a report was refused: the refusal's code, its sentence in both languages, and what it names."""

    code: str
    zh: str
    en: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A report and what became of it; `place` is where it stood in its batch, from 0 on."""

    batch_no: str
    place: int
    external_no: str
    state: ReportState
    why: Why | None
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchShown:
    """A batch and how far it is: `fresh` = waiting + done + refused; the others said what was said before."""

    no: str
    reports: int
    fresh: int
    waiting: int
    done: int
    refused: tuple[ReportShown, ...]
    at: datetime


class TooManyReports(Refusal):
    """A batch has too many reports, or none."""

    code = "too_many_reports"
    status = 422
    zh = "一次可上报 1 至 {most} 笔订单"
    en = "A call reports 1 to {most} orders."
