"""Coming into the promoters' network and leaving it: who invites, the operator's form, the application, the deposit."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import File, Router, Schema, Status, UploadedFile
from pydantic import Field, StrictInt, StringConstraints

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import acting, person, signed_in
from tuike.doors.storefront.kinds import Body, IdempotencyKey, Number
from tuike.doors.web.said import chinese, said
from tuike.files import queries as kept
from tuike.files import service as files
from tuike.files.types import TooLarge
from tuike.flows import apply_to_network, decide_applications, hand_in_picture, leave_network, start_payment
from tuike.gateways.types import Channel
from tuike.kit import clock
from tuike.kit.errors import Forbidden, NotFound
from tuike.network import queries
from tuike.network import service as network
from tuike.network.types import ApplicationState, FormShown
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, PromoterState, Role, SeatShown

router = Router(auth=signed_in, tags=["network"])
_Answer = Annotated[str, StringConstraints(max_length=500)] | StrictInt | list[Annotated[str, Field(max_length=40)]]
NOTE = (
    "只有实际售出的商品才产生佣金；邀请他人加入、缴纳保证金不产生任何收益。",
    "Only goods that are sold earn commission; nobody earns by who joins or by a deposit.",
)


class Invited(Schema):
    """Who a recruiting link is of."""

    code: str
    owner: str
    kind: str
    note: str


class FormField(Schema):
    """A question. `kind`: text, number, choice, date (`YYYY-MM-DD`), picture (numbers of pictures handed in)."""

    key: str
    kind: str
    label: str
    required: bool
    choices: list[str]
    low: int | None
    high: int | None


class FormAsked(Schema):
    """What applying takes. Not `needed`: whoever opens a promoter is in. `law`: what the law says, in words."""

    needed: bool
    title: str
    fields: list[FormField]
    real_name: bool
    deposit_fen: int
    purchases_fen: int
    law: str


class ApplicationSeen(Schema):
    """An application. `state`: filed, passed, rejected (with `reason`), withdrawn."""

    no: str
    state: str
    filed_at: datetime
    decided_at: datetime | None
    reason: str


class DepositSeen(Schema):
    """A deposit. `state`: unpaid, paid, holding (goes back at `due_at`), refunding, ended, cancelled."""

    no: str
    state: str
    amount_fen: int
    forfeited_fen: int
    returned_fen: int
    paid_at: datetime | None
    due_at: datetime | None


class NetworkStanding(Schema):
    """How a promoter stands. `missing` names thresholds of the application under review that aren't met: real_name,
    deposit, purchases. `apply_from`: when a rejected person may apply again."""

    no: str
    state: str
    form_needed: bool
    application: ApplicationSeen | None
    missing: list[str]
    deposit: DepositSeen | None
    apply_from: datetime | None


class ApplicationWish(Body):
    """Answers by the form's keys."""

    answers: Annotated[dict[Annotated[str, Field(max_length=30)], _Answer], Field(max_length=40)]


class LeavingWish(Body):
    """Why, in words; may be empty."""

    reason: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""


class DepositPaying(Body):
    """How it is paid: inside WeChat, by a code to scan, or in a phone's browser; and inside WeChat, in which app."""

    mode: Annotated[str, Field(pattern="^(jsapi|native|h5)$")]
    app: Literal["mini", "web"] = "mini"


class PictureKept(Schema):
    """A picture that was handed in for an answer."""

    no: str
    width: int
    height: int


@router.get("/links/{code}", response=answers.answers(Invited), auth=None)
def invited(request: HttpRequest, code: Number) -> object:
    """Show who invites by a recruiting link."""
    link = queries.good_link(code)
    return {"code": link.code, "owner": link.owner_name, "kind": link.owner_kind.value, "note": said(*NOTE)}


@router.get("/form", response=answers.answers(FormAsked), auth=None)
def form(request: HttpRequest) -> object:
    """Show what applying takes now."""
    found = queries.form_needed()
    if found is None:
        nothing = {"title": "", "fields": [], "real_name": True, "deposit_fen": 0, "purchases_fen": 0}
        return {"needed": False, **nothing, "law": said(*NOTE)}
    return _form(found)


@router.get("/promoters/{no}", response=answers.answers(NetworkStanding))
def standing(request: HttpRequest, no: Number) -> object:
    """Show how one's own promoter stands in the network."""
    return _standing(_own(request, no))


@router.post("/promoters/{no}/application", response=answers.answers(NetworkStanding, 201))
def apply(request: HttpRequest, no: Number, body: ApplicationWish, key: IdempotencyKey) -> object:
    """File an application; a rule of the form may decide it at once."""
    sits = _own(request, no)
    apply_to_network.file_application(
        person_id=person(request).id,
        promoter_id=sits.party.id,
        answers=body.answers,
        actor=acting(request, sits),
        now=clock.now(),
        key=key,
    )
    return Status(201, _standing(sits))


@router.delete("/promoters/{no}/application", response=answers.answers(NetworkStanding))
def withdraw(request: HttpRequest, no: Number) -> object:
    """Take the application under review back; a deposit goes back at once."""
    sits = _own(request, no)
    filed = queries.last_application(sits.party.id)
    if filed is None:
        raise NotFound
    apply_to_network.withdraw_application(
        person_id=person(request).id, no=filed.no, actor=acting(request, sits), now=clock.now()
    )
    return _standing(sits)


@router.get("/promoters/{no}/pictures", response=answers.answers(list[PictureKept]))
def pictures(request: HttpRequest, no: Number) -> object:
    """List pictures that were handed in and that no application names yet."""
    return kept.unused_of(_own(request, no).party.id, purpose=network.PURPOSE)


@router.post("/promoters/{no}/pictures", response=answers.answers(PictureKept, 201))
def hand_in(request: HttpRequest, no: Number, file: File[UploadedFile]) -> object:
    """Hand a picture in that answers a question (multipart, field `file`); it is drawn anew and sealed."""
    sits = _own(request, no)
    if (file.size or 0) > files.MOST_BYTES:
        raise TooLarge(megabytes=files.MOST_BYTES // 1024**2, megapixels=40)
    made = hand_in_picture.hand_in_picture(
        party_id=sits.party.id,
        raw=file.read(),
        name=file.name or "",
        person_id=person(request).id,
        purpose=network.PURPOSE,
        now=clock.now(),
    )
    return Status(201, made)


@router.post("/promoters/{no}/deposit", response=answers.answers(answers.Payment))
def pay_deposit(request: HttpRequest, no: Number, body: DepositPaying, key: IdempotencyKey) -> object:
    """Prepare the payment of the deposit that the application under review asks for. Asked again it is the same
    payment, whatever the key."""
    sits, mode = _own(request, no), Channel(body.mode)
    who = person(request).id
    payer = start_payment.payer_of(person_id=who, mode=mode, app=start_payment.PayerApp(body.app))
    address = str(request.META.get("REMOTE_ADDR") or "127.0.0.1")
    started = start_payment.start_deposit(
        person_id=who, promoter_id=sits.party.id, payer=payer, mode=mode, client_ip=address, now=clock.now()
    )
    prepared = {"client": None, "code_url": None, "h5_url": None} | dict(started.prepared)
    return {"payment_no": started.intent_no, "amount_fen": started.amount_fen, **prepared}


@router.post("/promoters/{no}/leaving", response=answers.answers(NetworkStanding))
def leave(request: HttpRequest, no: Number, body: LeavingWish, key: IdempotencyKey) -> object:
    """Leave the network: nothing new is earned, what was earned stays, the deposit goes back after its hold period."""
    sits = _own(request, no)
    leave_network.leave_network(
        person_id=person(request).id,
        promoter_id=sits.party.id,
        reason=body.reason,
        actor=acting(request, sits),
        now=clock.now(),
        key=key,
    )
    return _standing(sits)


def _own(request: HttpRequest, no: str) -> SeatShown:
    """Return the caller's seat in their own promoter.

    Raises:
        NotFound: no seat. Forbidden: another one than the super administrator's.
    """
    found = parties.find(no)
    seat = parties.seat_of(person(request).id, found.id) if found is not None else None
    if seat is None or seat.party.kind is not PartyKind.PROMOTER:
        raise NotFound
    if seat.role is not Role.SUPER_ADMIN:
        raise Forbidden
    return seat


def _form(found: FormShown) -> dict[str, Any]:
    asked, zh = found.form, chinese()
    return {
        "needed": asked.needed,
        "title": asked.title,
        "fields": [
            {
                "key": one.key,
                "kind": one.kind.value,
                "label": one.zh if zh else one.en or one.zh,
                "required": one.required,
                "choices": list(one.choices),
                "low": one.low,
                "high": one.high,
            }
            for one in asked.fields
        ],
        "real_name": asked.real_name,
        "deposit_fen": asked.deposit_fen,
        "purchases_fen": asked.purchases_fen,
        "law": said(*NOTE),
    }


def _standing(sits: SeatShown) -> dict[str, Any]:
    promoter_id = sits.party.id
    last, needed = queries.last_application(promoter_id), queries.form_needed()
    missing: tuple[str, ...] = ()
    apply_from = None
    if last is not None and last.state is ApplicationState.FILED:
        asked = queries.forms([last.form_id])[last.form_id].form
        missing = network.missing_of(asked, decide_applications.known_of([last])[last.no])
    elif last is not None and last.state is ApplicationState.REJECTED and needed and last.decided_at:
        apply_from = last.decided_at + timedelta(days=needed.form.reapply_days)
    deposits = queries.deposits_of(promoter_id, limit=1)
    state = parties.promoter_facts([promoter_id])[promoter_id].state
    return {
        "no": sits.party.no,
        "state": state.value,
        "form_needed": needed is not None and state in (PromoterState.JOINING, PromoterState.RETIRED),
        "application": last,
        "missing": list(missing),
        "deposit": deposits[0] if deposits else None,
        "apply_from": apply_from,
    }
