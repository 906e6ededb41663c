"""What a check is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold.

    `counted` is a SELECT of how many rows were looked at and their sum in fen (or NULL); `broken` is a SELECT of
    (object, what is wrong) rows, empty when it holds. `timed`: it reads the instant `tuike.now`.
    """

    name: str
    zh: str
    en: str
    counted: str
    broken: str
    timed: bool = False
