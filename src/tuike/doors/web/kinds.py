"""Kinds of values that come in through JSON doors: bounded, strict, and nothing that the database couldn't keep."""

from typing import Annotated

from ninja import Header, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_ID = 2**63 - 1
PLAIN = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"  # text without control characters, tabs and line ends aside

Id = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=PLAIN)]
Note = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=80,
        pattern=r"^[!-~]([ -~]*[!-~])?$",
        description="Chosen by the caller. The same key with the same content does nothing a second time.",
    ),
]
# A number that has another form belongs to nothing: 404 like any other that isn't there.
Number = Annotated[str, Path(max_length=64, pattern=r"^[0-9A-Za-z]+$", description="A public number.")]


class Body(BaseModel):
    """What a caller sends: no field more, no field of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)
