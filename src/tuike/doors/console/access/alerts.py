"""Rows of alerts and reports, in every console: who sits there reads, follows and subscribes for themselves; who acts
for the party sets what it watches for."""

from tuike.doors.console.access.seats import ANY_SEAT, ANYBODY, DESK, MONEY, READERS, SIGNED_IN, Row

_SEATS = (
    ("promoter", ANY_SEAT, MONEY),
    ("merchant", ANY_SEAT, MONEY),
    ("leader", ANY_SEAT, MONEY),
    ("operator", READERS, DESK),
)

ROWS: dict[str, Row] = {
    "mail-stop": {"GET": ANYBODY, "POST": ANYBODY},
    "account-email": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account-email-confirm": {"POST": SIGNED_IN},
    "account-email-remove": {"POST": SIGNED_IN},
    **{
        f"{kind}-{name}": row
        for kind, reads, sets in _SEATS
        for name, row in {
            "alerts": {"GET": reads},
            "alert-new": {"GET": sets, "POST": sets},
            "alert-edit": {"GET": sets, "POST": sets},
            "alert-switch": {"POST": sets},
            "alert-delete": {"POST": sets},
            "alert-follow": {"POST": reads},
            "alert-reports": {"GET": reads},
            "alert-subscribe": {"GET": reads, "POST": reads},
            "alert-unsubscribe": {"POST": reads},
            "alert-report": {"GET": reads},
            "alert-picture": {"GET": reads},
            "alert-preview": {"GET": reads},
            "alert-preview-picture": {"GET": reads},
            "alert-trial": {"POST": reads},
            "alert-mail-again": {"POST": reads},
        }.items()
    },
}
