"""Kinds of values that come in: bounded, strict, and nothing that the database couldn't keep."""

from typing import Annotated

from ninja import Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_ID = 2**63 - 1
_PLAIN = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"  # text without control characters, tabs and line ends aside

Id = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=9999)]
Fen = Annotated[int, Field(strict=True, ge=1, le=10**13)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
TicketText = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[!-~]+$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_PLAIN)]
Note = Annotated[str, StringConstraints(max_length=200, pattern=_PLAIN)]

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
PartyNo = Annotated[
    str,
    Header(
        alias="Tuike-Party",
        max_length=40,
        pattern=r"^[0-9A-Za-z]*$",
        description="Number of the party in whose seat the person acts; may be left out with one seat of the kind.",
    ),
]
Visitor = Annotated[
    str,
    Header(
        alias="Tuike-Visitor",
        max_length=32,
        pattern=r"^([0-9A-Za-z]{16,32})?$",
        description="The visitor's own random mark (16 to 32 letters and digits); else the cookie of the landing page.",
    ),
]
# A number that has another form belongs to nothing: 404 like any other that isn't there.
Number = Annotated[str, Path(max_length=64, pattern=r"^[0-9A-Za-z]+$", description="A public number.")]
SkuId = Annotated[int, Path(ge=1, le=MAX_ID)]
Limit = Annotated[int, Query(ge=1, le=100)]
Before = Annotated[str, Query(max_length=64, pattern=r"^[0-9A-Za-z]*$", description="`next` of the page before.")]


class Body(BaseModel):
    """What a caller sends: no field more, no field of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)
