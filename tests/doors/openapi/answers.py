"""What the API's tests look for in an answer."""

import contextlib
from collections.abc import Iterator
from typing import Any

from tuike.db import rows

UNTOUCHED = ("procrastinate_", "django_", "apps_")


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem, in the door's one form; return it."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    shown = answer.json()
    assert (answer.status_code, shown["code"]) == (status, code), shown
    assert set(shown) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert shown["type"] == f"/api/v1/problems/{code}" and shown["status"] == status
    return shown


@contextlib.contextmanager
def nothing_changes() -> Iterator[None]:
    """No row of any table of the product is added, removed or changed, but for what counts and logs calls."""
    before = _rows()
    yield
    assert _rows() == before


def _rows() -> dict[str, list[tuple]]:
    names = [name for (name,) in rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {
        name: sorted(rows.query(f"SELECT t::text FROM {name} t")) for name in names if not name.startswith(UNTOUCHED)
    }
