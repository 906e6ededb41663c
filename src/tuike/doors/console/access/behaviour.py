"""Rows of what promoters do, in every console."""

from tuike.doors.console.access.seats import ANY_SEAT, READERS, Row

ROWS: dict[str, Row] = {
    "promoter-behaviour": {"GET": ANY_SEAT},
    "promoter-behaviour-place": {"GET": ANY_SEAT},
    **{
        f"{kind}-behaviour{one}": {"GET": READERS if kind == "operator" else ANY_SEAT}
        for kind in ("merchant", "leader", "operator")
        for one in ("", "-promoter", "-place")
    },
    "promoter-material-share": {"POST": ANY_SEAT},
}
