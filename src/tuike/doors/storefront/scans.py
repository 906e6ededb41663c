"""Codes that a browser shows and a person confirms on the phone: look, say yes, say no."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Number
from tuike.doors.web.said import said
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.people import service as people

router = Router(auth=signed_in, tags=["scans"])

PURPOSES = {
    "sign_in": ("登录推客联盟工作台", "Sign in to a Tuike console"),
    "sign_in_mall": ("在浏览器中登录商城", "Sign in to the mall in a browser"),
    "reset_secret": ("重置 AppSecret，旧密钥将立即失效", "Reset the AppSecret; the old one stops working at once"),
    "bind_account": ("变更收款账户", "Change the account for payouts"),
    "join_party": ("加入该主体", "Take a seat in this party"),
    "hand_over": ("转让超级管理员", "Hand on the super administrator's role"),
    "take_over": ("接任超级管理员", "Take over the super administrator's role"),
}
"""What a confirmation does, as the phone says it."""

ROLES = {
    "admin": ("管理员", "administrator"),
    "product_manager": ("商品管理员", "product manager"),
    "finance": ("财务", "finance"),
    "operator": ("运营", "operator"),
    "auditor": ("审计", "auditor"),
}
"""The seat that somebody takes by a scan; it stands behind the party's number in the challenge's subject."""


class Scan(Schema):
    """What a confirmation would do, to what, asked from where, and until when (inclusive)."""

    purpose: str
    title: str
    party: answers.Shop | None
    place: str
    state: str
    expires_at: datetime


class ScanStands(Schema):
    """Where the code stands now."""

    state: str


@router.post("/{ticket}", response=answers.answers(Scan))
def look(request: HttpRequest, ticket: Number) -> object:
    """Take the code for this person and say what confirming it would do. The first who scans it keeps it."""
    shown = people.scan(ticket=ticket, person_id=person(request).id, now=clock.now())
    zh, en = PURPOSES.get(shown.purpose, ("确认操作", "Confirm"))
    no, _, role = shown.subject.partition(":")
    party = parties.find(no) if no else None
    if role in ROLES:
        zh, en = f"{zh}（{ROLES[role][0]}）", f"{en} ({ROLES[role][1]})"
    return {
        "purpose": shown.purpose,
        "title": said(zh, en),
        "party": {"no": party.no, "name": party.name} if party else None,
        "place": shown.place,
        "state": shown.state.value,
        "expires_at": shown.expires_at,
    }


@router.post("/{ticket}/confirmation", response=answers.answers(ScanStands))
def confirm(request: HttpRequest, ticket: Number) -> object:
    """Say yes to what was scanned, once."""
    people.confirm_scan(ticket=ticket, person_id=person(request).id, now=clock.now())
    return {"state": "confirmed"}


@router.post("/{ticket}/refusal", response=answers.answers(ScanStands))
def decline(request: HttpRequest, ticket: Number) -> object:
    """Say no to what was scanned: nothing can be done with it any more."""
    people.decline_scan(ticket=ticket, person_id=person(request).id, now=clock.now())
    return {"state": "declined"}
