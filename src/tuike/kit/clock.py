"""The product's clock: the real time, moved forward by an offset in development.

Only doors read it; everything below them is handed `now`. The offset stands in a file that the web, the worker and the
sandbox share; in production there is no such file to read (`configure` isn't called). Signatures' freshness is always
measured by `real_now`, which no offset moves.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_offset_file: Path | None = None
_seen: tuple[float, float, int] = (-1.0, -1.0, 0)
_RECHECK_SECONDS = 0.2


def configure(offset_file: Path | None) -> None:
    """Let the clock follow the offset in `offset_file` (whole seconds as text; missing = 0), or none."""
    global _offset_file, _seen  # noqa: PLW0603 one clock a process
    _offset_file = offset_file
    _seen = (-1.0, -1.0, 0)


def offset_seconds() -> int:
    """Return how far the development clock runs ahead; looks at the file five times a second at most."""
    global _seen  # noqa: PLW0603 a cache of one small file
    if _offset_file is None:
        return 0
    checked_at, modified_at, seconds = _seen
    tick = time.monotonic()
    if tick - checked_at < _RECHECK_SECONDS and checked_at >= 0:
        return seconds
    try:
        stamp = _offset_file.stat().st_mtime
        if stamp != modified_at:
            seconds = int(_offset_file.read_text().strip() or 0)
    except FileNotFoundError:
        stamp, seconds = -1.0, 0
    _seen = (tick, stamp, seconds)
    return seconds


def real_now() -> datetime:
    """Return the real time in UTC, whatever the development clock says."""
    return datetime.now(UTC)  # noqa: TID251 the one place


def now() -> datetime:
    """Return the product's time in UTC: real time plus the development offset."""
    return real_now() + timedelta(seconds=offset_seconds())
