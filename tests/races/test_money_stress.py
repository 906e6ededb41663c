"""Every journey of money at once, on few accounts: whatever wins, the books hold and nobody is left with a deadlock."""

import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import people as make_people
from tests.make import plans as make_plans
from tests.make import settlement as make_settlement
from tuike.audit.types import OPERATOR_SHELL, Actor
from tuike.commission import service as commission
from tuike.commission.types import Payee
from tuike.db import retry as retries
from tuike.db import rows
from tuike.flows.close_unpaid import _record as close_checkout
from tuike.flows.confirm_payments import confirm_answers, confirm_payments
from tuike.flows.mature_lines import mature_lines
from tuike.flows.receive_orders import receive_order
from tuike.flows.refund_order import approve_after_sales, approve_refund, ask_refund, open_after_sales, reject_refund
from tuike.flows.send_refunds import confirm_refunds
from tuike.flows.ship_order import ship_order
from tuike.flows.start_payment import _open_checkout
from tuike.gateways.types import Channel
from tuike.kit.errors import Refusal
from tuike.orders.types import AfterSaleAsk, AfterSaleDraft, CloseReason, OrderRef
from tuike.parties.types import Source
from tuike.payments import queries as payments_of
from tuike.payments import service as payments
from tuike.settlement import service as settlement
from tuike.settlement.types import Heard

SECONDS = float(os.environ.get("TUIKE_STRESS_SECONDS", "3"))
THREADS = 6


@dataclass
class World:
    """What the threads share."""

    mall: make.Alliance
    external: make.Alliance
    orders: list[OrderRef] = field(default_factory=list)
    unpaid: list[OrderRef] = field(default_factory=list)
    reported: list[OrderRef] = field(default_factory=list)
    payouts: list[str] = field(default_factory=list)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def now(self) -> datetime:
        return make.NOON + timedelta(minutes=5, seconds=next(self.numbers))


def world() -> World:
    mall = make.alliance()
    make_plans.campaign(mall.shop.id, rate_bps=2000, budget_fen=200_000, now=make.NOON)
    shop = make_parties.merchant(name="外店", source=Source.MINI_PROGRAM)
    product = make_catalog.product(merchant_id=shop.id, category_id=mall.category_id, price_fen=4_000, title="外店茶")
    make_plans.main_product(shop.id, product, 1000)
    make_plans.distribution(shop.id, {2: 300})
    external = replace(mall, shop=shop, product_id=product, buyer_id=make_people.person().id, links={})
    made = World(mall, external)
    make.touch(mall, now=make.NOON)
    make.touch(external, now=make.NOON)
    for party in (mall.promoter, mall.shop):
        make_parties.bank_account(party)
    return made


def place(w: World, dice: random.Random) -> None:
    order = make.placed(
        w.mall,
        pieces=dice.choice([(1,), (2,), (1, 1)]),
        coupon_fen=dice.choice([0, 0, 5_990, 777]),
        freight_fen=dice.choice([0, 800]),
        now=w.now(),
    )
    w.unpaid.append(order)


def pay(w: World, dice: random.Random) -> None:
    order = dice.choice(w.unpaid)
    intent = _open_checkout(order.buyer_id or 0, order.checkout_no or "", "o1", Channel.JSAPI, make.NOON)
    fen = order.payable_fen + (dice.random() < 0.05)
    transaction_id = f"42{intent.no}{dice.choice(['', '', '', 'x'])}"
    fact = make_payments.fact(
        intent.no, amount_fen=fen, success_at=w.now(), payer_openid="nobody", transaction_id=transaction_id
    )
    if dice.random() < 0.7:
        payments.keep_notice(channel="wechatpay", notice=make_payments.notice(fact), now=w.now())
    else:
        confirm_answers(facts=[fact], now=w.now())
    w.orders.append(order)


def confirm(w: World, dice: random.Random) -> None:
    confirm_payments(now=w.now(), limit=dice.choice([3, 50]))
    confirm_refunds(now=w.now(), limit=dice.choice([3, 50]))


def close(w: World, dice: random.Random) -> None:
    order = dice.choice(w.unpaid)
    purpose = f"checkout:{order.checkout_no}"
    intent = payments_of.intents_of([purpose]).get(purpose)
    close_checkout(order.checkout_no, intent.no if intent else None, CloseReason.UNPAID_IN_TIME, w.now())


def receive(w: World, dice: random.Random) -> None:
    order = dice.choice(w.orders)
    ship_order(merchant_id=order.merchant_id, order_no=order.no, carrier="SF", tracking_no=order.no, now=w.now())
    receive_order(buyer_id=order.buyer_id or 0, order_no=order.no, now=w.now())


def mature(w: World, dice: random.Random) -> None:
    now = w.now()
    mature_lines(until=now + timedelta(days=28), now=now, batch=dice.choice([2, 100]))


def refund(w: World, dice: random.Random) -> None:
    order = dice.choice(w.orders)
    some = [AfterSaleAsk(line_no=1, quantity=dice.choice([0, 1]), amount_fen=dice.choice([None, 1, 500]))]
    key = f"k{next(w.numbers)}"
    asked = ask_refund(
        buyer_id=order.buyer_id or 0,
        order_no=order.no,
        lines=dice.choice([None, some, some]),
        reason="不想要了",
        key=key,
        now=w.now(),
    )
    if dice.random() < 0.2:
        reject_refund(no=asked["no"], merchant_id=order.merchant_id, reason="不", actor=OPERATOR_SHELL, now=w.now())
        return
    approve_refund(no=asked["no"], merchant_id=order.merchant_id, actor=OPERATOR_SHELL, now=w.now())
    for made in payments_of.refunds_of([f"after_sale:{asked['no']}"]).values():
        fact = make_payments.refund_fact(made, total_fen=order.payable_fen, success_at=w.now())
        for _ in range(dice.choice([1, 2])):
            payments.keep_notice(channel="wechatpay", notice=make_payments.notice(fact), now=w.now())


def report(w: World, dice: random.Random) -> None:
    number = f"EXT-{dice.randrange(10_000)}"
    again(lambda: w.reported.append(make.reported(w.external, external_no=number, touched=False, now=w.now())))


def refund_reported(w: World, dice: random.Random) -> None:
    order = dice.choice(w.reported)

    def work() -> None:
        with transaction.atomic():
            asked = open_after_sales([AfterSaleDraft(order_id=order.id, lines=None, reason="")], w.now())
            approve_after_sales([asked[0].no], merchant_id=order.merchant_id, actor=OPERATOR_SHELL, now=w.now())

    again(work)


def top_up(w: World, dice: random.Random) -> None:
    make.topped_up(w.external, dice.choice([100, 600, 2_000]), now=w.now())


def withdraw(w: World, dice: random.Random) -> None:
    party = dice.choice([w.mall.promoter, w.mall.shop])

    def work() -> None:
        with transaction.atomic():
            w.payouts.append(make_settlement.asked(party, dice.choice([100, 700, 3_000]), now=w.now()))

    again(work)


def pay_out(w: World, dice: random.Random) -> None:
    no = dice.choice(w.payouts)

    def work() -> None:
        with transaction.atomic():
            if dice.random() < 0.3:
                settlement.cancel(no=no, actor=make_settlement.ASKER, now=w.now())
                return
            settlement.approve(no=no, actor=make_settlement.FIRST, now=w.now())
            rail = make_settlement.shown(no).rail
            settlement.take_to_send(rail=rail, limit=1, batch_file_no="B1", now=w.now())
        with transaction.atomic():
            heard = dice.choice([Heard.PAID, Heard.RETURNED])
            settlement.record_outcomes(outcomes=[make_settlement.outcome(no, heard, at=w.now())], now=w.now())

    again(work)


def judge(w: World, dice: random.Random) -> None:
    found = rows.query(
        "SELECT id FROM commission_accrual WHERE state IN ('waiting', 'pending') ORDER BY random() LIMIT 2"
    )
    ids = [id_ for (id_,) in found]
    said = {"reason": "抽查", "actor": Actor("console", person_id=1, role="operator"), "now": w.now()}

    def work() -> None:
        with transaction.atomic():
            commission.hold(accrual_ids=ids, **said)
        with transaction.atomic():
            dice.choice([commission.release, commission.reject])(accrual_ids=ids, **said)

    again(work)


def adjust(w: World, dice: random.Random) -> None:
    payee = Payee("promoter", w.mall.promoter.id)
    author, other = (Actor("console", person_id=i, role="finance") for i in (1, 2))

    def work() -> None:
        with transaction.atomic():
            fen = dice.choice([-900, 300])
            no = commission.ask_adjustment(
                payee=payee, amount_fen=fen, reason="更正", sale_id=None, actor=author, now=w.now()
            )
            commission.approve_adjustment(no=no, actor=other, now=w.now())

    again(work)


again = retries.retry(lambda work: work())
DEEDS: list[tuple[Callable[[World, random.Random], None], int]] = [
    (place, 6),
    (pay, 8),
    (confirm, 5),
    (close, 1),
    (receive, 5),
    (mature, 3),
    (refund, 4),
    (report, 3),
    (refund_reported, 2),
    (top_up, 2),
    (withdraw, 3),
    (pay_out, 3),
    (judge, 2),
    (adjust, 1),
]


def test_everything_at_once_leaves_the_books_in_order(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    w = world()
    done: Counter[str] = Counter()
    broken: list[str] = []
    begun = time.monotonic()
    state = retries._state

    def watched(error: Exception) -> str | None:
        found = state(error)  # type: ignore[arg-type]
        done[f"victim {found}"] += 1
        return found

    monkeypatch.setattr(retries, "_state", watched)

    def all_done() -> bool:
        return all(done[deed.__name__] for deed, _ in DEEDS if deed is not close)

    def over() -> bool:
        lasted = time.monotonic() - begun
        return lasted > SECONDS and (all_done() or lasted > 20 * SECONDS)

    def run(seed: int) -> None:
        dice = random.Random(seed)
        deeds, weights = zip(*DEEDS, strict=True)
        try:
            while not broken and not over():
                (deed,) = dice.choices(deeds, weights)
                try:
                    deed(w, dice)
                    done[deed.__name__] += 1
                except Refusal as refusal:
                    done[f"{deed.__name__} {refusal.code}"] += 1
                except IndexError:
                    pass  # nothing there yet to choose from
                except Exception as error:
                    broken.append(f"{deed.__name__}: {type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken, broken
    books.check()
    while confirm_payments(now=w.now()).notices + confirm_refunds(now=w.now()):
        pass
    mature(w, random.Random(0))
    books.check()
    assert all_done(), done
    if os.environ.get("TUIKE_STRESS_SECONDS"):
        print(sorted(done.items()))  # noqa: T201 for who asked for a longer run
