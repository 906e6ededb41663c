"""A member found by the phone number that was typed into the list's search: by its blind index, and recorded."""

from typing import Any

from tuike.audit import service as audit
from tuike.kit.crypto import masked
from tuike.people import queries as people
from tuike.people.types import BadPhone


def phone_searched(request: Any) -> int:
    """Return whose phone number was searched for, 0 for nobody; that it was searched for stands in the audit log.

    The number itself is in the log with its middle hidden. The pages and sums of one search are recorded once.
    """
    asker, typed = request.asker, request.GET.get("q", "").strip()
    try:
        people.phone_index(typed)
    except BadPhone:
        return 0
    found = people.find_by_phone(typed)
    if not {"part", "after", "before"} & set(request.GET):
        facts = {"phone": masked(typed), "found": found is not None}
        who = found.no if found else "-"
        audit.record(actor=asker.actor, action="members.search_phone", object_=who, facts=facts, now=asker.now)
    return found.id if found else 0
