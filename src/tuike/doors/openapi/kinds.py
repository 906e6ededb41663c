"""Kinds of values that come in, beside those that all JSON doors share, and what every operation may refuse."""

from typing import Annotated, Any

from ninja import Query
from pydantic import Field, StringConstraints

from tuike.doors.openapi.problems import Problem
from tuike.doors.web.kinds import MAX_ID, PLAIN, Body, Id, IdempotencyKey, Name, Note, Number

__all__ = [
    "MAX_ID",
    "MOST_A_PAGE",
    "PLAIN",
    "REFUSED",
    "After",
    "Body",
    "Bps",
    "Id",
    "IdempotencyKey",
    "Limit",
    "Name",
    "Note",
    "Number",
    "Text",
    "answers",
]

MOST_A_PAGE = 200
Bps = Annotated[int, Field(strict=True, ge=0, le=10_000)]
"""A rate in ten-thousandths."""
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
"""What is looked for."""
Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE, description="Items a page.")]
After = Annotated[
    str, Query(max_length=400, pattern=r"^[0-9A-Za-z._~=-]*$", description="`next` of the page before; unread.")
]

REFUSED = dict.fromkeys((400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503), Problem)
"""Every operation may refuse; what with, its codes say."""


def answers(shape: Any, status: int = 200) -> dict[int, Any]:
    """Return the responses of an operation: its own shape, and the refusals."""
    return {status: shape, **REFUSED}
