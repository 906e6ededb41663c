"""Makers of commission under review, and of appeals against it."""

import io

from PIL import Image

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tuike.audit.types import Actor
from tuike.flows.appeal_commission import appeal_commission
from tuike.flows.review_accruals import review_accruals
from tuike.orders.types import OrderRef
from tuike.parties.types import PartyRef, Role
from tuike.scoring import service as scoring
from tuike.scoring.types import Trace


def picture() -> tuple[str, bytes]:
    """Return a picture as somebody hands it in."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "#7a9e87").save(out, "PNG")
    return "聊天记录.png", out.getvalue()


def sold(one: make.Alliance | None = None, *, leader: bool = False) -> tuple[make.Alliance, dict[str, int]]:
    """Return an alliance with one paid order, and its accruals by role."""
    one = one or make.alliance()
    make.touch(one, leader=leader)
    return one, make.accruals(make.bought(one, now=NOON))


def review(
    verb: str, accrual_id: int, *, actor: Actor | None = None, now=NOON, reason: str = "订单异常，待核实"
) -> None:
    """Hold, release or reject an accrual by somebody of the operator's."""
    actor = actor or make_parties.operator_seat(Role.OPERATOR)
    review_accruals(verb=verb, accrual_ids=[accrual_id], reason=reason, actor=actor, now=now)


def appeal(party: PartyRef, accrual_id: int, *, now=NOON, text: str = "买家是我的老客户，有聊天记录", **rest) -> str:
    """Return the number of an appeal that a party's super administrator files."""
    actor = make_parties.super_admin_of(party)
    return appeal_commission(party_id=party.id, accrual_id=accrual_id, text=text, actor=actor, now=now, **rest)


def traced(one: make.Alliance, order: OrderRef, buyer_id: int, address: bytes, *, no: str = "", **rest) -> None:
    """Let a promoter's order (or another one like it, `no`) leave its trace, of a buyer at an address."""
    made = {"merchant_id": one.shop.id, "placed_at": order.placed_at, "paid_at": order.placed_at, "paid_fen": 5_990}
    made |= {"click_ms": 4_000, "cart_ms": 2_000, "buyer_id": buyer_id, "address": address}
    scoring.keep(traces=[Trace(order_no=no or order.no, promoter_id=one.promoter.id, **made | rest)])
