"""Reads of cooperation: always starting from who is asking, but for what others rely on (`led`)."""

from tuike.cooperation.queries.access import access_open, functions_open, parties_opened
from tuike.cooperation.queries.activities import (
    activities_of,
    activity,
    activity_by_no,
    activity_of,
    contact_of_activity,
    open_activities,
    open_activity,
)
from tuike.cooperation.queries.enrolments import (
    contact_of_enrolment,
    enrolment_ids_of,
    enrolment_of_leader,
    enrolment_of_merchant,
    enrolments_by_id,
    enrolments_by_no,
    enrolments_in,
    enrolments_of_merchant,
    enrolments_of_party,
    requests_of_leader,
    requests_of_merchant,
    running_for_promoter,
)
from tuike.cooperation.queries.led import enrolment_for_material, led
from tuike.cooperation.queries.pool import pool, pool_of_merchant, pool_to_decide
from tuike.cooperation.rules import can_cancel, filed, label, lapses_at, notes

__all__ = [
    "access_open",
    "activities_of",
    "activity",
    "activity_by_no",
    "activity_of",
    "can_cancel",
    "contact_of_activity",
    "contact_of_enrolment",
    "enrolment_for_material",
    "enrolment_ids_of",
    "enrolment_of_leader",
    "enrolment_of_merchant",
    "enrolments_by_id",
    "enrolments_by_no",
    "enrolments_in",
    "enrolments_of_merchant",
    "enrolments_of_party",
    "filed",
    "functions_open",
    "label",
    "lapses_at",
    "led",
    "notes",
    "open_activities",
    "open_activity",
    "parties_opened",
    "pool",
    "pool_of_merchant",
    "pool_to_decide",
    "requests_of_leader",
    "requests_of_merchant",
    "running_for_promoter",
]
