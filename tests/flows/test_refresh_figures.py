"""Daily figures: what the story adds up to, counted again after each turn, and the same when counted from nothing."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import events as make_events
from tests.make import people as make_people
from tests.make.alliance import NOON
from tuike.attribution import service as attribution
from tuike.attribution.types import ShareKind, Surface
from tuike.audit.types import Actor
from tuike.commission import service as commission
from tuike.db import ids, rows
from tuike.figures import queries
from tuike.figures.types import By, Figures, Owner, Span, Status
from tuike.flows.refresh_figures import rebuild_figures, refresh_figures
from tuike.insight import verify
from tuike.kit.days import day_of

DAY = timedelta(days=1)
TODAY = day_of(NOON)


def clicked(one, *, times=1, at=NOON):
    """Write clicks on the promoter's material, as the short link's door does."""
    link = make.link(one, now=NOON)
    for id_ in ids.take("attribution_click", times):
        rows.run(
            "INSERT INTO attribution_click (id, link_id, merchant_id, promoter_id, at, visitor, ip_hash, agent)"
            " VALUES (%s, %s, %s, %s, %s, 'v', ''::bytea, '')",
            [id_, link.link_id, one.shop.id, one.promoter.id, at],
        )


def shared(one, *, times=1, at=NOON, key="share"):
    """Let the promoter share its material, each time anew."""
    code = make.link(one, now=NOON).code
    for number in range(times):
        attribution.record_share(
            promoter_id=one.promoter.id,
            code=code,
            kind=ShareKind.LINK,
            surface=Surface.CONSOLE,
            key=f"{key}-{number}",
            now=at,
        )


def visits(one, day=TODAY):
    """Return what is counted of shares, clicks and visitors on a day of the promoter."""
    return rows.query(
        "SELECT sum(shares), sum(clicks), sum(visitors) FROM figures_day WHERE promoter_id = %s AND day = %s",
        [one.promoter.id, day],
    )[0]


def wrong():
    """Return the checks that found something of clicks and shares."""
    done = verify.run(names=["figures_clicks", "figures_shares"], now=NOON + DAY)
    return {one.name for one in done if one.findings}


def counted(*, now):
    """Let the job run when everything that was told can be read; return what it did."""
    make_events.readable()
    return refresh_figures(now=now)


def of(owner, owner_id, day=TODAY):
    """Return the figures of one day."""
    return queries.days(owner=owner, owner_id=owner_id, first=day, last=day)[0].figures


def stored():
    """Return everything that is counted, without the rows' ids."""
    found = []
    for table in ("day", "sum", "span", "month", "kept"):
        columns = [
            name
            for (name,) in rows.query(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attname <> 'id'"
                " AND NOT attisdropped",
                [f"figures_{table}"],
            )
        ]
        found.append(sorted(rows.query(f"SELECT {', '.join(columns)} FROM figures_{table}"), key=repr))
    return found


@pytest.fixture
def one(committed_db):
    return make.alliance()


def test_a_day_is_counted_for_the_shop_its_promoters_and_all(one):
    make.touch(one)
    make.bought(one, pieces=(1, 2), now=NOON)
    make.bought(one, buyer_id=make_people.person().id, now=NOON)
    clicked(one, times=3)
    done = counted(now=NOON + timedelta(minutes=5))
    assert done["days"] == 1
    # 12 % of 5990 and 11980 direct, 5 % for the recruiter; the second order came without a ticket.
    direct, recruiter = 718 + 1437, 299 + 599
    assert of(Owner.PROMOTER, one.promoter.id) == Figures(
        clicks=3, visitors=1, orders=1, all_orders=1, paid_fen=17970, all_paid_fen=17970, estimated_fen=direct
    )
    assert of(Owner.PROMOTER, one.recruiter.id) == Figures(estimated_fen=recruiter)
    shop = Figures(
        clicks=3,
        visitors=1,
        orders=1,
        all_orders=2,
        paid_fen=17970,
        all_paid_fen=23960,
        estimated_fen=direct + recruiter,
    )
    assert of(Owner.MERCHANT, one.shop.id) == shop
    assert of(Owner.ALL, 0) == shop
    assert shop.conversion_bps == 3333
    books.check()


def test_the_best_are_found_by_what_is_asked(one):
    make.touch(one)
    make.bought(one)
    clicked(one, times=2)
    counted(now=NOON + timedelta(minutes=5))
    span = {"first": TODAY, "last": TODAY}
    [product] = queries.best(by="product", owner=Owner.PROMOTER, owner_id=one.promoter.id, **span)
    assert (product.id, product.figures.orders, product.figures.estimated_fen) == (one.product_id, 1, 718)
    [place] = queries.best(by="place", owner=Owner.PROMOTER, owner_id=one.promoter.id, **span)
    assert (place.figures.clicks, place.figures.orders) == (2, 1)
    assert queries.of_places(promoter_id=one.promoter.id, **span) == {place.id: place.figures}
    best = queries.best(by="promoter", owner=Owner.MERCHANT, owner_id=one.shop.id, **span)
    assert [top.id for top in best] == [one.promoter.id, one.recruiter.id]
    assert queries.best(by="product", owner=Owner.PROMOTER, owner_id=one.leader.id, **span) == []


def test_refunds_settling_and_a_rejection_change_the_day_of_the_sale(one):
    make.touch(one)
    first, second = make.bought(one, pieces=(2,)), make.bought(one)
    third = make.received(make.bought(one), now=NOON + DAY)
    counted(now=NOON + DAY)
    make.refunded(first, (1, 1), now=NOON + 2 * DAY)
    counted(now=NOON + 2 * DAY)
    assert of(Owner.PROMOTER, one.promoter.id).refunded_fen == 5990
    assert of(Owner.PROMOTER, one.promoter.id).estimated_fen == 3 * 718
    accrual = make.accruals(second)["direct"]
    actor = Actor("person", 7)
    commission.hold(accrual_ids=[accrual], reason="看看", actor=actor, now=NOON + 2 * DAY)
    commission.reject(accrual_ids=[accrual], reason="刷单", actor=actor, now=NOON + 2 * DAY)
    counted(now=NOON + 3 * DAY)
    assert of(Owner.PROMOTER, one.promoter.id).estimated_fen == 2 * 718
    make.matured(until=(third.received_at or NOON) + 28 * DAY)
    assert of(Owner.PROMOTER, one.promoter.id).settled_fen == 0
    counted(now=NOON + 40 * DAY)
    assert of(Owner.PROMOTER, one.promoter.id).settled_fen == 718
    books.check()


def test_counted_from_nothing_it_is_the_same(one):
    make.touch(one)
    make.refunded(make.bought(one, pieces=(1, 3)), (2, 1), now=NOON + DAY)
    make.bought(one, now=NOON + DAY)
    clicked(one, times=2)
    clicked(one, at=NOON + DAY)
    counted(now=NOON + DAY + timedelta(hours=1))
    before = stored()
    rows.run("UPDATE figures_day SET orders = 9, settled_fen = 9, commission = NULL")
    rows.run("DELETE FROM figures_sum")
    rows.run("INSERT INTO figures_span (kind, owner_id, by, span, object_id) VALUES ('all', 0, 'promoter', 7, 9)")
    assert rebuild_figures(now=NOON + DAY + timedelta(hours=1)) == 2
    assert stored() == before
    counted(now=NOON + DAY + timedelta(hours=1))
    assert stored() == before
    assert counted(now=NOON + DAY + timedelta(hours=1))["days"] == 0
    books.check()


def test_clicks_are_counted_once_and_a_late_one_when_its_day_is_over(one):
    clicked(one, times=2, at=NOON)
    counted(now=NOON + timedelta(minutes=1))
    clicked(one, at=NOON + timedelta(minutes=2))
    counted(now=NOON + timedelta(minutes=3))
    counted(now=NOON + timedelta(minutes=3))
    assert of(Owner.PROMOTER, one.promoter.id).clicks == 3
    clicked(one, at=NOON)  # written late: after its moment was counted
    counted(now=NOON + timedelta(minutes=4))
    assert of(Owner.PROMOTER, one.promoter.id).clicks == 3
    clicked(one, at=NOON + DAY)
    counted(now=NOON + DAY + timedelta(minutes=1))
    assert of(Owner.PROMOTER, one.promoter.id).clicks == 4
    assert of(Owner.PROMOTER, one.promoter.id, TODAY + DAY).clicks == 1
    counted(now=NOON + 3 * DAY)
    assert [d.figures.clicks for d in queries.days(
        owner=Owner.ALL, owner_id=0, first=TODAY, last=TODAY + 2 * DAY
    )] == [4, 1, 0]  # fmt: skip
    books.check("figures_clicks")


def test_verify_leaves_out_what_is_not_read_yet_and_names_what_is_wrong(one, owner_sql):
    make.touch(one)
    order = make.bought(one)
    assert [r.rows for r in verify.run(names=["figures"])] == [0]
    counted(now=NOON + timedelta(minutes=5))
    make.refunded(order, now=NOON + timedelta(hours=1))
    make.bought(one, now=NOON + timedelta(hours=2))
    books.check("figures", "figures_earned")
    counted(now=NOON + 2 * DAY)
    owner_sql("UPDATE figures_sum SET estimated_fen = estimated_fen + 1 WHERE kind = 'merchant'")
    owner_sql("UPDATE figures_sum SET settled_fen = settled_fen + 1 WHERE kind = 'promoter'")
    found = {result.name: result.findings for result in verify.run(names=["figures", "figures_earned"])}
    assert [f.object for f in found["figures"]] == [f"merchant {one.shop.id} {TODAY}"]
    assert {f.object for f in found["figures_earned"]} == {
        f"promoter {party.id} {TODAY}" for party in (one.promoter, one.recruiter)
    }


def test_a_day_that_nothing_happened_on_has_zeros(db):
    assert queries.days(owner=Owner.ALL, owner_id=0, first=TODAY, last=TODAY)[0].figures == Figures()


def test_shares_are_counted_as_they_come_and_visitors_when_their_day_is_over(one):
    make.touch(one)
    clicked(one, times=3)
    shared(one, times=2)
    counted(now=NOON + timedelta(minutes=1))
    assert visits(one) == (2, 3, 1)
    shared(one, times=2)  # the same keys: nothing new
    shared(one, times=1, key="late", at=NOON + timedelta(minutes=2))
    counted(now=NOON + timedelta(minutes=5))
    assert visits(one) == (3, 3, 1)
    counted(now=NOON + DAY)
    assert visits(one) == (3, 3, 1)  # three clicks of one visitor
    assert not wrong()
    before = stored()
    rebuild_figures(now=NOON + DAY)
    counted(now=NOON + DAY)
    assert stored() == before
    assert not wrong()


def test_a_day_that_says_other_shares_or_visitors_is_found(one):
    clicked(one, times=2)
    shared(one)
    counted(now=NOON + DAY)
    for column, check in {"shares": "figures_shares", "visitors": "figures_clicks"}.items():
        rows.run(f"UPDATE figures_day SET {column} = {column} + 1")
        assert wrong() == {check}
        rows.run(f"UPDATE figures_day SET {column} = {column} - 1")
    assert not wrong()


def test_a_board_shows_what_the_shop_its_promoters_and_leaders_earn(one):
    make.touch(one)
    make.refunded(make.bought(one, pieces=(1, 2)), (1, 1), now=NOON + timedelta(hours=1))
    make.bought(one, buyer_id=make_people.person().id)
    counted(now=NOON + DAY)
    span = {"first": TODAY, "last": TODAY}
    shop = queries.commission(owner=Owner.MERCHANT, owner_id=one.shop.id, **span)
    assert sorted((of.role, of.status, of.accruals, of.amount_fen) for of in shop) == [
        ("direct", Status.CANCELLED, 1, 0),
        ("direct", Status.PENDING, 1, 1437),
        ("tier2", Status.CANCELLED, 1, 0),
        ("tier2", Status.PENDING, 1, 599),
    ]
    tops = queries.top(owner=Owner.ALL, owner_id=0, by=By.MERCHANT, span=Span.WEEK, today=TODAY)
    assert [(top.id, top.figures.orders, top.figures.estimated_fen) for top in tops.rows] == [(one.shop.id, 1, 2036)]
    assert queries.watermark().event_id > 0
    [cohort] = queries.cohorts(owner=Owner.MERCHANT, owner_id=one.shop.id, months=3)
    assert (cohort.promoters, cohort.active, cohort.paid_fen) == (1, 1, 17970)
