"""Two clocks: the real one (signatures, retries) and the business one (what WeChat would call the time of an event)."""

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

SHANGHAI = timezone(timedelta(hours=8))  # China has no summer time, so a fixed offset is exact


class Clock:
    """Reads the shared development offset; `offset_file` holds whole seconds as one line of text and may be missing."""

    def __init__(self, offset_file: Path) -> None:
        self._file = offset_file

    def offset(self) -> int:
        """Seconds that business time is ahead of the real clock; 0 when the file is missing or unreadable."""
        try:
            return int(self._file.read_text(encoding="ascii").strip() or 0)
        except (OSError, ValueError):
            return 0

    @staticmethod
    def real() -> float:
        """Real Unix seconds: the only clock for signatures and for retries of notices."""
        return time.time()

    def now(self) -> float:
        """Business Unix seconds: success times, expiry, the 24 hours of a transfer."""
        return time.time() + self.offset()


def rfc3339(seconds: float) -> str:
    """Unix seconds as WeChat Pay writes them, e.g. ``2026-11-20T09:30:00+08:00``."""
    return datetime.fromtimestamp(int(seconds), SHANGHAI).isoformat()


def from_rfc3339(text: str) -> float:
    """Unix seconds of an RFC 3339 text with a zone.

    Raises:
        ValueError: not such a text, or no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment.timestamp()
