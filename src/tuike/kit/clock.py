"""The product's clock: the real time, moved forward by an offset in development.

Only doors read it; everything below them is handed `now`. The offset stands in a file that the web, the worker and the
sandbox share; in production there is no such file to read (`configure` isn't called). Signatures' freshness is always
measured by `real_now`, which no offset moves.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

_offset_file: Path | None = None


def configure(offset_file: Path | None) -> None:
    """Let the clock follow the offset in `offset_file` (whole seconds as text; missing = 0), or none."""
    global _offset_file  # noqa: PLW0603 one clock a process
    _offset_file = offset_file


def offset_seconds() -> int:
    """Return how far the development clock runs ahead.

    Whoever moved the clock and then asks for work has it done at the new time: the file is read at each call.
    """
    if _offset_file is None:
        return 0
    try:
        with _offset_file.open("rb", buffering=0) as file:  # a third of what reading it as text takes
            return int(file.read().strip() or 0)
    except FileNotFoundError:
        return 0


def real_now() -> datetime:
    """Return the real time in UTC, whatever the development clock says."""
    return datetime.now(UTC)  # noqa: TID251 the one place


def now() -> datetime:
    """Return the product's time in UTC: real time plus the development offset."""
    return real_now() + timedelta(seconds=offset_seconds())
