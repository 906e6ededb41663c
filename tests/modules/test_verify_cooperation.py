"""What the database's owner changes about cooperations behind the product's back is named by verify."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import cooperation as coop
from tests.make import events as make_events
from tuike.flows import cancel_cooperation as cancelling
from tuike.flows import extend_cooperation as extending
from tuike.flows.follow_events import follow_events
from tuike.flows.tend_cooperations import tend_cooperations
from tuike.insight import verify

CHECKS = ("cooperation_counts", "cooperation_ends", "cooperation_rates")
DAY = timedelta(days=1)
_ENROLMENT = "UPDATE cooperation_enrolment SET {change} WHERE no = '{no}'"

# check, a part of what is wrong, what is changed and back, of which enrolment
TAMPERED = [
    (
        "cooperation_counts",
        "says 4 paid and 2 net, there are 3 and 2",
        "gross_orders = 4",
        "gross_orders = 3",
        "running",
    ),
    ("cooperation_counts", "says 3 paid and 1 net, there are 3 and 2", "net_orders = 1", "net_orders = 2", "running"),
    ("cooperation_rates", "agreed on is 1600", "rate_bps = 1600", "rate_bps = 1500", "running"),
    ("cooperation_rates", "agreed on is 1500", "service_bps = 299", "service_bps = 300", "running"),
    (
        "cooperation_rates",
        "has a rate",
        "ended_at = ended_at + interval '1 s'",
        "ended_at = ended_at - interval '1 s'",
        "left",
    ),
    (
        "cooperation_ends",
        "was cancelled at once",
        "applied_at = applied_at + interval '2 s'",
        "applied_at = applied_at - interval '2 s'",
        "left",
    ),
]


def findings():
    return [(result.name, found.what) for result in verify.run(names=CHECKS) for found in result.findings]


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named(owner_sql):
    coop.open_to_all()
    one = make.alliance()
    running, left, over = (coop.agreed(one) for _ in range(3))
    coop.service.count_refunded(orders=[(running.enrolment_id, coop.sell(running, 3)[0])], now=coop.NOON)
    cancelling.ask_cancel(no=running.no, by=coop.by(one.shop.id))
    cancelling.ask_cancel(no=left.no, by=coop.by(one.shop.id, coop.NOON + 30 * DAY + timedelta(seconds=1)))
    extending.ask_extension(no=over.no, ends_at=over.ends_at + DAY, by=coop.by(one.leader.id))
    extending.answer_extension(no=over.no, agree=True, by=coop.by(one.shop.id))
    assert findings() == []
    nos = {"running": running.no, "left": left.no}
    for check, what, change, undo, which in TAMPERED:
        owner_sql(_ENROLMENT.format(change=change, no=nos[which]))
        assert [said for name, said in findings() if name == check and what in said], (check, what, findings())
        owner_sql(_ENROLMENT.format(change=undo, no=nos[which]))
        assert findings() == [], undo
    owner_sql(
        f"UPDATE cooperation_cancel SET state = 'open', decided_at = NULL WHERE enrolment_id = {left.enrolment_id}"
    )
    assert ("cooperation_ends", "is ended with something open") in findings()
    owner_sql(
        f"UPDATE cooperation_cancel SET state = 'at_once', decided_at = now() WHERE enrolment_id = {left.enrolment_id}"
    )
    tend_cooperations(now=over.ends_at + 2 * DAY)
    assert findings() == [], "periods end by themselves, and so do their rates"


@pytest.mark.usefixtures("committed_db")
def test_who_isnt_told_of_an_enrolment_is_named(owner_sql):
    coop.open_to_all()
    one = make.alliance()
    assert make_events.readable()
    follow_events(now=coop.NOON)
    made = coop.agreed(one)
    assert told() == [], "what waits to be read is no fault"
    assert make_events.readable()
    follow_events(now=coop.NOON)
    assert told() == []
    for side in (one.shop, one.leader):
        where = f"object = '{made.no}' AND abs(party_id) = {side.id}"
        owner_sql(f"UPDATE feed_update SET party_id = -party_id WHERE {where}")
        assert told() == [f"enrolment {made.no}: party {side.id} is not told of it"]
        owner_sql(f"UPDATE feed_update SET party_id = -party_id WHERE {where}")
    assert told() == []


def told():
    return [f"{found.object}: {found.what}" for result in verify.run(names=("feed",)) for found in result.findings]
