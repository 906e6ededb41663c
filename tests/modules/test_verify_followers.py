"""What the database's owner changes about what follows the books, or about what should have happened, is named."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import events as make_events
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tests.make.settlement import NOW
from tuike.attribution import service as attribution
from tuike.attribution.types import ClickFacts, ShareKind, Surface
from tuike.audit import service as audit
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import ids
from tuike.flows.follow_events import follow_events
from tuike.flows.refresh_figures import refresh_figures
from tuike.flows.refresh_library import refresh_library
from tuike.insight import verify
from tuike.insight.verify import feed, figures, library, overdue
from tuike.library import service as chosen
from tuike.parties.types import Rail as AccountRail
from tuike.settlement import service as settlement
from tuike.settlement.types import Rail

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NAMES = {one.name for part in (feed, figures, library, overdue) for one in part.CHECKS}
LATE = NOW + 14 * MINUTE
"""When it is looked: nothing of the story is late yet, and a quarter of an hour more would be too much."""

SUMMED = {
    "figures": {"figures_sums", "figures_commission"},
    "figures_clicks": {"figures_sums"},
    "figures_shares": {"figures_sums"},
}
"""Whose changes the check of what is made of them sees, too."""

# check, what it names, the change, how it is undone
TAMPERED = [
    # the update feed
    (
        "feed",
        "order {order}: party {shop} is not told of it",
        "UPDATE feed_update SET party_id=-party_id WHERE object='{order}' AND party_id={shop}",
        "UPDATE feed_update SET party_id=-party_id WHERE object='{order}' AND party_id=-{shop}",
    ),
    (
        "feed",
        "accrual ",
        "UPDATE feed_update SET kind='gone' WHERE kind='accrual' AND party_id={recruiter}",
        "UPDATE feed_update SET kind='accrual' WHERE kind='gone'",
    ),
    # the daily figures
    (
        "figures",
        "merchant {shop} {sold}: counted 2 2 1 0 ",
        "UPDATE figures_sum SET all_orders=2, orders=2 WHERE kind='merchant' AND day='{sold}'",
        "UPDATE figures_sum SET all_orders=1, orders=1 WHERE kind='merchant' AND day='{sold}'",
    ),
    (
        "figures",
        "merchant {shop} {first}: counted ",
        "UPDATE figures_sum SET settled_fen=settled_fen-1 WHERE kind='merchant' AND day='{first}'",
        "UPDATE figures_sum SET settled_fen=settled_fen+1 WHERE kind='merchant' AND day='{first}'",
    ),
    (
        "figures",
        "merchant {shop} {first}: counted nothing, its sources give 1 1 1 1 5990 5990 0 0 1017 1017",
        "UPDATE figures_sum SET kind='gone' WHERE kind='merchant' AND day='{first}'",
        "UPDATE figures_sum SET kind='merchant' WHERE kind='gone'",
    ),
    (
        "figures",
        "merchant 0 {first}: counted 1 1 1 1 5990 5990 0 0 1017 1017, its sources give nothing",
        "UPDATE figures_sum SET kind='merchant' WHERE kind='all' AND day='{first}'",
        "UPDATE figures_sum SET kind='all' WHERE kind='merchant' AND owner_id=0",
    ),
    (
        "figures_earned",
        "promoter {promoter} {first}: counted 719/718, accruals give 718/718",
        "UPDATE figures_sum SET estimated_fen=estimated_fen+1"
        " WHERE kind='promoter' AND owner_id={promoter} AND day='{first}'",
        "UPDATE figures_sum SET estimated_fen=estimated_fen-1"
        " WHERE kind='promoter' AND owner_id={promoter} AND day='{first}'",
    ),
    (
        "figures_earned",
        "promoter {recruiter} {first}: counted 0/0, accruals give 299/299",
        "UPDATE figures_sum SET owner_id=-owner_id WHERE kind='promoter' AND owner_id={recruiter} AND day='{first}'",
        "UPDATE figures_sum SET owner_id=-owner_id WHERE kind='promoter' AND owner_id=-{recruiter} AND day='{first}'",
    ),
    (
        "figures",
        "merchant {shop} {first}: counted 1 1 0 1 ",
        "UPDATE figures_sum SET received_orders=0 WHERE kind='merchant' AND day='{first}'",
        "UPDATE figures_sum SET received_orders=1 WHERE kind='merchant' AND day='{first}'",
    ),
    (
        "figures",
        "merchant {shop} {first}: counted 1 1 1 0 ",
        "UPDATE figures_sum SET settled_orders=0 WHERE kind='merchant' AND day='{first}'",
        "UPDATE figures_sum SET settled_orders=1 WHERE kind='merchant' AND day='{first}'",
    ),
    (
        "figures_commission",
        "merchant {shop} {first}: promoter direct settled: counted 1/719, accruals give 1/718",
        "UPDATE figures_sum SET commission[1][3]=commission[1][3]+1 WHERE kind='merchant' AND day='{first}'",
        "UPDATE figures_sum SET commission[1][3]=commission[1][3]-1 WHERE kind='merchant' AND day='{first}'",
    ),
    (
        "figures_commission",
        "merchant {shop} {first}: promoter direct settled: counted 0/0, accruals give 1/718",
        "UPDATE figures_sum SET commission[1][1]=112 WHERE kind='merchant' AND day='{first}'",
        "UPDATE figures_sum SET commission[1][1]=114 WHERE kind='merchant' AND day='{first}'",
    ),
    (
        "figures_sums",
        "all {first}: counted ",
        "UPDATE figures_sum SET orders=orders+1 WHERE kind='all' AND day='{first}'",
        "UPDATE figures_sum SET orders=orders-1 WHERE kind='all' AND day='{first}'",
    ),
    (
        "figures_sums",
        "span 7 by promoter: counted ",
        "UPDATE figures_span SET clicks=clicks+1 WHERE by='promoter' AND span=7 AND kind='all'",
        "UPDATE figures_span SET clicks=clicks-1 WHERE by='promoter' AND span=7 AND kind='all'",
    ),
    (
        "figures_sums",
        "month ",
        "UPDATE figures_month SET orders=orders+1 WHERE kind='all'",
        "UPDATE figures_month SET orders=orders-1 WHERE kind='all'",
    ),
    (
        "figures_sums",
        "cohort merchant {shop} ",
        "UPDATE figures_cohort SET promoters=promoters+1 WHERE kind='merchant'",
        "UPDATE figures_cohort SET promoters=promoters-1 WHERE kind='merchant'",
    ),
    (
        "figures_clicks",
        "merchant {shop} {sold}: counted 4, recorded 3",
        "UPDATE figures_day SET clicks=clicks+1 WHERE day='{sold}' AND clicks>0",
        "UPDATE figures_day SET clicks=clicks-1 WHERE day='{sold}' AND clicks>0",
    ),
    (
        "figures_clicks",
        "merchant {shop} {sold}: counted 3, recorded 2",
        "UPDATE attribution_click SET at=at+interval '2 days' WHERE id={click}",
        "UPDATE attribution_click SET at=at-interval '2 days' WHERE id={click}",
    ),
    (
        "figures_clicks",
        "merchant {shop} {sold}: counted 3, recorded 3; visitors 2, 1",
        "UPDATE figures_day SET visitors=visitors+1 WHERE day='{sold}' AND clicks>0",
        "UPDATE figures_day SET visitors=visitors-1 WHERE day='{sold}' AND clicks>0",
    ),
    (
        "figures_shares",
        "merchant {shop} {sold}: counted 2, recorded 1",
        "UPDATE figures_day SET shares=shares+1 WHERE day='{sold}' AND clicks>0",
        "UPDATE figures_day SET shares=shares-1 WHERE day='{sold}' AND clicks>0",
    ),
    # the product library and what is put together from it
    (
        "library",
        "product {product}: stands with 5990 at 1300 giving 718, has 5990 at 1200",
        "UPDATE library_item SET rate_bps=1300",
        "UPDATE library_item SET rate_bps=1200",
    ),
    (
        "library",
        "product {product}: stands with 5990 at 1200 giving 719, has 5990 at 1200",
        "UPDATE library_item SET commission_fen=719",
        "UPDATE library_item SET commission_fen=718",
    ),
    (
        "library",
        "product {product}: can be promoted and is not in the library",
        "UPDATE library_item SET begins=begins+interval '9 years', ends=ends+interval '9 years'",
        "UPDATE library_item SET begins=begins-interval '9 years', ends=ends-interval '9 years'",
    ),
    (
        "library",
        "product {product}: can't be promoted and is in the library",
        "UPDATE catalog_product SET excluded=true",
        "UPDATE catalog_product SET excluded=false",
    ),
    (
        "selection_sets",
        "promoter {promoter}: counts 2, holds 1",
        "UPDATE library_chosen_count SET products=2",
        "UPDATE library_chosen_count SET products=1",
    ),
    (
        "selection_sets",
        "promoter {promoter}: counts 1, holds 0",
        "UPDATE library_chosen SET promoter_id={recruiter}",
        "UPDATE library_chosen SET promoter_id={promoter}",
    ),
    (
        "selection_sets",
        "promoter {promoter}: counts 0, holds 1",
        "DELETE FROM library_chosen_count",
        "INSERT INTO library_chosen_count (promoter_id, products) VALUES ({promoter}, 1)",
    ),
    # what should have happened by now
    (
        "overdue",
        "sale {sale}: of order {order} is due since ",
        "UPDATE commission_sale SET due_at=received_at WHERE id={sale}",
        "UPDATE commission_sale SET due_at=received_at+interval '{days} days' WHERE id={sale}",
    ),
    (
        "notices",
        "notice {notice}: about {about} waits since ",
        "UPDATE payments_notice SET processed_at=NULL",
        "UPDATE payments_notice SET processed_at=received_at",
    ),
    (
        "asked",
        "withdrawal {sending}: was to be asked for at 2026-",
        "UPDATE settlement_withdrawal SET ask_at=ask_at-interval '1 hour' WHERE no='{sending}'",
        "UPDATE settlement_withdrawal SET ask_at=ask_at+interval '1 hour' WHERE no='{sending}'",
    ),
    (
        "asked",
        "withdrawal {sending}: was to be asked for at no time",
        "CREATE TABLE kept AS SELECT ask_at FROM settlement_withdrawal WHERE no='{sending}';"
        " UPDATE settlement_withdrawal SET ask_at=NULL WHERE no='{sending}'",
        "UPDATE settlement_withdrawal SET ask_at=(SELECT ask_at FROM kept) WHERE no='{sending}'; DROP TABLE kept",
    ),
    (
        "asked",
        "withdrawal {approved}: is approved since ",
        "UPDATE settlement_withdrawal SET decided_at=decided_at-interval '2 minutes' WHERE no='{approved}'",
        "UPDATE settlement_withdrawal SET decided_at=decided_at+interval '2 minutes' WHERE no='{approved}'",
    ),
    (
        "unsealed",
        "act {act}: test.old of ",
        "CREATE TABLE kept AS SELECT * FROM audit_link WHERE act_id={act}; DELETE FROM audit_link WHERE act_id={act}",
        "INSERT INTO audit_link SELECT * FROM kept; DROP TABLE kept",
    ),
]


def story(owner_sql) -> dict[str, object]:
    """A settled day and one that waits, clicks, a refund's notice, payouts under way, a set; all of it followed."""
    one = make.alliance()
    make_parties.bank_account(one.promoter, rail=AccountRail.WECHAT, number="o" + "x" * 27)
    make.touch(one)
    make.received(make.bought(one), now=make.NOON + DAY)
    make.matured(until=make.NOON + 29 * DAY)
    sold = NOW - 3 * DAY
    make.touch(one, now=sold)
    waiting = make.bought(one, pieces=(1, 1), now=sold + MINUTE)
    make.refunded(waiting, (2, 1), now=sold + 2 * MINUTE)
    make.received(waiting, now=sold + DAY)
    clicks = ids.take("attribution_click", 3)
    link = make.link(one, now=sold).link_id
    attribution.add_clicks(
        clicks=[ClickFacts(id_, link, one.shop.id, one.promoter.id, sold, "v", b"", "") for id_ in clicks]
    )
    attribution.record_share(
        promoter_id=one.promoter.id,
        code=make.link(one, now=sold).code,
        kind=ShareKind.LINK,
        surface=Surface.CONSOLE,
        key="share",
        now=sold,
    )
    make_settlement.approved(one.promoter, 300)
    (sending,) = settlement.take_to_send(rail=Rail.WECHAT, limit=9, now=NOW)
    approved = make_settlement.approved(one.promoter, 200)
    audit.record(actor=OPERATOR_SHELL, action="test.old", object_="X", facts={}, now=NOW - MINUTE * 2)
    audit.seal()
    audit.record(actor=OPERATOR_SHELL, action="test.young", object_="X", facts={}, now=NOW)  # not in the chain
    make_events.readable()
    refresh_library(now=NOW)
    chosen.choose(promoter_id=one.promoter.id, product_ids=[one.product_id], now=NOW)
    refresh_figures(now=NOW)
    follow_events(now=NOW)
    ((notice, about),) = owner_sql("SELECT notice_no, object_no FROM payments_notice")
    return {
        "shop": one.shop.id,
        "promoter": one.promoter.id,
        "recruiter": one.recruiter.id,
        "product": one.product_id,
        "first": make.NOON.date(),
        "sold": sold.date(),
        "click": clicks[0],
        "sale": waiting.lines[0].id,
        "order": waiting.no,
        "days": owner_sql("SELECT max(due_at - received_at) FROM commission_sale")[0][0].days,
        "notice": notice,
        "about": about,
        "sending": sending.no,
        "approved": approved,
        "act": owner_sql("SELECT max(act_id) FROM audit_link")[0][0],
    }


def findings(now=LATE) -> dict[str, list[str]]:
    """Return what every check that isn't content says."""
    results = verify.run(now=now)
    return {one.name: [f"{f.object}: {f.what}" for f in one.findings] for one in results if one.findings}


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named_by_its_check_alone(owner_sql):
    named = story(owner_sql)
    assert findings() == {}
    looked_at = {one.name: one.rows for one in verify.run(names=NAMES, now=LATE)}
    assert {name for name, rows in looked_at.items() if not rows} == {"overdue", "notices"}, "nothing there to wait"
    for check, what, change, undo in TAMPERED:
        owner_sql(change.format(**named))
        found = findings()
        owner_sql(undo.format(**named))
        assert set(found) - SUMMED.get(check, set()) == {check}, (change, found)
        assert any(one.startswith(what.format(**named)) for one in found[check]), (change, found)
        assert findings() == {}, undo
    assert {row[0] for row in TAMPERED} == NAMES


@pytest.mark.usefixtures("committed_db")
def test_what_settled_and_was_not_read_yet_is_no_fault():
    one = make.alliance()
    make.touch(one)
    order = make.received(make.bought(one), now=make.NOON + DAY)
    make_events.readable()
    follow_events(now=make.NOON + DAY)
    assert make.matured(until=order.received_at + 29 * DAY).sales == 1
    assert [found for check in verify.run(names={"feed"}, now=LATE) for found in check.findings] == []
