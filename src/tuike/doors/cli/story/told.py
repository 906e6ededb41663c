"""What happens in the story, day by day, and what the product does by itself every night between."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from tuike.doors.cli.story import (
    appealed,
    buyers,
    contract,
    gifts,
    judged,
    mall,
    opening,
    payday,
    recruits,
    shelves,
    targets,
    trade,
)
from tuike.doors.cli.story.goods import CAMELLIA
from tuike.doors.cli.story.scene import Scene
from tuike.flows.close_month import close_ended_months
from tuike.flows.close_unpaid import close_unpaid
from tuike.flows.decide_after_sales import answer_overdue
from tuike.flows.mature_lines import mature_lines
from tuike.flows.open_red_packet import return_red_packets
from tuike.flows.receive_orders import receive_due
from tuike.flows.reward_buyers import reward_buyers, reward_orders
from tuike.flows.tidy_board import tidy_board
from tuike.gateways.types import RefundState
from tuike.kit import days
from tuike.orders import queries as orders
from tuike.orders.types import AfterSaleAsk, OrderState

FIRST_DAY = 70
EVERYDAY = 44
_NOT_EVERYDAY = {"CM33", "CM41", "CM42"}  # excluded, restricted, below the price floor
_BUYERS = ("b1", "b2", "b3", "b4", "b5")
_PROMOTERS = ("p1", "p1", "p2", "p2", "p3", "p3", "p3")


@dataclass
class Story:
    """Everything that happens, as (instant, act); told in order."""

    scene: Scene
    acts: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    bought: dict[str, trade.Bought] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    received: set[str] = field(default_factory=set)

    def tell(self, report: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        """Let it all happen; `report` is told how many acts are done, and of how many."""
        for chapter in (
            _everyday,
            _early,
            _rates,
            _after_sales,
            _reviews,
            _nobody,
            _tea,
            gifts.give,
            contract.agree,
            mall.open_mall,
            buyers.live,
            _paydays,
            _today,
            targets.set_targets,
            judged.set_rules,
            recruits.recruit,
        ):
            chapter(self)
        self.acts.sort(key=lambda act: act[:2])
        night = self.scene.at(FIRST_DAY - 1, "02:00")
        for done, (at, _, act) in enumerate(self.acts, start=1):
            while night <= at:
                self._night(night)
                night += timedelta(days=1)
            act(at)
            report(done, len(self.acts))
        self._night(self.scene.began)
        reward_buyers(now=self.scene.began)  # the consumer's own place, and what came back of orders received long ago

    def _night(self, now: datetime) -> None:
        """Do what the worker does by itself."""
        close_unpaid(now=now)
        receive_due(now=now)
        answer_overdue(now=now)
        return_red_packets(now=now)
        tidy_board(now=now)
        self.scene.progress.flow(f"rewards:{now:%m%d%H%M}", self._reward, now)
        mature_lines(until=now, now=now)
        if days.day_of(now).day == 1:
            close_ended_months(now=now)

    def _reward(self, now: datetime) -> None:
        """Let buyers earn at once: what was told of orders is read only when no older transaction runs anywhere."""
        nos = {one.order_no for one in self.bought.values()} - self.received
        reward_orders(order_nos=nos, now=now)
        found = orders.orders_by_no(nos).values()
        self.received |= {one.no for one in found if one.state is OrderState.COMPLETED}

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""
        self.then(self.scene.at(days_ago, clock), act)

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at an instant; what would lie after the story's present doesn't happen."""
        if at <= self.scene.began:
            self.acts.append((at, len(self.acts), act))

    def see(self, buyer: str, promoter: str, no: str, at: datetime, *, made: datetime | None = None) -> None:
        """Let a buyer see a promoter's link for a product or a shop, made at `made` or an hour before."""
        made = made or at - timedelta(hours=1)
        self.then(at, lambda at: trade.touch(self.scene, buyer, trade.link(self.scene, promoter, no, made), at))

    def buy(
        self,
        name: str,
        buyer: str,
        items: trade.Items,
        at: datetime,
        *,
        ship: int | None = 1,
        receive: int | None = 4,
    ) -> None:
        """Let a buyer order and pay; `ship` and `receive` are days after the order, None: not (by the buyer)."""
        self.then(at, lambda at: self.bought.update({name: trade.place(self.scene, name, buyer, items, at)}))
        self.then(at + timedelta(minutes=2), lambda at: trade.pay(self.scene, self.bought[name], at))
        if ship is not None:
            self.then(at + timedelta(days=ship), lambda at: trade.ship(self.scene, self.bought[name], at))
            if receive is not None:
                self.then(at + timedelta(days=receive), lambda at: trade.receive(self.scene, self.bought[name], at))

    def ask_back(
        self, name: str, reason: str, at: datetime, *verdicts: tuple[str, int], lines: list[AfterSaleAsk] | None = None
    ) -> None:
        """Let the buyer ask money back, and what follows so many minutes later: a verdict, or the provider's word."""

        def ask(at: datetime) -> None:
            self.numbers[name] = trade.ask_back(self.scene, self.bought[name], reason, at, lines)

        self.then(at, ask)
        for verdict, minutes in verdicts:
            self.then(at + timedelta(minutes=minutes), partial(self._answer, name, verdict))

    def _answer(self, name: str, verdict: str, at: datetime) -> None:
        if verdict in ("SUCCESS", "CLOSED"):
            trade.hear_of_refund(self.scene, self.numbers[name], RefundState(verdict), at)
        else:
            trade.decide_back(self.scene, self.numbers[name], verdict, at)


def _everyday(story: Story) -> None:
    """Ordinary orders through promoters' links, from the first days on."""
    chance, scene = random.Random("tuike demo"), story.scene  # noqa: S311 a story, not a secret
    goods = [item for item in CAMELLIA if item.no not in _NOT_EVERYDAY]
    for seq in range(EVERYDAY):
        at = scene.at(66 - seq * 60 // EVERYDAY, f"{chance.randint(9, 22):02}:{chance.randint(0, 59):02}")
        buyer, promoter = _BUYERS[seq % len(_BUYERS)], chance.choice(_PROMOTERS)
        chosen = chance.sample(goods, chance.choice((1, 1, 2)))
        whole_shop = chance.random() < 0.3
        seen = at - timedelta(minutes=chance.randint(4, 600))
        story.see(buyer, promoter, "shop" if whole_shop else chosen[0].no, seen)
        items = [(item.no, chance.randrange(len(item.skus)), chance.choice((1, 1, 1, 2))) for item in chosen]
        # One in six buyers forgets to confirm: the order receives itself after ten days.
        story.buy(f"e{seq:02}", buyer, items, at, receive=None if seq % 6 == 5 else chance.randint(3, 6))


def _early(story: Story) -> None:
    """The first buyers, whose commission was withdrawn before one of them gave back what had been settled."""
    scene = story.scene
    for name, buyer, promoter, items in (
        ("first", "b1", "p1", [("CM05", 0, 2)]),
        ("quilt", "b2", "p3", [("CM07", 0, 1)]),
        ("pot", "b3", "p4", [("CM15", 0, 1)]),
        ("tea_set", "b4", "p4", [("CM11", 0, 1)]),
    ):
        at = scene.at(67, "20:15")
        story.see(buyer, promoter, items[0][0], at - timedelta(minutes=30))
        story.buy(name, buyer, items, at)
    led = scene.at(66, "08:10")

    def seen(at: datetime) -> None:
        trade.touch(scene, "b5", trade.link(scene, "p2", "CM02", at - timedelta(hours=2), led=True), at)

    story.then(led, seen)
    story.buy("led", "b5", [("CM02", 1, 2)], led + timedelta(minutes=20))
    back = scene.at(20, "10:00")
    story.ask_back("pot", "珐琅脱落，商家同意退货退款", back, ("approve", 300), ("SUCCESS", 301))
    story.on(18, "09:00", lambda at: trade.suspend(scene, "p4", at))


def _rates(story: Story) -> None:
    """Campaigns, a promoter's own purchase, and rates that change at the next midnight."""
    scene = story.scene
    story.on(35, "10:00", lambda at: shelves.bind_buyers(scene, at))
    story.on(30, "00:10", lambda at: shelves.campaign_of_operator(scene, at))
    story.on(26, "10:00", lambda at: shelves.campaign_of_shop(scene, at))
    for name, buyer, promoter, items, at in (
        ("nuts", "b2", "p2", [("CM26", 0, 2), ("CM27", 0, 1)], scene.at(27, "12:30")),
        ("season", "b1", "p1", [("CM01", 1, 2)], scene.at(24, "21:05")),
        ("own", "p3", "p3", [("CM38", 1, 1)], scene.at(28, "19:40")),
    ):
        story.see(buyer, promoter, "shop", at - timedelta(minutes=15))
        story.buy(name, buyer, items, at)
    story.then(scene.began, lambda at: shelves.change_rates(scene, at))


def _after_sales(story: Story) -> None:
    """Requests for money back with every end, and an order closed for each reason."""
    scene = story.scene
    for name, buyer, items, day in (
        ("partial", "b1", [("CM24", 0, 3), ("CM29", 0, 2)], 30),
        ("worn", "b2", [("CM04", 0, 1)], 22),
        ("kept", "b3", [("CM13", 1, 2)], 20),
        ("stuck", "b4", [("CM39", 0, 1)], 14),
        ("open", "b5", [("CM30", 0, 2)], 8),
        ("changed", "b1", [("CM20", 0, 1)], 6),
    ):
        at = scene.at(day, "11:20")
        story.see(buyer, "p3", items[0][0], at - timedelta(minutes=40))
        story.buy(name, buyer, items, at, ship=None if name == "changed" else 1)
    one_piece = [AfterSaleAsk(line_no=1, quantity=1)]
    paid_back = (("approve", 120), ("SUCCESS", 122))
    story.ask_back("partial", "一罐有破损", scene.at(24, "09:30"), *paid_back, lines=one_piece)
    story.ask_back("worn", "不喜欢", scene.at(17, "09:30"), ("reject", 600))
    story.ask_back("kept", "想换一个容量", scene.at(15, "09:30"), ("b3", 45))
    story.ask_back("stuck", "漏液", scene.at(9, "09:30"), ("approve", 240), ("CLOSED", 260))
    story.ask_back("changed", "拍错了", scene.at(6, "12:00"), ("approve", 30), ("SUCCESS", 32))
    story.then(scene.ago(200), lambda at: story.numbers.update(open=_ask_open(story, at)))
    story.on(5, "12:00", lambda at: _place_only(story, "forgotten", "b2", [("CM21", 0, 1)], at))
    story.on(4, "12:00", lambda at: _place_only(story, "dropped", "b3", [("CM28", 0, 2)], at))
    story.on(4, "12:06", lambda at: trade.cancel(scene, story.bought["dropped"], at))
    story.on(3, "15:00", lambda at: _place_only(story, "wrong", "b4", [("CM22", 0, 1)], at))
    story.on(3, "15:05", lambda at: trade.pay(scene, story.bought["wrong"], at, less_fen=10))


def _ask_open(story: Story, at: datetime) -> str:
    return trade.ask_back(story.scene, story.bought["open"], "有两块压碎了", at)


def _place_only(story: Story, name: str, buyer: str, items: trade.Items, at: datetime) -> None:
    story.bought[name] = trade.place(story.scene, name, buyer, items, at)


def _reviews(story: Story) -> None:
    """Commission held by the operator: still held, released, rejected; appeals; and a correction by two people."""
    scene = story.scene
    for name, buyer in (("neighbour", "b3"), ("same_home", "b4"), ("brushed", "b5")):
        at = scene.at(25, "16:00")
        story.see(buyer, "p1", "CM17", at - timedelta(minutes=10))
        story.buy(name, buyer, [("CM17", 0, 1)], at)
        story.on(20, "11:00", partial(_hold, story, name))
    story.on(19, "11:00", lambda at: trade.review(scene, story.bought["neighbour"], "release", at))
    story.on(18, "11:00", lambda at: trade.review(scene, story.bought["brushed"], "refuse", at))
    said = "买家是我小区的团购群友，聊天记录和收货照片都有，请复核。"
    story.on(17, "10:20", lambda at: appealed.appeal(scene, story.bought["brushed"].order_no, said, at))
    why = "收货后同日退回，且付款人与您相同，维持驳回。"
    story.on(16, "15:40", lambda at: appealed.refuse(scene, story.bought["brushed"].order_no, why, at))
    seen = "已电话联系买家：称与推客合租，快递由推客代收，待补充凭证。"
    story.on(3, "17:10", lambda at: appealed.note(scene, story.bought["same_home"].order_no, seen, at))
    home = "我和买家是合租室友，地址相同是因为一起收快递，可以提供租房合同。"
    story.on(2, "20:15", lambda at: appealed.appeal(scene, story.bought["same_home"].order_no, home, at))
    story.on(10, "15:00", lambda at: trade.adjust(scene, "p3", 500, at))


def _hold(story: Story, name: str, at: datetime) -> None:
    trade.review(story.scene, story.bought[name], "hold", at)


def _nobody(story: Story) -> None:
    """Orders that nobody earns, one for each common reason; and one earned by a binding."""
    scene = story.scene
    story.on(43, "10:00", lambda at: shelves.exclude(scene, "CM33", at))
    for buyer, promoter, no, seen, made, wanted, placed in (
        ("b6", "p1", "CM33", scene.at(42, "20:00"), scene.at(44, "12:00"), "CM33", scene.at(41, "20:00")),
        ("b7", "p2", "CM18", scene.at(40, "19:00"), None, "CM19", scene.at(40, "19:30")),
        ("b8", "p1", "CM20", scene.at(60, "19:00"), None, "CM20", scene.at(41, "19:30")),
        ("b9", "p2", "CM23", scene.at(42, "19:00"), scene.at(69, "12:00"), "CM23", scene.at(37, "19:30")),
        ("b10", "p4", "CM36", scene.at(17, "19:00"), scene.at(30, "12:00"), "CM36", scene.at(16, "19:30")),
        ("b7", "p1", "shop", scene.at(34, "18:00"), None, "CM40", scene.at(12, "18:30")),
        ("b10", "p7", "CM16", scene.at(11, "19:00"), scene.at(13, "12:00"), "CM16", scene.at(11, "19:30")),
    ):
        story.see(buyer, promoter, no, seen, made=made)
        story.buy(f"nobody_{buyer}_{wanted}", buyer, [(wanted, 0, 1)], placed)
    sold = scene.at(50, "20:30")
    story.see("b10", "p7", "CM16", sold - timedelta(minutes=25))
    story.buy("kept_apart", "b10", [("CM16", 0, 1)], sold)
    story.on(12, "16:00", lambda at: trade.block(scene, "shop", "p7", at))
    story.buy("nobody_b6_CM10", "b6", [("CM10", 0, 1)], scene.at(45, "20:00"))


def _tea(story: Story) -> None:
    """The external shop: paid in advance, until it isn't; and three orders that nobody earns."""
    scene = story.scene
    story.on(62, "10:00", lambda at: trade.top_up(scene, "tea", 20_000, at))
    for name, buyer, promoter, items, day in (
        ("A", "b9", "p2", [("HT06", 0, 2)], 60),
        ("B", "b10", "p3", [("HT10", 0, 1)], 24),
        ("C", "b2", "p1", [("HT14", 0, 2)], 3),
        ("D", "b1", "p3", [("HT07", 0, 4)], 2),
    ):
        at = scene.at(day, "14:00")
        story.see(buyer, promoter, "tea", at - timedelta(minutes=30))
        received = at + timedelta(days=4) if day > 4 else None
        told = partial(_report, story, (name, buyer, items), at, received)
        story.then(max(at, received or at), told)
    late = scene.at(15, "10:00")
    story.see("b8", "p1", "tea", late + timedelta(hours=1))
    story.then(late + timedelta(hours=2), lambda _: trade.report(scene, "E", "b8", [("HT03", 0, 1)], late, later=120))
    own = scene.at(14, "10:00")
    story.see("p1", "p1", "tea", own - timedelta(minutes=10))
    story.then(own, lambda at: trade.report(scene, "F", "p1", [("HT18", 0, 1)], at))


def _report(
    story: Story, what: tuple[str, str, trade.Items], placed: datetime, received: datetime | None, _now: datetime
) -> None:
    trade.report(story.scene, *what, placed, received=received)


def _paydays(story: Story) -> None:
    """Withdrawals with every end."""
    scene, numbers = story.scene, story.numbers
    for party, percent in (("p1", 50), ("p4", 100), ("p3", 60), ("shop", 40)):
        name = f"first_{party}"
        _withdraw(story, name, party, percent, scene.at(32, "10:00"))
        story.on(32, "15:00", partial(_approve, story, name))
    story.on(32, "16:00", lambda at: numbers.update(batch=payday.to_bank(scene, "first", at)))
    story.on(31, "11:00", lambda at: payday.from_bank(scene, numbers["batch"], numbers["first_p3"], at))
    _withdraw(story, "wechat", "p2", 60, scene.at(28, "10:00"))
    story.on(28, "11:00", lambda at: payday.approve(scene, numbers["wechat"], at))
    story.on(28, "11:05", lambda at: payday.to_wechat(scene, numbers["wechat"], at))
    story.on(28, "13:05", lambda at: payday.confirmed(scene, numbers["wechat"], at))
    _withdraw(story, "refused", "p1", 20, scene.at(12, "10:00"))
    story.on(12, "17:00", lambda at: payday.reject(scene, numbers["refused"], at))
    _withdraw(story, "rethought", "p1", 20, scene.at(11, "10:00"))
    story.on(11, "10:30", lambda at: payday.take_back(scene, numbers["rethought"], "p1", at))
    _withdraw(story, "leader", "leader", 100, scene.at(1, "10:00"))
    story.on(1, "11:00", lambda at: payday.approve(scene, numbers["leader"], at))
    story.on(1, "12:00", lambda at: numbers.update(leader_batch=payday.to_bank(scene, "leader", at)))


def _approve(story: Story, name: str, at: datetime) -> None:
    payday.approve(story.scene, story.numbers[name], at)


def _withdraw(story: Story, name: str, party: str, percent: int, at: datetime) -> None:
    story.then(at, lambda at: story.numbers.update({name: payday.ask(story.scene, name, party, percent, at)}))


def _today(story: Story) -> None:
    """What is under way at the story's present, and two fresh links to look at."""
    scene, numbers = story.scene, story.numbers
    story.see("b3", "p2", "CM31", scene.ago(330))
    story.buy("to_ship", "b3", [("CM31", 0, 1)], scene.ago(300), ship=None)
    story.see("b4", "p3", "CM09", scene.at(2, "09:30"))
    story.buy("under_way", "b4", [("CM09", 0, 1)], scene.at(2, "10:00"), receive=None)
    story.see("b5", "p1", "CM35", scene.ago(15))
    story.then(scene.ago(8), lambda at: _place_only(story, "unpaid", "b5", [("CM35", 0, 1)], at))
    _withdraw(story, "to_confirm", "p2", 70, scene.ago(180))
    story.then(scene.ago(170), lambda at: payday.approve(scene, numbers["to_confirm"], at))
    story.then(scene.ago(160), lambda at: payday.to_wechat(scene, numbers["to_confirm"], at))
    _withdraw(story, "approved", "shop", 20, scene.ago(120))
    story.then(scene.ago(60), lambda at: payday.approve(scene, numbers["approved"], at))
    _withdraw(story, "asked", "p3", 50, scene.ago(45))
    story.then(scene.ago(40), lambda at: payday.file_return(scene, numbers["first_p1"], at))
    story.then(scene.ago(35), lambda at: payday.correct(scene, "difference", "p2", 880, at))
    for no in ("shop", "CM01"):
        story.then(scene.ago(30), partial(_make_link, story, no))
    story.then(scene.ago(90), lambda at: opening.file_only(scene, "p5", at))


def _make_link(story: Story, no: str, at: datetime) -> None:
    trade.link(story.scene, "p1", no, at)
