"""What buyers, promoters, shops and the provider do in the story: one function an act, each a step of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tuike.attribution import service as attribution
from tuike.attribution.types import LeaderTerms, Target
from tuike.catalog import queries as catalog
from tuike.commission import queries as accruals
from tuike.commission import service as commission
from tuike.commission.types import Payee, Role
from tuike.doors.cli.story import leading
from tuike.doors.cli.story.goods import shop_of
from tuike.doors.cli.story.people import BY_KEY, Character
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import close_unpaid, confirm_payments, receive_orders, refund_order, send_refunds
from tuike.flows.place_order import Wanted, place_order
from tuike.flows.record_touch import record_touch
from tuike.flows.report_orders import report_orders
from tuike.flows.ship_order import ship_order
from tuike.gateways.types import Notice, NoticeKind, PaymentFact, RefundFact, RefundState, TradeState
from tuike.orders import queries as orders
from tuike.orders.types import Address, AfterSaleAsk, ExternalReport, LineDraft
from tuike.parties import service as parties
from tuike.payments import queries as intents
from tuike.payments import service as payments

_DESCRIBED = {"top_up": "佣金预存款充值", "red_packet": "红包", "deposit": "推客保证金"}
CITIES = (
    ("杭州市 西湖区", "330106"),
    ("成都市 锦江区", "510104"),
    ("苏州市 姑苏区", "320508"),
    ("厦门市 思明区", "350203"),
    ("长沙市 岳麓区", "430104"),
)
"""Where buyers live, by their place in the cast: names, and the district's six digits."""


@dataclass(frozen=True, slots=True)
class Bought:
    """An order that was placed in the mall."""

    name: str
    buyer: str
    checkout_no: str
    order_no: str
    payable_fen: int
    shop: str = "shop"


Items = Sequence[tuple[str, int, int]]
"""What somebody buys: (the product's own number, which choice, how many)."""


def link(scene: Scene, promoter: str, no: str, at: datetime, *, led: bool = False) -> str:
    """Make a promoter's link for a product (or the shop `shop` or `tea`), the leader's activity with it or not."""
    name = f"link:{promoter}:{no}:{at:%m%d}{':led' if led else ''}"
    return scene.progress.once(name, _link, scene, promoter, no, at=at, led=led, key=f"demo:{name}")["code"]


def _link(scene: Scene, promoter: str, no: str, *, at: datetime, led: bool, key: str) -> Answer:
    shop = no if no in scene.parties else shop_of(no)
    target = Target(
        merchant_id=scene.parties[shop],
        product_id=scene.products.get(no),
        leader=LeaderTerms(scene.parties["leader"], leading.activity_with(scene, no, at)) if led else None,
    )
    pid, promoter_id = scene.places[promoter][0], scene.parties[promoter]
    made = attribution.make_links(promoter_id=promoter_id, pid=pid, targets=[target], key=key, now=at)
    return {"code": made[0].code}


def touch(scene: Scene, buyer: str, code: str, at: datetime) -> None:
    """Let a buyer see a promoter's material."""
    scene.progress.flow(f"touch:{buyer}:{code}:{at:%m%d%H%M}", _touch, scene, buyer, code, at)


def _touch(scene: Scene, buyer: str, code: str, at: datetime) -> None:
    person, key = scene.persons[buyer], f"demo:{code}:{at:%m%d%H%M}"
    record_touch(ticket_or_code=code, buyer_id=person, key=key, now=at)


def place(scene: Scene, name: str, buyer: str, items: Items, at: datetime) -> Bought:
    """Let a buyer place an order."""
    answer = scene.progress.flow(f"place:{name}", _place, scene, name, buyer, items, at)
    shop = shop_of(items[0][0])
    return Bought(name, buyer, answer["checkout_no"], answer["order_no"], answer["payable_fen"], shop)


def _place(scene: Scene, name: str, buyer: str, items: Items, at: datetime) -> Answer:
    who = BY_KEY[buyer]
    wanted = Wanted(
        items=tuple((scene.skus[no][which], quantity) for no, which, quantity in items), address=address_of(who)
    )
    placed = place_order(buyer_id=scene.persons[buyer], visitor="", wanted=wanted, key=f"demo:{name}", now=at)
    told = {part: placed[part] for part in ("checkout_no", "payable_fen")}
    return told | {"order_no": placed["orders"][0]["no"]}


def address_of(who: Character) -> Address:
    """Return where somebody's parcels go."""
    region, code = CITIES[who.seq % len(CITIES)]
    return Address(name=who.name, phone=who.phone, region=region, detail=f"演示路 {who.seq} 号", region_code=code)


def pay(scene: Scene, bought: Bought, at: datetime, *, less_fen: int = 0) -> None:
    """Let the buyer pay; `less_fen`: the provider tells of another amount than was asked for."""
    purpose, payer = f"checkout:{bought.checkout_no}", BY_KEY[bought.buyer].openid
    _pay(scene, purpose, payer, asked_fen=bought.payable_fen, paid_fen=bought.payable_fen - less_fen, at=at)


def top_up(scene: Scene, shop: str, amount_fen: int, at: datetime) -> None:
    """Let an external shop pay into its prepaid balance."""
    purpose = f"top_up:{scene.parties[shop]}:demo-{at:%m%d}"
    _pay(scene, purpose, BY_KEY[shop].openid, asked_fen=amount_fen, paid_fen=amount_fen, at=at)


def pay_packet(scene: Scene, buyer: str, no: str, amount_fen: int, at: datetime) -> None:
    """Let a buyer pay the red packet that they send."""
    _pay(scene, f"red_packet:{no}", BY_KEY[buyer].openid, asked_fen=amount_fen, paid_fen=amount_fen, at=at)


def pay_deposit(scene: Scene, buyer: str, no: str, amount_fen: int, at: datetime) -> None:
    """Let somebody pay the deposit that they apply with."""
    _pay(scene, f"deposit:{no}", BY_KEY[buyer].openid, asked_fen=amount_fen, paid_fen=amount_fen, at=at)


def _pay(scene: Scene, purpose: str, payer: str, *, asked_fen: int, paid_fen: int, at: datetime) -> None:
    said = {"asked_fen": asked_fen, "paid_fen": paid_fen, "at": at}
    scene.progress.once(f"pay:{purpose}", _told_of_payment, scene, purpose, payer, **said)
    scene.progress.flow(f"confirm:{purpose}", _confirm, at)


def _told_of_payment(scene: Scene, purpose: str, payer: str, *, asked_fen: int, paid_fen: int, at: datetime) -> None:
    intent = payments.open_intent(
        purpose=purpose,
        amount_fen=asked_fen,
        channel="wechatpay",
        mode="jsapi",
        description=_DESCRIBED.get(purpose.partition(":")[0], "商城订单"),
        payer=payer,
        expires_at=at + timedelta(minutes=30),
        now=at - timedelta(seconds=20),
    )
    fact = PaymentFact(
        out_trade_no=intent.no,
        trade_state=TradeState.SUCCESS,
        mchid=scene.mchid,
        appid=scene.appid,
        transaction_id=f"420000{intent.id:022d}",
        amount_fen=paid_fen,
        currency="CNY",
        payer_openid=payer,
        success_at=at,
    )
    _keep(NoticeKind.PAYMENT, f"demo-{intent.no}", "TRANSACTION.SUCCESS", fact, at)


def _keep(kind: NoticeKind, id_: str, event: str, fact: PaymentFact | RefundFact, at: datetime) -> None:
    notice = Notice(kind=kind, id=id_, event_type=event, created_at=at, fact=fact)
    payments.keep_notice(channel="wechatpay", notice=notice, now=at)


def _confirm(at: datetime) -> None:
    confirm_payments.confirm_payments(now=at)


def ship(scene: Scene, bought: Bought, at: datetime) -> None:
    """Let the shop ship."""
    scene.progress.flow(f"ship:{bought.name}", _ship, scene, bought, at)


def _ship(scene: Scene, bought: Bought, at: datetime) -> None:
    number = f"DEMO{bought.order_no}"
    ship_order(
        merchant_id=scene.parties[bought.shop], order_no=bought.order_no, carrier="演示快递", tracking_no=number, now=at
    )


def receive(scene: Scene, bought: Bought, at: datetime) -> None:
    """Let the buyer confirm receipt."""
    scene.progress.flow(f"receive:{bought.name}", _receive, scene, bought, at)


def _receive(scene: Scene, bought: Bought, at: datetime) -> None:
    receive_orders.receive_order(buyer_id=scene.persons[bought.buyer], order_no=bought.order_no, now=at)


def cancel(scene: Scene, bought: Bought, at: datetime) -> None:
    """Let the buyer cancel what isn't paid."""
    scene.progress.flow(f"cancel:{bought.name}", _cancel, scene, bought, at)


def _cancel(scene: Scene, bought: Bought, at: datetime) -> None:
    close_unpaid.cancel_order(buyer_id=scene.persons[bought.buyer], checkout_no=bought.checkout_no, now=at)


def ask_back(
    scene: Scene, bought: Bought, reason: str, at: datetime, lines: Sequence[AfterSaleAsk] | None = None
) -> str:
    """Let the buyer ask money back (None: for everything) and return the request's number."""
    return scene.progress.flow(f"ask_back:{bought.name}", _ask_back, scene, bought, reason, at, lines)["no"]


def _ask_back(scene: Scene, bought: Bought, reason: str, at: datetime, lines: Sequence[AfterSaleAsk] | None) -> Answer:
    buyer_id, key = scene.persons[bought.buyer], f"demo:{bought.name}"
    return refund_order.ask_refund(
        buyer_id=buyer_id, order_no=bought.order_no, lines=lines, reason=reason, key=key, now=at
    )


def decide_back(scene: Scene, no: str, verdict: str, at: datetime) -> None:
    """Let the shop approve or reject a request, or the buyer (by key) take it back."""
    scene.progress.flow(f"{verdict}:{no}", _decide_back, scene, no, verdict, at)


def _decide_back(scene: Scene, no: str, verdict: str, at: datetime) -> None:
    shop, key = scene.parties["shop"], f"demo:{no}"
    if verdict == "approve":
        refund_order.approve_refund(no=no, merchant_id=shop, actor=scene.manager, key=key, now=at)
    elif verdict == "reject":
        why = "商品已使用，不符合七天无理由退货条件"
        refund_order.reject_refund(no=no, merchant_id=shop, reason=why, actor=scene.manager, key=key, now=at)
    else:
        refund_order.cancel_refund(buyer_id=scene.persons[verdict], no=no, key=key, now=at)


def hear_of_refund(scene: Scene, no: str, state: RefundState, at: datetime) -> None:
    """Let the provider tell what became of an approved request's refund."""
    scene.progress.once(f"refund:{no}", _told_of_refund, no, state, at)
    scene.progress.flow(f"refund_confirm:{no}", _confirm_refunds, at)


def _told_of_refund(no: str, state: RefundState, at: datetime) -> None:
    purpose = f"after_sale:{no}"
    refund = intents.refunds_of([purpose])[purpose]
    intent = intents.intents_by_no([refund.intent_no])[refund.intent_no]
    fact = RefundFact(
        out_refund_no=refund.no,
        refund_id=f"503000{refund.id:022d}",
        out_trade_no=intent.no,
        transaction_id=intent.transaction_no or "",
        state=state,
        refund_fen=refund.amount_fen,
        total_fen=intent.paid_fen,
        success_at=at if state is RefundState.SUCCESS else None,
    )
    _keep(NoticeKind.REFUND, f"demo-{refund.no}", f"REFUND.{state}", fact, at)


def _confirm_refunds(at: datetime) -> None:
    send_refunds.confirm_refunds(now=at)


def report(
    scene: Scene, name: str, buyer: str, items: Items, at: datetime, *, received: datetime | None = None, later: int = 5
) -> None:
    """Let the external shop report an order of its own, `later` minutes after it was placed and paid."""
    said = {"at": at, "received": received, "later": later}
    scene.progress.flow(f"report:{name}", _report, scene, name, buyer, items, **said)


def _report(
    scene: Scene, name: str, buyer: str, items: Items, *, at: datetime, received: datetime | None, later: int
) -> None:
    facts = catalog.sku_facts([scene.skus[no][which] for no, which, _ in items])
    lines = [
        LineDraft(
            product_id=sku.product_id,
            sku_id=sku.sku_id,
            category_id=sku.category_id,
            title=sku.title,
            spec=sku.spec,
            price_fen=sku.price_fen,
            quantity=quantity,
        )
        for no, which, quantity in items
        for sku in [facts[scene.skus[no][which]]]
    ]
    told = ExternalReport(
        external_no=f"BS{at:%Y%m%d}{name}",
        placed_at=at,
        paid_at=at + timedelta(minutes=1),
        received_at=received,
        lines=lines,
        buyer_id=scene.persons[buyer],
    )
    heard = max(at + timedelta(minutes=later), received or at)
    report_orders(merchant_id=scene.parties["tea"], reports=[told], now=heard)


def review(scene: Scene, bought: Bought, verdict: str, at: datetime) -> None:
    """Let the operator hold, release or reject what the promoter earns from an order."""
    scene.progress.once(f"{verdict}:{bought.name}", _review, scene, bought, verdict, at)


def _review(scene: Scene, bought: Bought, verdict: str, at: datetime) -> None:
    order = orders.orders_by_no([bought.order_no])[bought.order_no]
    found = accruals.accruals_of([line.id for line in order.lines])
    verb = {"hold": commission.hold, "release": commission.release, "refuse": commission.reject}[verdict]
    reasons = {"hold": "收货地址与推客地址相同，待核实", "release": "已核实，为邻居代收", "refuse": "核实为虚假交易"}
    wanted = [one.accrual_id for one in found if one.role is Role.DIRECT]
    verb(accrual_ids=wanted, reason=reasons[verdict], actor=scene.running, now=at)


def adjust(scene: Scene, promoter: str, amount_fen: int, at: datetime) -> None:
    """Let the operator correct a promoter's balance: one person asks, another approves."""
    scene.progress.once(f"adjust:{promoter}", _adjust, scene, promoter, amount_fen, at)


def _adjust(scene: Scene, promoter: str, amount_fen: int, at: datetime) -> None:
    payee = Payee("promoter", scene.parties[promoter])
    no = commission.ask_adjustment(
        payee=payee, amount_fen=amount_fen, reason="新人任务奖励补发", sale_id=None, actor=scene.running, now=at
    )
    commission.approve_adjustment(no=no, actor=scene.finance, now=at + timedelta(minutes=20))


def block(scene: Scene, shop: str, promoter: str, at: datetime) -> None:
    """Let a shop work with a promoter no more."""
    scene.progress.once(f"block:{shop}:{promoter}", _block, scene, shop, promoter, at)


def _block(scene: Scene, shop: str, promoter: str, at: datetime) -> None:
    attribution.block_promoter(
        merchant_id=scene.parties[shop],
        promoter_id=scene.parties[promoter],
        reason="宣传内容与商品不符，多次提醒未改",
        actor=scene.actor(shop, shop),
        now=at,
    )


def suspend(scene: Scene, promoter: str, at: datetime) -> None:
    """Let the operator suspend a promoter."""
    scene.progress.once(f"suspend:{promoter}", _suspend, scene, promoter, at)


def _suspend(scene: Scene, promoter: str, at: datetime) -> None:
    why = "多笔订单在结算后退款，欠款未还"
    parties.suspend(party_id=scene.parties[promoter], reason=why, actor=scene.running, now=at)
