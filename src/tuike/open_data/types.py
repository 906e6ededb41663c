"""What crosses the border of the open data's runs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands. Exits: asked → writing → written | failed; one whose writer died is written again."""

    ASKED = "asked"
    WRITING = "writing"
    WRITTEN = "written"
    FAILED = "failed"

    @property
    def exits(self) -> frozenset["RunState"]:
        """Return the states that may follow."""
        following = {
            RunState.ASKED: {RunState.WRITING},
            RunState.WRITING: {RunState.ASKED, RunState.WRITTEN, RunState.FAILED},
        }
        return frozenset(following.get(self, set()))


class Problem(StrEnum):
    """Why a run failed."""

    DISK_FULL = "disk_full"
    """There is no room for the files, or too little would be left for the database."""
    DIFFERS = "differs"
    """A file didn't add up to what the books said in the same snapshot."""
    GIVEN_UP = "given_up"
    """Its writers died, one after the other."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run wrote: the edition's number; days, files and rows written anew; files and bytes of the whole."""

    edition: int
    days: int
    files: int
    rows: int
    all_files: int
    all_bytes: int


@dataclass(frozen=True, slots=True)
class RunShown:
    """A run as it is shown; `done` of `whole` rows are written."""

    id: int
    everything: bool
    asked_by: int | None
    asked_at: datetime
    state: RunState
    started_at: datetime | None
    ended_at: datetime | None
    done: int
    whole: int | None
    outcome: Outcome | None
    problem: Problem | None
    detail: str

    @property
    def open(self) -> bool:
        """Whether it is still to come."""
        return self.state in (RunState.ASKED, RunState.WRITING)
