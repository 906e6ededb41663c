"""Rows of the boards, in every console."""

from tuike.doors.console.access.seats import ANY_SEAT, READERS, Row

ROWS: dict[str, Row] = {
    f"{kind}-{name}": {"GET": READERS if kind == "operator" else ANY_SEAT}
    for kind in ("promoter", "merchant", "leader", "operator")
    for name in ("boards", "board-lines", "board-traffic")
}
