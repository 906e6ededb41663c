"""What crosses the border of the points mall: goods for points, what a buyer took, and refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class PointsGoodPhase(StrEnum):
    """Where a good of the points mall stands at an instant: `open` ones can be taken."""

    COMING = "coming"
    OPEN = "open"
    TAKEN_UP = "taken_up"
    OVER = "over"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPointsGood:
    """What a shop wants to give: one piece of a SKU for `points` and `money_fen`, `stock` pieces in all."""

    sku_id: int
    points: int
    money_fen: int = 0
    stock: int
    limit_each: int = 1
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsGoodShown:
    """A good of the points mall as it stands."""

    good_id: int
    no: str
    merchant_id: int
    product_id: int
    sku_id: int
    points: int
    money_fen: int
    stock: int
    taken: int
    limit_each: int
    starts_at: datetime
    ends_at: datetime
    stopped_at: datetime | None

    def phase(self, now: datetime) -> PointsGoodPhase:
        """Return where it stands at `now`."""
        if self.stopped_at is not None:
            return PointsGoodPhase.STOPPED
        if self.ends_at <= now:
            return PointsGoodPhase.OVER
        if self.starts_at > now:
            return PointsGoodPhase.COMING
        return PointsGoodPhase.TAKEN_UP if self.taken >= self.stock else PointsGoodPhase.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsGoodTaken:
    """What a buyer took, under `no`: pieces of a SKU, for points in all and an amount of money in all."""

    no: str
    merchant_id: int
    sku_id: int
    quantity: int
    points: int
    money_fen: int


class PointsGoodTakenUp(Refusal):
    """All pieces are taken."""

    code = "points_good_taken_up"
    status = 409
    zh = "该积分商品已兑完"
    en = "All pieces of this are taken."


class PointsGoodNotOpen(Refusal):
    """It can't be taken yet, any more, or was stopped."""

    code = "points_good_not_open"
    status = 409
    zh = "该积分商品不在兑换时间内，或已下架"
    en = "This can't be taken now."


class PointsGoodLimit(Refusal):
    """The buyer would have more of it than one may."""

    code = "points_good_limit"
    status = 409
    zh = "每人限兑 {limit} 件"
    en = "At most {limit} of this for each person."
