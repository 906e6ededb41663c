"""A merchant ships many orders at once, out of a table of parcels: each order for itself, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.flows.ship_order import send_parcel
from tuike.freight import queries as freight
from tuike.kit.errors import Refusal

MOST_PARCELS = 1_000


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A row of the table: which order, by whom, under which number."""

    line: int
    order_no: str
    carrier: str
    tracking_no: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """What became of a row: shipped, or why not."""

    row: ParcelRow
    refusal: Refusal | None = None


class TooManyParcels(Refusal):
    """The file has more parcels than one go takes."""

    code = "too_many_parcels"
    status = 422
    zh = "一次最多发货 {most} 单，请拆分文件"
    en = "One file takes {most} parcels at most; split it."


class BesideAWrongRow(Refusal):
    """Another parcel of the same order was refused; none of the order's was taken."""

    code = "beside_a_wrong_row"
    status = 409
    zh = "同一订单的第 {line} 行有误，该订单未发货"
    en = "Row {line} of the same order is wrong; nothing of the order was shipped."


def ship_orders(*, merchant_id: int, rows: Sequence[ParcelRow], now: datetime, odd: bool = False) -> list[Shipped]:
    """Record parcels of a merchant's own orders and say of each row, in their order, what became of it.

    Several rows of one order are its parcels: the first holds all that is left. An order whose parcels are not all
    taken is not shipped, and stops no other: those have left the house. The same table again ships nothing twice, for
    the same parcel is one parcel. With `odd`, carriers that the list doesn't have and numbers that look like none of
    theirs are taken, too.

    Raises:
        TooManyParcels: above `MOST_PARCELS`.
    """
    if len(rows) > MOST_PARCELS:
        raise TooManyParcels(most=MOST_PARCELS)
    orders: dict[str, list[ParcelRow]] = {}
    for row in rows:
        orders.setdefault(row.order_no, []).append(row)
    done: dict[int, Shipped] = {}
    for parcels in orders.values():
        at = parcels[0]
        try:
            for at in parcels:
                if not odd:
                    freight.check_parcel(at.carrier, at.tracking_no)
            at = _ship(merchant_id, parcels, now)
        except _Refused as refused:
            done |= _not_shipped(parcels, refused.row, refused.refusal)
        except Refusal as refusal:
            done |= _not_shipped(parcels, at, refusal)
        else:
            done |= {id(row): Shipped(row) for row in parcels}
    return [done[id(row)] for row in rows]


class _Refused(Exception):
    def __init__(self, row: ParcelRow, refusal: Refusal) -> None:
        self.row, self.refusal = row, refusal
        super().__init__(refusal.code)


@retry
def _ship(merchant_id: int, parcels: Sequence[ParcelRow], now: datetime) -> ParcelRow:
    """Record all parcels of one order, or none; return the last one."""
    with transaction.atomic(durable=True):
        for row in parcels:
            try:
                send_parcel(
                    merchant_id=merchant_id,
                    order_no=row.order_no,
                    carrier=row.carrier,
                    tracking_no=row.tracking_no,
                    now=now,
                )
            except Refusal as refusal:
                raise _Refused(row, refusal) from refusal
    return parcels[-1]


def _not_shipped(parcels: Sequence[ParcelRow], wrong: ParcelRow, refusal: Refusal) -> dict[int, Shipped]:
    beside = BesideAWrongRow(line=wrong.line)
    return {id(row): Shipped(row, refusal if row is wrong else beside) for row in parcels}
