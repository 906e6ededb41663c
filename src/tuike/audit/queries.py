"""Reading acts."""

import json
from typing import Any

from tuike.db import rows


def latest(*, object_: str, action: str) -> dict[str, Any] | None:
    """Return the facts of the latest act of this kind on an object, None when there was none."""
    found = rows.query(
        "SELECT facts::text FROM audit_act WHERE object = %s AND action = %s ORDER BY id DESC LIMIT 1",
        [object_, action],
    )
    return json.loads(found[0][0]) if found else None
