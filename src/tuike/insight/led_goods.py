"""A product of a leader's activity, as a promoter to whom it is open sees it."""

from datetime import datetime

from tuike.cooperation import queries as cooperation
from tuike.cooperation.types import EnrolmentShown
from tuike.db import rows
from tuike.insight.lists import contract
from tuike.kit.errors import NotFound


def led_product(*, no: str, promoter_id: int, now: datetime) -> EnrolmentShown:
    """Return an enrolment that runs now and that the promoter may promote.

    Raises:
        NotFound: there is none of that number for the promoter.
    """
    listing = contract.LED_PRODUCTS
    found = rows.query(
        f"SELECT e.id FROM {listing.sql_from} WHERE {listing.scope_sql} AND e.no = %(no)s",
        {"party": promoter_id, "now": now, "no": no},
    )
    if not found:
        raise NotFound
    return cooperation.enrolments_by_id([found[0][0]])[found[0][0]]
