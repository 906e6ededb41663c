"""A merchant ships many orders at once, out of a file of parcels: each parcel for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.flows.ship_order import ship_order
from tuike.kit.errors import Refusal

MOST_PARCELS = 1_000


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A row of the file: which order, by whom, under which number."""

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


def ship_orders(*, merchant_id: int, rows: Sequence[ParcelRow], now: datetime) -> list[Shipped]:
    """Record parcels of a merchant's own orders, row by row, and say of each what became of it.

    One that is refused stops no other: the others have left the house. The same file again ships nothing twice, for the
    same parcel is one parcel.

    Raises:
        TooManyParcels: above `MOST_PARCELS`.
    """
    if len(rows) > MOST_PARCELS:
        raise TooManyParcels(most=MOST_PARCELS)
    done: list[Shipped] = []
    for row in rows:
        try:
            ship_order(
                merchant_id=merchant_id,
                order_no=row.order_no,
                carrier=row.carrier,
                tracking_no=row.tracking_no,
                now=now,
            )
        except Refusal as refusal:
            done.append(Shipped(row, refusal))
        else:
            done.append(Shipped(row))
    return done
