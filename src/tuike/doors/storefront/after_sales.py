"""A buyer's after-sales: what may be asked back and why, asking, sending goods back, asking the operator."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Before, Body, Fen, IdempotencyKey, Limit, Note, Number
from tuike.doors.storefront.orders_buyer import bought_lines
from tuike.doors.web.said import said
from tuike.flows import decide_after_sales, refund_order, return_goods
from tuike.kit import clock
from tuike.orders import queries as orders
from tuike.orders.types import (
    REASONS,
    AfterSaleAsk,
    AfterSaleKind,
    AfterSaleRef,
    AfterSaleState,
    Reason,
    StepShown,
    TooManyPictures,
)
from tuike.parties import queries as parties

router = Router(auth=signed_in, tags=["refunds"])
_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_MEDIA = "/media/"

Picture = Annotated[str, StringConstraints(max_length=80, pattern=r"^(/media/)?[a-z_]{1,20}/[0-9a-f]{40}\.jpg$")]
Pictures = Annotated[list[Picture], Field(default_factory=list, max_length=9)]


class RefundLineWish(Body):
    """A line by its number in the order: how many pieces, or how much money, or both."""

    line_no: Annotated[int, Field(ge=1, le=1000)]
    quantity: Annotated[int, Field(ge=0, le=9999)]
    amount_fen: Fen | None = None


class RefundWish(Body):
    """What is asked back; no lines: everything that is left. `kind`: unshipped, shipped (the goods stay) or return."""

    lines: Annotated[list[RefundLineWish], Field(min_length=1, max_length=100)] | None = None
    kind: Annotated[str, Field(pattern="^(unshipped|shipped|return)$")] | None = None
    reason_code: Annotated[str, Field(max_length=24, pattern=r"^[a-z_]*$")] = ""
    reason: Note = ""
    pictures: Pictures


class GoodsBack(Body):
    """The parcel in which the goods go back."""

    carrier: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=_PLAIN)]
    tracking_no: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=_PLAIN)]


class DisputeWish(Body):
    """Why the operator should step in, with evidence."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN)]
    pictures: Pictures


class RefundReason(Schema):
    """A reason to choose."""

    code: str
    text: str


class RefundKind(Schema):
    """A kind of after-sale that fits the order now, with its reasons."""

    kind: str
    text: str
    reasons: list[RefundReason]


class LeftLine(Schema):
    """What may be asked back of a line; `amounts`: what 1, 2 … pieces come to (the first hundred), in fen."""

    line_no: int
    title: str
    spec: str
    picture: str
    pieces: int
    left_fen: int
    amounts: list[int]


class RefundForm(Schema):
    """Everything that the form for a refund shows. Without kinds nothing can be asked back."""

    order_no: str
    shop: answers.Shop
    kinds: list[RefundKind]
    lines: list[LeftLine]
    freight_fen: int
    pictures_most: int


class RefundStep(Schema):
    """A step of the timeline: asked, agreed, sent, disputed, approved, rejected, cancelled, refunded.

    `by`: buyer, merchant, operator, time; `state` is how the after-sale stood after it.
    """

    kind: str
    text: str
    by: str
    state: str
    note: str
    pictures: list[str]
    at: datetime


class RefundGoods(Schema):
    """A line of an after-sale."""

    line_no: int
    title: str
    spec: str
    picture: str
    quantity: int
    amount_fen: int


class MyRefund(answers.Refund):
    """An after-sale. `due_at`: until when the one whose turn it is must act; `acts`: cancel, send_back, dispute."""

    shop: answers.Shop
    reason_code: str
    reason_text: str
    due_at: datetime | None
    carrier: str
    tracking_no: str
    final: bool
    acts: list[str]
    goods: list[RefundGoods]


class MyRefunds(Schema):
    """A page of after-sales, newest first."""

    items: list[MyRefund]
    next: str


class MyRefundDetail(MyRefund):
    """An after-sale with its timeline."""

    timeline: list[RefundStep]


_KINDS = {
    AfterSaleKind.UNSHIPPED: ("仅退款（未发货）", "Refund before shipping"),
    AfterSaleKind.SHIPPED: ("仅退款（无需退货）", "Refund, the goods stay"),
    AfterSaleKind.RETURN: ("退货退款", "Return and refund"),
}
_REASONS = {one.code: (one.zh, one.en) for some in REASONS.values() for one in some}
_STEPS = {
    "asked": ("买家申请售后", "Asked by the buyer"),
    "agreed": ("同意退货，等待买家寄回", "The return is agreed"),
    "sent": ("买家已寄回商品", "The goods were sent back"),
    "disputed": ("平台介入处理", "The platform steps in"),
    "approved": ("同意退款", "The refund is approved"),
    "rejected": ("拒绝售后申请", "Rejected"),
    "cancelled": ("售后已撤销", "Taken back"),
    "refunded": ("退款完成", "Refunded"),
}


@router.get("/orders/{no}/refundable", response=answers.answers(RefundForm))
def refundable(request: HttpRequest, no: Number) -> object:
    """Show what may be asked back of an order now: by line, with the kinds that fit and their reasons."""
    order = orders.order_of_buyer(buyer_id=person(request).id, no=no)
    left, shown = orders.refundable(order), bought_lines(order.lines)
    by_no = {line.no: shown[line.id] for line in order.lines}
    return {
        "order_no": order.no,
        "shop": parties.refs([order.merchant_id])[order.merchant_id],
        "kinds": [
            {"kind": kind, "text": said(*_KINDS[kind]), "reasons": [_reason(one) for one in REASONS[kind]]}
            for kind in left.kinds
        ],
        "lines": [
            {name: by_no[one.line_no][name] for name in ("title", "spec", "picture")}
            | {"line_no": one.line_no, "pieces": one.pieces, "left_fen": one.fen, "amounts": list(one.amounts)}
            for one in left.lines
        ],
        "freight_fen": left.freight_fen,
        "pictures_most": 9,
    }


@router.post("/orders/{no}/refunds", response=answers.answers(answers.AskedRefund, 201))
def ask_refund(request: HttpRequest, no: Number, body: RefundWish, key: IdempotencyKey) -> object:
    """Ask money back by line and quantity, or for all that is left; with the kind `return` goods come back first."""
    lines = None if body.lines is None else [AfterSaleAsk(**one.model_dump()) for one in body.lines]
    asked = refund_order.ask_refund(
        buyer_id=person(request).id,
        order_no=no,
        lines=lines,
        reason=body.reason,
        kind=AfterSaleKind(body.kind) if body.kind else None,
        reason_code=body.reason_code,
        pictures=_uploaded(body.pictures),
        key=key,
        now=clock.now(),
    )
    return Status(201, asked)


@router.get("/refunds", response=answers.answers(MyRefunds))
def my_refunds(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List the buyer's after-sales, newest first."""
    buyer_id = person(request).id
    last = orders.after_sale_of_buyer(buyer_id=buyer_id, no=before).id if before else None
    found = orders.after_sales_of_buyer(buyer_id=buyer_id, before_id=last, limit=limit)
    return {"items": _shown(found), "next": found[-1].no if len(found) == limit else ""}


@router.get("/refunds/{no}", response=answers.answers(MyRefundDetail))
def my_refund(request: HttpRequest, no: Number) -> object:
    """Show an after-sale of the buyer with its timeline, its deadline and what can be done now."""
    return _detail(orders.after_sale_of_buyer(buyer_id=person(request).id, no=no))


@router.post("/refunds/{no}/cancel", response=answers.answers(MyRefundDetail))
def cancel_refund(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Take a request back before it is decided and before its goods are sent."""
    return _detail(refund_order.cancel_refund(buyer_id=person(request).id, no=no, key=key, now=clock.now()))


@router.post("/refunds/{no}/parcel", response=answers.answers(MyRefundDetail))
def send_back(request: HttpRequest, no: Number, body: GoodsBack, key: IdempotencyKey) -> object:
    """Name the parcel in which the goods go back."""
    return _detail(
        return_goods.send_back(
            buyer_id=person(request).id,
            no=no,
            carrier=body.carrier,
            tracking_no=body.tracking_no,
            key=key,
            now=clock.now(),
        )
    )


@router.post("/refunds/{no}/dispute", response=answers.answers(MyRefundDetail))
def dispute(request: HttpRequest, no: Number, body: DisputeWish, key: IdempotencyKey) -> object:
    """Ask the operator to step in after the shop's no."""
    return _detail(
        decide_after_sales.dispute_refund(
            buyer_id=person(request).id,
            no=no,
            reason=body.reason,
            pictures=_uploaded(body.pictures),
            key=key,
            now=clock.now(),
        )
    )


def _uploaded(pictures: Sequence[str]) -> list[str]:
    """Return names below /media/ of pictures that are there.

    Raises:
        TooManyPictures: one isn't.
    """
    names = [one.removeprefix(_MEDIA) for one in pictures]
    if not all((Path(settings.MEDIA_ROOT) / name).is_file() for name in names):
        raise TooManyPictures(most=9)
    return names


def _reason(one: Reason) -> dict[str, str]:
    return {"code": one.code, "text": said(one.zh, one.en)}


def _shown(found: Sequence[AfterSaleRef]) -> list[dict[str, Any]]:
    shops = parties.refs({one.merchant_id for one in found})
    lines = bought_lines(list(orders.lines_by_id({line.line_id for one in found for line in one.lines}).values()))
    return [
        {name: getattr(one, name) for name in answers.Refund.model_fields}
        | {name: getattr(one, name) for name in ("reason_code", "due_at", "carrier", "tracking_no", "final")}
        | {
            "shop": shops[one.merchant_id],
            "reason_text": said(*_REASONS.get(one.reason_code, ("", ""))),
            "acts": _acts(one),
            "goods": [
                {name: lines[line.line_id][name] for name in ("title", "spec", "picture")}
                | {"line_no": line.line_no, "quantity": line.quantity, "amount_fen": line.amount_fen}
                for line in one.lines
            ],
        }
        for one in found
    ]


def _acts(one: AfterSaleRef) -> list[str]:
    now = clock.now()
    can = {
        "cancel": AfterSaleState.CANCELLED in one.state.exits,
        "send_back": one.state is AfterSaleState.RETURNING and (one.due_at is None or now < one.due_at),
        "dispute": orders.may_dispute(one, now=now),
    }
    return [act for act, allowed in can.items() if allowed]


def _detail(one: AfterSaleRef) -> dict[str, Any]:
    return _shown([one])[0] | {"timeline": [_step(step) for step in orders.steps_of([one.id]).get(one.id, [])]}


def _step(step: StepShown) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "text": said(*_STEPS[step.kind]),
        "by": step.by,
        "state": step.state,
        "note": step.note,
        "pictures": [_MEDIA + name for name in step.pictures],
        "at": step.at,
    }
