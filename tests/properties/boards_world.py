"""A random alliance from a seed, day by day, and what its boards have to show, added up here row by row in Python."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make import plans as make_plans
from tests.make.alliance import NOON
from tuike.attribution import service as attribution
from tuike.attribution.types import ClickFacts, ShareKind, Surface
from tuike.audit.types import Actor
from tuike.commission import service as commission
from tuike.db import ids, rows
from tuike.figures import queries
from tuike.figures.types import By, CohortOf, CommissionOf, Figures, Order, Owner, Span, Status, Top
from tuike.kit.days import day_of
from tuike.kit.errors import Refusal
from tuike.parties.types import Source

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DESK = Actor("person", 7)


class World:
    """Shops in the mall and one outside, three promoters, a leader, buyers; what happens is drawn from the seed."""

    def __init__(self, seed: int) -> None:
        self.draw, self.now, self.orders, self.reports = random.Random(seed), NOON, [], 0
        first = make.alliance()
        second = make.alliance(beside=first, price_fen=9_990)
        outside = make.alliance(beside=first, source=Source.MINI_PROGRAM, price_fen=7_770)
        third = make_parties.promoter(name="推客小周", recruiter_id=first.promoter.id, phone="13900000003")
        people = (first.promoter, first.recruiter, third)
        self.shops = [make.of(shop, one) for shop in (first, second) for one in people]
        self.outside, self.promoters, self.leader = outside, people, first.leader
        self.merchants = [first.shop, second.shop, outside.shop]
        make_plans.campaign(first.shop.id, 2_000, starts_at=NOON + 2 * DAY, ends_at=NOON + 12 * DAY, now=NOON)
        make_plans.campaign(None, 3_000, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY, now=NOON)
        make_plans.campaign(None, 3_000, starts_at=NOON + 20 * DAY, ends_at=NOON + 30 * DAY, now=NOON)

    def day(self, acts: int) -> None:
        """Let so many things happen on the next day."""
        self.now = NOON + (day_of(self.now) - day_of(NOON) + DAY)
        for _ in range(acts):
            self.now += timedelta(minutes=self.draw.randrange(1, 12))
            act = self.draw.choices(
                [self._buys, self._receives, self._refunds, self._reviews, self._reports, self._clicks, self._settles],
                [10, 6, 3, 4, 2, 5, 2],
            )[0]
            try:
                act()
            except Refusal as refusal:
                self.refused = type(refusal).__name__
        self.now += HOUR

    def _buys(self) -> None:
        one = self.draw.choice(self.shops)
        buyer = one.buyer_id if self.draw.random() < 0.3 else make_people.person().id
        if self.draw.random() < 0.8:
            make.touch(one, leader=self.draw.random() < 0.4, buyer_id=buyer, now=self.now)
        pieces = tuple(self.draw.randrange(1, 4) for _ in range(self.draw.randrange(1, 4)))
        freight = self.draw.choice((0, 800))
        self.orders.append(make.bought(one, pieces=pieces, freight_fen=freight, buyer_id=buyer, now=self.now))

    def _receives(self) -> None:
        if self.orders:
            order = self.draw.choice(self.orders)
            make.received(order, now=self.now - DAY)

    def _refunds(self) -> None:
        if self.orders:
            order = make.again(self.draw.choice(self.orders))
            line = self.draw.choice(order.lines)
            left = line.quantity - line.refunded_quantity
            asked = [] if self.draw.random() < 0.3 else [(line.no, self.draw.randrange(1, left + 1))] if left else []
            make.refunded(order, *asked, now=self.now)

    def _reviews(self) -> None:
        found = rows.query("SELECT id, review FROM commission_accrual ORDER BY id")
        if found:
            accrual, review = self.draw.choice(found)
            verb: Callable[..., None] = (
                self.draw.choice((commission.release, commission.reject)) if review == "held" else commission.hold
            )
            held = [id_ for id_, stands in found if stands == "held"]
            if held and self.draw.random() < 0.5:
                accrual, verb = self.draw.choice(held), self.draw.choice((commission.release, commission.reject))
            _whole(lambda: verb(accrual_ids=[accrual], reason="看看", actor=DESK, now=self.now))

    def _reports(self) -> None:
        self.reports += 1
        if self.draw.random() < 0.6:
            make.reported(self.outside, external_no=f"E{self.reports}", now=self.now - 2 * HOUR)
        else:
            make.topped_up(self.outside, self.draw.choice((700, 20_000)), now=self.now)

    def _clicks(self) -> None:
        one = self.draw.choice(self.shops)
        link = make.link(one, leader=self.draw.random() < 0.4, now=self.now)
        at = self.now - timedelta(minutes=2)
        attribution.add_clicks(
            clicks=[
                ClickFacts(id_, link.link_id, one.shop.id, one.promoter.id, at, f"v{self.draw.randrange(5)}", b"", "")
                for id_ in ids.take("attribution_click", self.draw.randrange(1, 6))
            ]
        )
        if self.draw.random() < 0.5:
            attribution.record_share(
                promoter_id=one.promoter.id, code=link.code, kind=ShareKind.LINK, surface=Surface.CONSOLE,
                key=f"k{self.draw.randrange(10_000)}", now=self.now - timedelta(minutes=2),
            )  # fmt: skip

    def _settles(self) -> None:
        make.matured(until=self.now)

    def owners(self) -> list[tuple[Owner, int]]:
        """Return everybody who has a board."""
        return [
            (Owner.ALL, 0),
            *((Owner.MERCHANT, one.id) for one in self.merchants),
            *((Owner.PROMOTER, one.id) for one in self.promoters),
            (Owner.LEADER, self.leader.id),
        ]


def _whole(work: Callable[[], None]) -> None:
    with transaction.atomic(durable=True):
        work()


class Books:
    """The rows of the books as they stand, each line, accrual, click and share once, and sums over them."""

    def __init__(self) -> None:
        self.lines = _dicts(
            "SELECT s.id, s.order_no, s.merchant_id, s.product_id, s.paid_fen, s.refunded_fen, s.paid_at,"
            " s.received_at, s.matured_batch_id, s.terms, c.promoter_id, c.place_id, c.leader_id"
            " FROM commission_sale s LEFT JOIN attribution_claim c ON c.id = s.id WHERE s.kind = 'goods' ORDER BY s.id"
        )
        self.earned = _dicts(
            "SELECT a.payee_kind, a.payee_id, a.role, a.funder, a.state, a.review, a.amount_fen, s.merchant_id,"
            " s.product_id, s.paid_at, s.terms, c.promoter_id, c.place_id, c.leader_id"
            " FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id"
            " LEFT JOIN attribution_claim c ON c.id = s.id"
        )
        visited = (
            "SELECT k.promoter_id, k.merchant_id, l.place_id, l.product_id, l.leader_id, k.at AS paid_at, {} AS visitor"
            " FROM attribution_{} k JOIN attribution_link l ON l.id = k.link_id"
        )
        self.clicks, self.shares = _dicts(visited.format("visitor", "click")), _dicts(visited.format("''", "share"))
        self.categories = dict(rows.query("SELECT id, category_id FROM catalog_product"))
        for one in (*self.lines, *self.earned, *self.clicks, *self.shares):
            one["day"], one["campaign_id"] = day_of(one["paid_at"]), (one.get("terms") or {}).get("campaign_id")
            one["category_id"] = self.categories.get(one["product_id"])

    def figures(  # noqa: PLR0917 who, when, and by what
        self, owner: Owner, owner_id: int, first: date, last: date, by: By | None = None, one: int | None = None
    ) -> Figures:
        """Return the figures of an owner in a span, or of one part of them."""

        def chosen(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
            return [
                row
                for row in found
                if first <= row["day"] <= last
                and (owner is Owner.ALL or row[f"{owner.value}_id"] == owner_id)
                and (by is None or row[f"{by.value}_id"] == one)
            ]

        every = chosen(self.lines)
        lines, earned = [line for line in every if line["promoter_id"]], self._earned(owner, owner_id, first, last)
        if by is not None:
            earned = [row for row in earned if self._part(row, by) == one]
        orders: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        counting = self._first_lines(owner, by)
        for line in self.lines:
            if line["id"] in counting and line in lines:
                orders[line["id"]] = counting[line["id"]]
        clicks = chosen(self.clicks)
        whole = by is None
        mine = lines if owner in (Owner.PROMOTER, Owner.LEADER) else every
        return Figures(
            clicks=len(clicks),
            visitors=len({(*(row[k] for k in ("day", "promoter_id", "place_id", "product_id", "merchant_id",
                "leader_id")), row["visitor"]) for row in clicks}),
            shares=len(chosen(self.shares)),
            orders=len(orders),
            received_orders=sum(group[0]["received_at"] is not None for group in orders.values()),
            settled_orders=sum(all(row["matured_batch_id"] for row in group) for group in orders.values()),
            paid_fen=sum(row["paid_fen"] for row in lines),
            refunded_fen=sum(row["refunded_fen"] for row in lines),
            estimated_fen=sum(row["amount_fen"] for row in earned if row["state"] != "cancelled"),
            settled_fen=sum(row["amount_fen"] for row in earned if row["state"] == "settled"),
            all_orders=len({row["order_no"] for row in mine}) if whole else 0,
            all_paid_fen=sum(row["paid_fen"] for row in mine) if whole else 0,
            all_refunded_fen=sum(row["refunded_fen"] for row in mine) if whole else 0,
        )  # fmt: skip

    def _first_lines(self, owner: Owner, by: By | None) -> dict[int, list[dict[str, Any]]]:
        """Return by the line at which an order counts the lines that are that order for whoever asks."""
        groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for line in self.lines:
            if line["promoter_id"]:
                if owner is Owner.LEADER:
                    part = line["leader_id"] or None
                elif owner is Owner.PROMOTER or by in (By.PROMOTER, By.PLACE):
                    part = line["promoter_id"]
                else:
                    part = 0
                if part is not None:
                    groups[line["order_no"], part].append(line)
        return {group[0]["id"]: group for group in groups.values()}

    def _earned(self, owner: Owner, owner_id: int, first: date, last: date) -> list[dict[str, Any]]:
        return [
            row
            for row in self.earned
            if first <= row["day"] <= last
            and (
                owner is Owner.ALL
                or (owner is Owner.MERCHANT and row["merchant_id"] == owner_id and row["funder"] != "platform")
                or (row["payee_kind"] == owner.value and row["payee_id"] == owner_id)
            )
        ]

    @staticmethod
    def _part(row: dict[str, Any], by: By) -> int | None:
        """Return whose share an accrual is where figures are divided."""
        paid = row["payee_kind"] == "promoter"
        if by is By.PROMOTER:
            return row["payee_id"] if paid else None
        if by is By.PLACE:
            return row["place_id"] if paid and row["role"] in ("direct", "self", "bonus") else None
        if by is By.LEADER:
            return row["payee_id"] if row["payee_kind"] == "leader" else row["leader_id"]
        return row[f"{by.value}_id"]

    def commission(self, owner: Owner, owner_id: int, first: date, last: date) -> set[CommissionOf]:
        """Return commission by payee's kind, role and status."""
        found: dict[tuple[str, str, Status], list[int]] = defaultdict(list)
        for row in self._earned(owner, owner_id, first, last):
            waits = row["review"] == "held" and row["state"] in ("waiting", "pending")
            status = Status.HELD if waits else Status(row["state"])
            found[row["payee_kind"], row["role"], status].append(row["amount_fen"])
        return {CommissionOf(*key, len(amounts), sum(amounts)) for key, amounts in found.items()}

    def tops(self, owner: Owner, owner_id: int, by: By, first: date, last: date) -> list[Top]:
        """Return all parts of an owner's figures, the best by estimated commission first."""
        ids = {self._part(row, by) for row in self.earned} | {row.get(f"{by.value}_id") for row in self.lines}
        ids |= {row.get(f"{by.value}_id") for row in self.clicks + self.shares}
        every = [Top(one, self.figures(owner, owner_id, first, last, by, one)) for one in ids if one]
        some = [top for top in every if any(v for k, v in _values(top.figures).items())]
        return sorted(some, key=lambda top: (-top.figures.estimated_fen, top.id))

    def cohorts(self, owner: Owner, owner_id: int) -> list[CohortOf]:
        """Return promoters by the month of their first paid order."""
        monthly: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for line in self.lines:
            mine = owner is Owner.ALL or line[f"{owner.value}_id"] == owner_id
            if line["promoter_id"] and mine:
                monthly[line["promoter_id"]][line["day"].replace(day=1)] += line["paid_fen"]
        joined = {promoter: min(months) for promoter, months in monthly.items()}
        cells = sorted({(joined[promoter], month) for promoter, months in monthly.items() for month in months})
        return [
            CohortOf(
                first,
                month,
                sum(one == first for one in joined.values()),
                sum(joined[p] == first and month in months for p, months in monthly.items()),
                sum(months.get(month, 0) for p, months in monthly.items() if joined[p] == first),
            )
            for first, month in cells
        ]


def compare(world: World, *, spans: Iterable[Span] = Span, tops: bool = True) -> int:
    """Hold every figure of everybody against the books; return how many were compared."""
    books, today, compared = Books(), day_of(world.now), 0
    for owner, owner_id in world.owners():
        who = {"owner": owner, "owner_id": owner_id}
        for span in spans:
            first, last = span.of(today)
            edges = {"first": first, "last": last}
            assert queries.total(**who, **edges) == books.figures(owner, owner_id, first, last), (who, span)
            got = queries.commission(**who, **edges)
            assert set(got) == books.commission(owner, owner_id, first, last), (who, span)
            before = span.before(today)
            assert queries.total(**who, first=before[0], last=before[1]) == books.figures(owner, owner_id, *before)
            compared += 2 * len(_values(Figures())) + len(got)
            for by in By if tops else ():
                if by.value != owner.value:
                    said = queries.top(**who, by=by, span=span, today=today, order=Order.ESTIMATED, limit=1000)
                    assert said.rows == books.tops(owner, owner_id, by, first, last), (who, span, by)
                    compared += len(said.rows) * len(_values(Figures()))
        if owner is not Owner.PROMOTER:
            assert queries.cohorts(**who, months=24) == books.cohorts(owner, owner_id), who
    for ago in range(3):
        day = today - ago * DAY
        for owner, owner_id in world.owners():
            [of] = queries.days(owner=owner, owner_id=owner_id, first=day, last=day)
            assert of.figures == books.figures(owner, owner_id, day, day), (owner, owner_id, day)
    return compared


def _dicts(statement: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for one in found:
        if isinstance(one.get("terms"), str):
            one["terms"] = json.loads(one["terms"])
    return found


def _values(figures: Figures) -> dict[str, int]:
    return {name: getattr(figures, name) for name in Figures.__dataclass_fields__}
