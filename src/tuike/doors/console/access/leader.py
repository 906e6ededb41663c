"""Rows of the leaders' console."""

from tuike.doors.console.access.seats import ADMINS, ANY_SEAT, MONEY, Row

ROWS: dict[str, Row] = {
    # home
    "leader-home": {"GET": ANY_SEAT},
    # activities, and what is enrolled in them
    "leader-activities": {"GET": ANY_SEAT},
    "leader-activity": {"GET": ANY_SEAT},
    "leader-activity-new": {"GET": ADMINS, "POST": ADMINS},
    "leader-activity-edit": {"GET": ADMINS, "POST": ADMINS},
    "leader-activity-floor": {"GET": ADMINS},
    "leader-activity-act": {"POST": ADMINS},
    "leader-enrolments": {"GET": ANY_SEAT},
    "leader-enrolment": {"GET": ANY_SEAT},
    "leader-enrolments-pass": {"POST": ADMINS},
    "leader-enrolments-reject": {"GET": ADMINS, "POST": ADMINS},
    "leader-enrolment-cancel": {"POST": ADMINS},
    "leader-enrolment-extend": {"GET": ADMINS, "POST": ADMINS},
    # what they bring
    "leader-figures": {"GET": ANY_SEAT},
    "leader-lines": {"GET": MONEY},
    **{f"leader-{one}": {"GET": MONEY} for one in ("appeals", "appeal", "appeal-picture")},
    **{f"leader-appeal-{act}": {"GET": ADMINS, "POST": ADMINS} for act in ("new", "reply", "withdraw")},
    "leader-pool": {"GET": ANY_SEAT},
}
