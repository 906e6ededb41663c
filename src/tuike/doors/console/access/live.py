"""Rows of the live boards, in every console: who may see the home page's figures may see them come."""

from tuike.doors.console.access.seats import ANY_SEAT, READERS, Row

ROWS: dict[str, Row] = {
    f"{kind}-live{one}": {"GET": READERS if kind == "operator" else ANY_SEAT}
    for kind in ("promoter", "merchant", "leader", "operator")
    for one in ("", "-wall", "-data")
}
