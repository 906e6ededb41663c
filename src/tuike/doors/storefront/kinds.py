"""Kinds of values that come in: bounded, strict, and nothing that the database couldn't keep."""

from typing import Annotated

from ninja import Header, Path, Query
from pydantic import Field, StringConstraints

from tuike.doors.web.kinds import MAX_ID, Body, Id, IdempotencyKey, Name, Note, Number

__all__ = [
    "MAX_ID",
    "Before",
    "Body",
    "Code",
    "Fen",
    "Id",
    "IdempotencyKey",
    "Limit",
    "Name",
    "Note",
    "Number",
    "PartyNo",
    "Quantity",
    "SkuId",
    "TicketText",
    "Visitor",
]

Quantity = Annotated[int, Field(strict=True, ge=1, le=9999)]
Fen = Annotated[int, Field(strict=True, ge=1, le=10**13)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
TicketText = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[!-~]+$")]

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
SkuId = Annotated[int, Path(ge=1, le=MAX_ID)]
Limit = Annotated[int, Query(ge=1, le=100)]
Before = Annotated[str, Query(max_length=64, pattern=r"^[0-9A-Za-z]*$", description="`next` of the page before.")]
