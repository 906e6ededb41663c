"""What crosses the border of marketing about bargains: offers, bargains, cuts, and refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class BargainOfferPhase(StrEnum):
    """Where an offer stands at an instant: of `open` ones a bargain can be started."""

    COMING = "coming"
    OPEN = "open"
    SOLD_OUT = "sold_out"
    OVER = "over"
    STOPPED = "stopped"


class BargainState(StrEnum):
    """Where a bargain stands at an instant: `running` ones are cut and bought, `reached` ones bought only."""

    RUNNING = "running"
    REACHED = "reached"
    USED = "used"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBargainOffer:
    """A choice of a product to bargain for: from its price of the day down to `floor_fen`, by `cuts_needed` cuts,
    within `hours` of its start. `owner_cuts`: the first cut is the starter's own. `floor_only`: bought at the floor
    only, else at any price reached. `stock` pieces are sold so; a person starts at most `limit_each`."""

    sku_id: int
    floor_fen: int
    cuts_needed: int
    hours: int
    stock: int
    starts_at: datetime
    ends_at: datetime
    limit_each: int = 1
    owner_cuts: bool = True
    floor_only: bool = False


@dataclass(frozen=True, slots=True)
class BargainOffer:
    """An offer as its shop and buyers see it; `taken` of `stock` pieces were bought."""

    offer_id: int
    no: str
    merchant_id: int
    product_id: int
    sku_id: int
    floor_fen: int
    cuts_needed: int
    hours: int
    stock: int
    taken: int
    limit_each: int
    owner_cuts: bool
    floor_only: bool
    starts_at: datetime
    ends_at: datetime
    stopped_at: datetime | None
    created_at: datetime

    def phase(self, now: datetime) -> BargainOfferPhase:
        """Return where it stands at `now`."""
        if self.stopped_at is not None:
            return BargainOfferPhase.STOPPED
        if now >= self.ends_at:
            return BargainOfferPhase.OVER
        if now < self.starts_at:
            return BargainOfferPhase.COMING
        return BargainOfferPhase.SOLD_OUT if self.taken >= self.stock else BargainOfferPhase.OPEN


@dataclass(frozen=True, slots=True)
class Bargain:
    """A bargain: `cut_count` of `cuts_needed` cuts have lowered `price_fen` by `cut_fen`. `code` is what is shared;
    `digest` is the SHA-256 of the seed from which all cuts follow."""

    bargain_id: int
    no: str
    code: str
    offer_no: str
    merchant_id: int
    product_id: int
    sku_id: int
    buyer_id: int
    price_fen: int
    floor_fen: int
    cuts_needed: int
    floor_only: bool
    cut_count: int
    cut_fen: int
    digest: str
    started_at: datetime
    ends_at: datetime
    used_at: datetime | None

    @property
    def price_now_fen(self) -> int:
        """Return the price that is reached."""
        return self.price_fen - self.cut_fen

    @property
    def at_floor(self) -> bool:
        """Return whether there is nothing left to cut."""
        return self.cut_count == self.cuts_needed

    def state(self, now: datetime) -> BargainState:
        """Return where it stands at `now`."""
        if self.used_at is not None:
            return BargainState.USED
        if now >= self.ends_at:
            return BargainState.OVER
        return BargainState.REACHED if self.at_floor else BargainState.RUNNING

    def settled(self, now: datetime) -> bool:
        """Return whether no cut can come any more, so that its seed may be shown."""
        return self.at_floor or now >= self.ends_at


@dataclass(frozen=True, slots=True)
class Cut:
    """A friend's cut: the `nth`, of `amount_fen`."""

    nth: int
    person_id: int
    amount_fen: int
    at: datetime


class BargainNotOpen(Refusal):
    """The offer hasn't begun, is over or stopped, or the price has fallen to what it would cut to."""

    code = "bargain_not_open"
    zh = "该砍价活动未开始、已结束或已停止"
    en = "This bargain offer hasn't begun, is over, or was stopped."


class BargainSoldOut(Refusal):
    """All pieces of the offer are bought."""

    code = "bargain_sold_out"
    zh = "该砍价商品已售罄"
    en = "All pieces of this bargain offer are sold."


class BargainLimit(Refusal):
    """The buyer has started as many as one may."""

    code = "bargain_limit"
    zh = "该砍价活动每人限参与 {limit} 次"
    en = "Each person may start {limit} bargains of this offer."


class BargainOver(Refusal):
    """The bargain's time is over, or it was bought."""

    code = "bargain_over"
    zh = "该砍价已结束"
    en = "This bargain is over."


class BargainAtFloor(Refusal):
    """There is nothing left to cut."""

    code = "bargain_at_floor"
    zh = "已砍到底价，无需再砍"
    en = "The price is at its floor already."


class BargainAboveFloor(Refusal):
    """The offer sells at the floor only."""

    code = "bargain_above_floor"
    zh = "该活动须砍到底价后才能购买"
    en = "This offer sells at the floor price only; it isn't reached yet."


class BargainLowersNothing(Refusal):
    """The choice is sold for the price that is reached, or less."""

    code = "bargain_lowers_nothing"
    zh = "商品现价不高于已砍到的价格，请直接购买"
    en = "It is sold for the price you have reached, or less: buy it as it is."


class CutAlready(Refusal):
    """A friend cuts once."""

    code = "cut_already"
    zh = "您已经帮 TA 砍过一刀了"
    en = "You have cut this one already."


class OwnBargain(Refusal):
    """Nobody cuts their own bargain."""

    code = "own_bargain"
    zh = "不能给自己砍价，快邀请好友吧"
    en = "You can't cut your own bargain; ask your friends."


class CutsADay(Refusal):
    """A person has cut as often as one may in a day."""

    code = "cuts_a_day"
    status = 429
    zh = "您今天已帮砍 {limit} 次，明天再来吧"
    en = "You have cut {limit} times today; come back tomorrow."
