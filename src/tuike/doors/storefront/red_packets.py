"""Red packets and the balance that they bring: sent, paid, opened by a code; what moved on the balance."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import anybody, maybe_person, person, signed_in
from tuike.doors.storefront.kinds import Before, Body, Code, Fen, IdempotencyKey, Limit, Number
from tuike.doors.web.said import said
from tuike.flows import open_red_packet as opening
from tuike.flows import send_red_packet as sending
from tuike.flows import start_payment
from tuike.gateways.types import Channel
from tuike.insight.balances import balance_moves
from tuike.kit import clock
from tuike.kit.errors import Invalid
from tuike.kit.names import masked_name
from tuike.marketing import queries as marketing
from tuike.marketing.types import NewPacket, Packet, PacketState, Share, SplitKind
from tuike.parties import queries as parties
from tuike.parties.types import MallFunction
from tuike.people import queries as people
from tuike.settings import service as setting

router = Router()
_FUNCTION = MallFunction.RED_PACKETS
_LIMITS = ("red_packet_share_most_fen", "red_packets_per_day", "red_packet_fen_per_day")


class RedPacketWish(Body):
    """A packet to send: `total_fen` in all. `fixed`: equal shares; `lucky`: by chance. Paid out of the balance, or by
    WeChat Pay afterwards."""

    total_fen: Fen
    shares: Annotated[int, Field(strict=True, ge=1, le=100)]
    split: Annotated[str, Field(pattern="^(fixed|lucky)$")] = "lucky"
    greeting: Annotated[str, Field(max_length=30, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    from_balance: bool = False


class RedPacketPaying(Body):
    """How it is paid: inside WeChat, by a code to scan, or in a phone's browser; and inside WeChat, in which app: the
    mini-program, or a page in WeChat's browser."""

    mode: Annotated[str, Field(pattern="^(jsapi|native|h5)$")]
    app: Literal["mini", "web"] = "mini"


class RedPacketSent(Schema):
    """A packet that the buyer sent. `state`: `unpaid`, `open`, `empty` (all opened), `over` (the rest came back),
    `cancelled` (never paid). `code` is what is shared, once it is open."""

    no: str
    code: str
    state: str
    split: str
    total_fen: int
    shares: int
    opened: int
    opened_fen: int
    returned_fen: int
    greeting: str
    from_balance: bool
    created_at: datetime
    ends_at: datetime


class RedPacketsSent(Schema):
    """A page of packets, newest first."""

    items: list[RedPacketSent]
    next: str


class RedPacketGot(Schema):
    """A share that the buyer opened: of whose packet (masked, or the shop's name), and how much."""

    no: str
    code: str
    sender: str
    greeting: str
    amount_fen: int
    opened_at: datetime


class RedPacketsGot(Schema):
    """A page of opened shares, newest first."""

    items: list[RedPacketGot]
    next: str


class RedPacketShareShown(Schema):
    """Who opened how much; `best`: the luckiest one, once a lucky packet is empty."""

    name: str
    amount_fen: int
    at: datetime
    best: bool


class RedPacketPage(Schema):
    """A packet as friends see it. `state`: `can_open`, `opened` (by the caller: `mine_fen`), `empty`, `over`. Who got
    what is told to its sender, to who opened it, and to all who are signed in once it has ended."""

    sender: str
    by_shop: bool
    mine: bool
    state: str
    split: str
    greeting: str
    shares: int
    opened: int
    total_fen: int
    mine_fen: int
    items: list[RedPacketShareShown]
    ends_at: datetime


class BalanceMoved(Schema):
    """One entry of the balance; `amount_fen` is negative where it went out."""

    kind: str
    text: str
    amount_fen: int
    balance_fen: int
    at: datetime


class BuyerBalance(Schema):
    """The buyer's balance and what moved on it, newest first. It is spent in the mall only and never withdrawn."""

    balance_fen: int
    note: str
    items: list[BalanceMoved]
    next: str


class RedPacketLimits(Schema):
    """What may be sent: a share on average, and packets and their sum a day; with the balance to send from."""

    share_most_fen: int
    packets_per_day: int
    fen_per_day: int
    most_shares: int
    balance_fen: int


@router.get("/red-packets/limits", response=answers.answers(RedPacketLimits), auth=signed_in, tags=["red-packets"])
def red_packet_limits(request: HttpRequest) -> object:
    """Tell what may be sent, for the form."""
    marketing.need_function(_FUNCTION)
    share, packets, fen = (setting.read(_LIMITS)[name] for name in _LIMITS)
    return {
        "share_most_fen": share,
        "packets_per_day": packets,
        "fen_per_day": fen,
        "most_shares": 100,
        "balance_fen": marketing.balance_of(person(request).id),
    }


@router.post("/red-packets", response=answers.answers(RedPacketSent, 201), auth=signed_in, tags=["red-packets"])
def send_red_packet(request: HttpRequest, body: RedPacketWish, key: IdempotencyKey) -> object:
    """Send a packet: from the balance it is open at once, else it waits half an hour to be paid."""
    packet = NewPacket(
        total_fen=body.total_fen, shares=body.shares, split=SplitKind(body.split), greeting=body.greeting
    )
    made = sending.send_red_packet(
        buyer_id=person(request).id, packet=packet, from_balance=body.from_balance, key=key, now=clock.now()
    )
    return Status(201, _sent(made))


@router.get("/red-packets/sent", response=answers.answers(RedPacketsSent), auth=signed_in, tags=["red-packets"])
def red_packets_sent(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List the packets that the buyer sent."""
    on = marketing.offered(None)
    found = marketing.packets_sent(buyer_id=person(request).id, before=before, limit=limit) if on else []
    return {"items": [_sent(one) for one in found], "next": found[-1].no if len(found) == limit else ""}


@router.get("/red-packets/sent/{no}", response=answers.answers(RedPacketSent), auth=signed_in, tags=["red-packets"])
def red_packet_sent(request: HttpRequest, no: Number) -> object:
    """Show a packet that the buyer sent; ask until it is open or cancelled."""
    marketing.need_function(_FUNCTION)
    return _sent(marketing.packet_of(buyer_id=person(request).id, no=no))


@router.post(
    "/red-packets/sent/{no}/payment", response=answers.answers(answers.Payment), auth=signed_in, tags=["red-packets"]
)
def pay_red_packet(request: HttpRequest, no: Number, body: RedPacketPaying, key: IdempotencyKey) -> object:
    """Prepare the payment at WeChat Pay. Asked again it is the same payment, whatever the key."""
    who, mode = person(request), Channel(body.mode)
    payer = start_payment.payer_of(person_id=who.id, mode=mode, app=start_payment.PayerApp(body.app))
    address = str(request.META.get("REMOTE_ADDR") or "127.0.0.1")
    started = start_payment.start_red_packet(
        buyer_id=who.id, no=no, payer=payer, mode=mode, client_ip=address, now=clock.now()
    )
    prepared = {"client": None, "code_url": None, "h5_url": None} | dict(started.prepared)
    return {"payment_no": started.intent_no, "amount_fen": started.amount_fen, **prepared}


@router.get("/red-packets/got", response=answers.answers(RedPacketsGot), auth=signed_in, tags=["red-packets"])
def red_packets_got(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List the shares that the buyer opened."""
    on = marketing.offered(None)
    found = marketing.shares_got(person_id=person(request).id, before=before, limit=limit) if on else []
    senders = _senders([packet for _, packet in found])
    items = [
        {
            "no": packet.no,
            "code": packet.code,
            "sender": senders[packet.no],
            "greeting": packet.greeting,
            "amount_fen": share.amount_fen,
            "opened_at": share.opened_at,
        }
        for share, packet in found
    ]
    return {"items": items, "next": found[-1][1].no if len(found) == limit else ""}


@router.get("/red-packets/open/{code}", response=answers.answers(RedPacketPage), auth=anybody, tags=["red-packets"])
def red_packet_page(request: HttpRequest, code: Code) -> object:
    """Show the packet that a code was shared for."""
    who = maybe_person(request)
    return _page(marketing.packet_by_code(code), who.id if who else None)


@router.post("/red-packets/open/{code}", response=answers.answers(RedPacketPage), auth=signed_in, tags=["red-packets"])
def open_red_packet(request: HttpRequest, code: Code) -> object:
    """Open a share: one a person. Opened again it is the same share, so this needs no key."""
    who = person(request).id
    opening.open_red_packet(person_id=who, code=code, now=clock.now())
    return _page(marketing.packet_by_code(code), who)


@router.get("/balance", response=answers.answers(BuyerBalance), auth=signed_in, tags=["red-packets"])
def balance(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """Show the buyer's balance and what moved on it."""
    if before and (not before.isdecimal() or len(before) > 18):
        raise Invalid(field="before", reason_zh="不是有效的翻页标记", reason_en="is not what a page ended with")
    who = person(request).id
    found = balance_moves(buyer_id=who, before=int(before) if before else None, limit=limit)
    items = [
        {
            "kind": one.kind,
            "text": said(one.words.zh, one.words.en),
            "amount_fen": one.amount_fen,
            "balance_fen": one.balance_fen,
            "at": one.at,
        }
        for one in found
    ]
    return {
        "balance_fen": marketing.balance_of(who),
        "note": said("余额仅可在商城内使用，不可提现", "The balance is spent in the mall and can't be withdrawn"),
        "items": items,
        "next": str(found[-1].mark) if len(found) == limit else "",
    }


def _sent(one: Packet) -> dict[str, Any]:
    shown = {name: getattr(one, name) for name in RedPacketSent.model_fields if hasattr(one, name)}
    unpaid = one.state in (PacketState.UNPAID, PacketState.CANCELLED)
    return shown | {
        "code": "" if unpaid else one.code,
        "state": str(one.state),
        "split": str(one.split),
        "from_balance": one.funder == "balance",
    }


def _senders(packets: Collection[Packet]) -> dict[str, str]:
    """Return who sent each packet, by its number: a shop's name, or a buyer's masked."""
    shops = parties.refs({one.merchant_id for one in packets if one.merchant_id})
    names = people.refs({one.buyer_id for one in packets if one.buyer_id})
    senders = {}
    for one in packets:
        if one.merchant_id:
            senders[one.no] = shops[one.merchant_id].name
        else:
            found = names.get(one.buyer_id or 0)
            senders[one.no] = masked_name(found.nickname if found else "")
    return senders


def _page(one: Packet, who: int | None) -> dict[str, Any]:
    now = clock.now()
    mine = marketing.share_of(packet_id=one.packet_id, person_id=who) if who else None
    sent = who is not None and one.buyer_id == who
    state = "opened" if mine else "can_open" if one.open_at(now) else "empty" if one.state == "empty" else "over"
    told = sent or mine is not None or (who is not None and state in ("empty", "over"))
    return {
        "sender": _senders([one])[one.no],
        "by_shop": one.merchant_id is not None,
        "mine": sent,
        "state": state,
        "split": str(one.split),
        "greeting": one.greeting,
        "shares": one.shares,
        "opened": one.opened,
        "total_fen": one.total_fen,
        "mine_fen": mine.amount_fen if mine else 0,
        "items": _shares(one, marketing.shares_of(one)) if told else [],
        "ends_at": one.ends_at,
    }


def _shares(one: Packet, shares: Collection[Share]) -> list[dict[str, Any]]:
    names = people.refs({share.person_id for share in shares})
    lucky = one.split is SplitKind.LUCKY and one.state is PacketState.EMPTY and one.shares > 1
    # Of equal ones the first that was opened: shares come latest first.
    best = max(shares, key=lambda share: (share.amount_fen, -share.nth)).nth if lucky and shares else 0
    return [
        {
            "name": masked_name(names[share.person_id].nickname if share.person_id in names else ""),
            "amount_fen": share.amount_fen,
            "at": share.opened_at,
            "best": share.nth == best,
        }
        for share in shares
    ]
