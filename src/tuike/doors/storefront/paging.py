"""Where a page ends, as a text that the caller hands back unread."""

import base64
import binascii

from tuike.doors.storefront.kinds import MAX_ID
from tuike.kit.errors import Invalid


def encoded(last_id: int | None) -> str:
    """Return what the next request passes on; empty at the end."""
    return "" if last_id is None else base64.b32encode(str(last_id).encode()).decode().rstrip("=").lower()


def decoded(text: str) -> int:
    """Return the id behind what a page ended with.

    Raises:
        Invalid: it isn't one of ours.
    """
    try:
        padded = text.upper() + "=" * (-len(text) % 8)
        found = base64.b32decode(padded).decode("ascii")
        if not found.isdigit() or not 0 < int(found) <= MAX_ID:
            raise ValueError
        return int(found)
    except (binascii.Error, ValueError):
        raise Invalid(
            field="after", reason_zh="不是有效的翻页标记", reason_en="is not what a page ended with"
        ) from None
