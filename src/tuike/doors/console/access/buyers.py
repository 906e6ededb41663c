"""Rows of the buyers' profile: a shop's own, all for the operator; none for promoters and leaders."""

from tuike.doors.console.access.seats import ANY_SEAT, OPERATORS, READERS, Row

ROWS: dict[str, Row] = {
    "merchant-buyers": {"GET": ANY_SEAT},
    "operator-buyers": {"GET": READERS},
    "operator-buyers-count": {"POST": OPERATORS},
}
