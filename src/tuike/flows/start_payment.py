"""A buyer pays a checkout, a red packet or a deposit, or a merchant a top-up: mark, ask the provider, record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction

from tuike.db.retry import retry
from tuike.flows import deposit_money, outside, packet_money, prepaid
from tuike.flows.apply_to_network import own
from tuike.gateways.types import Channel, PrepayRequest
from tuike.kit.errors import Invalid, Refusal
from tuike.marketing import service as marketing
from tuike.network import queries as network_of
from tuike.network import service as network
from tuike.network.types import ApplicationState, DepositNotNeeded
from tuike.orders import queries as orders
from tuike.orders.types import NotInThisState, OrderState
from tuike.payments import service as payments
from tuike.payments.types import IntentRef
from tuike.people import queries as people
from tuike.settings import service as mall

TOP_UP_LIFE = timedelta(hours=2)
MAX_TOP_UP_FEN = 10**10


@dataclass(frozen=True, slots=True)
class Started:
    """A payment that can be made now: its number, the amount, and what the client hands to WeChat."""

    intent_no: str
    amount_fen: int
    prepared: Mapping[str, Any]


class PayerApp(StrEnum):
    """Where WeChat's own cashier opens: in the mini-program, or on a page in WeChat's browser."""

    MINI = "mini"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays in which app of WeChat; both empty where anybody may pay."""

    appid: str
    openid: str = field(repr=False)


class NoPayerThere(Refusal):
    """WeChat's cashier opens for who has signed in by WeChat in that app, and the person hasn't."""

    code = "no_payer_there"
    status = 409
    zh = "请先在此处用微信登录，再支付"
    en = "Sign in with WeChat here first, then pay."


def payer_of(*, person_id: int, mode: Channel, app: PayerApp) -> Payer:
    """Return whom WeChat lets pay: in its own cashier the person as the app knows them, else anybody.

    Raises:
        NoPayerThere: the person never signed in there, or there is no such app.
    """
    if mode is not Channel.JSAPI:
        return Payer("", "")
    appid = outside.web_appid() if app is PayerApp.WEB else mall.mall_appid()
    openid = people.openids_of([person_id], appid=appid).get(person_id) if appid else None
    if openid is None:
        raise NoPayerThere
    return Payer(appid, openid)


def start_payment(
    *, buyer_id: int, checkout_no: str, payer: Payer, mode: Channel, now: datetime, client_ip: str = "127.0.0.1"
) -> Started:
    """Prepare the payment of a buyer's own unpaid checkout at WeChat Pay; asked again, it is the same payment.

    `client_ip` is the payer's, which WeChat compares in a phone's browser (H5); `payer` see `payer_of`.

    Raises:
        NotFound: no such checkout, or somebody else's.
        NotInThisState: it is paid or closed.
        IntentReused: it was started in another mode or by another payer.
        Unreachable, Refused: see gateways; the order stays unpaid and may be tried again.
    """
    intent = _open_checkout(buyer_id, checkout_no, payer.openid, mode, now)
    return _prepare(intent, client_ip, payer.appid)


def start_top_up(*, merchant_id: int, amount_fen: int, openid: str, mode: Channel, key: str, now: datetime) -> Started:
    """Prepare a top-up of an external shop's prepaid balance; `key` makes the second call the first one.

    Raises:
        Invalid: the amount is not positive, or too large.
        KeyMalformed: the key.
        IntentReused: the key was used for another amount.
        Unreachable, Refused: see gateways.
    """
    if not 0 < amount_fen <= MAX_TOP_UP_FEN:
        raise Invalid(field="amount_fen", reason_zh="金额不在允许范围内", reason_en="out of bounds")
    with transaction.atomic(durable=True):
        intent = payments.open_intent(
            purpose=prepaid.purpose(merchant_id=merchant_id, key=key),
            amount_fen=amount_fen,
            channel="wechatpay",
            mode=mode,
            description="佣金预存款充值",
            payer=openid,
            expires_at=now + TOP_UP_LIFE,
            now=now,
        )
    return _prepare(intent)


def start_red_packet(
    *, buyer_id: int, no: str, payer: Payer, mode: Channel, now: datetime, client_ip: str = "127.0.0.1"
) -> Started:
    """Prepare the payment of a buyer's own red packet that waits to be paid; asked again, it is the same payment.

    Raises:
        NotFound, FunctionOff, PacketNotUnpaid: see marketing.lock_unpaid.
        IntentReused, Unreachable, Refused: see `start_payment`.
    """
    with transaction.atomic(durable=True):
        packet = marketing.lock_unpaid(buyer_id=buyer_id, no=no, now=now)
        intent = payments.open_intent(
            purpose=packet_money.purpose(no),
            amount_fen=packet.total_fen,
            channel="wechatpay",
            mode=mode,
            description="红包",
            payer=payer.openid,
            expires_at=packet.ends_at,
            now=now,
        )
    return _prepare(intent, client_ip, payer.appid)


def start_deposit(
    *, person_id: int, promoter_id: int, payer: Payer, mode: Channel, now: datetime, client_ip: str = "127.0.0.1"
) -> Started:
    """Prepare the payment of the deposit that a promoter's application under review asks for, by its super
    administrator; asked again, it is the same payment.

    Raises:
        NotFound: not a promoter of the person's. Forbidden: another seat.
        DepositNotNeeded: no application under review asks for one, or it is paid.
        DepositNotUnpaid: the time to pay the last one is over, and its payment isn't closed yet.
        IntentReused, Unreachable, Refused: see `start_payment`.
    """
    return _prepare(_open_deposit(person_id, promoter_id, payer.openid, mode, now), client_ip, payer.appid)


@retry
def _open_deposit(person_id: int, promoter_id: int, openid: str, mode: Channel, now: datetime) -> IntentRef:
    with transaction.atomic(durable=True):
        own(person_id, promoter_id)
        filed = network_of.last_application(promoter_id, lock=True)  # who ends it meanwhile finds the deposit
        if filed is None or filed.state is not ApplicationState.FILED:
            raise DepositNotNeeded
        asked_fen = network_of.forms([filed.form_id])[filed.form_id].form.deposit_fen
        if asked_fen <= network_of.standing_fen([promoter_id]).get(promoter_id, 0):
            raise DepositNotNeeded
        deposit = network.keep_deposit(promoter_id=promoter_id, person_id=person_id, amount_fen=asked_fen, now=now)
        return payments.open_intent(
            purpose=deposit_money.purpose(deposit.no),
            amount_fen=deposit.amount_fen,
            channel="wechatpay",
            mode=mode,
            description="推客保证金",
            payer=openid,
            expires_at=deposit.pay_by,
            now=now,
        )


@retry
def _open_checkout(buyer_id: int, checkout_no: str, openid: str, mode: Channel, now: datetime) -> IntentRef:
    with transaction.atomic(durable=True):
        # Under a lock: an intent that opens while its checkout is being closed would take money for nothing.
        orders.lock_checkout(checkout_no)
        found = orders.checkout_of_buyer(buyer_id=buyer_id, checkout_no=checkout_no)
        if any(order.state is not OrderState.UNPAID for order in found):
            raise NotInThisState(state=str(found[0].state))
        by_balance = orders.balance_parts([checkout_no])
        pay_by = found[0].pay_by
        assert pay_by is not None
        return payments.open_intent(
            purpose=f"checkout:{checkout_no}",
            amount_fen=sum(order.payable_fen for order in found) - by_balance.get(checkout_no, 0),
            channel="wechatpay",
            mode=mode,
            description=_description(found[0].lines[0].title, sum(len(order.lines) for order in found)),
            payer=openid,
            expires_at=pay_by,
            now=now,
        )


def _prepare(intent: IntentRef, client_ip: str = "127.0.0.1", appid: str = "") -> Started:
    """Ask the provider once; what it answered is kept and given again. Always the same content under the number: an
    openid is of one app, and the intent is of one payer."""
    if intent.prepared is not None:
        return Started(intent.no, intent.amount_fen, intent.prepared)
    prepay = outside.wechatpay().prepay(
        PrepayRequest(
            channel=Channel(intent.mode),
            out_trade_no=intent.no,
            description=intent.description,
            amount_fen=intent.amount_fen,
            notify_url=outside.notify_url("pay"),
            expires_at=intent.expires_at,
            appid=appid,
            payer_openid=intent.payer or None,
            client_ip=client_ip if intent.mode == Channel.H5 else None,
        )
    )
    prepared: dict[str, Any] = {"mode": str(intent.mode)}
    if prepay.client is not None:
        prepared["client"] = prepay.client.as_parameters()
    if prepay.code_url:
        prepared["code_url"] = prepay.code_url
    if prepay.h5_url:
        prepared["h5_url"] = prepay.h5_url
    with transaction.atomic(durable=True):
        payments.mark_prepared(intent_no=intent.no, prepared=prepared)
    return Started(intent.no, intent.amount_fen, prepared)


def _description(title: str, lines: int) -> str:
    """Return what the payer sees: the first title, within WeChat's 127 bytes."""
    text = title if lines == 1 else f"{title} 等{lines}件商品"
    while len(text.encode()) > 120:
        text = text[:-1]
    return text
