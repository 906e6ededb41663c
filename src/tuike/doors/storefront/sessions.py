"""Ways in: WeChat's login, its page in a browser, a scanned code, phone and password; the phone number; sessions."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from ninja import Header, Router, Schema, Status
from pydantic import Field, StringConstraints

from tuike.doors.storefront import answers
from tuike.doors.storefront.answers import REFUSED
from tuike.doors.storefront.callers import person, signed_in, token_of, visitor_of
from tuike.doors.storefront.kinds import Body, Code, IdempotencyKey, Name, Number, Visitor
from tuike.doors.web.said import chinese
from tuike.flows import outside, sign_in, sign_in_web
from tuike.gateways.config import ConfigError
from tuike.gateways.types import Refused, Unreachable
from tuike.kit import clock
from tuike.people import queries as persons
from tuike.people import service as people
from tuike.people.types import ScanState, SessionKind

router = Router(tags=["sessions"])
SCAN_PAGE = "pages/scan/index"
"""The mini-program's page that confirms what a code asks."""

Edition = Annotated[int, Field(strict=True, ge=0, le=10_000)]
Browser = Annotated[
    str,
    Header(
        alias="Tuike-Browser",
        min_length=32,
        max_length=64,
        pattern=r"^[0-9A-Za-z_-]+$",
        description="A secret that the browser made for itself (32 to 64 characters): only it can end what it began.",
    ),
]


class Login(Body):
    """The code of `wx.login`; the edition of the privacy terms that was agreed to; what the session shall be called."""

    code: Code
    consent: Edition = 0
    device: Name = Field(default="mini-program")


class WebLogin(Body):
    """What WeChat's page came back with."""

    code: Code
    state: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[0-9A-Za-z]+$")]
    consent: Edition = 0
    device: Name = Field(default="wechat-browser")


class PasswordLogin(Body):
    """Phone, password, and the second factor's code where there is one."""

    phone: Annotated[str, StringConstraints(min_length=5, max_length=40, pattern=r"^\+?[0-9 ()-]+$")]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    code: Annotated[str, StringConstraints(max_length=16, pattern=r"^[0-9 ]*$")] = ""
    consent: Edition = 0
    device: Name = Field(default="browser")


class ScanLogin(Body):
    """What the session shall be called in lists."""

    consent: Edition = 0
    device: Name = Field(default="browser")


class PhoneCode(Body):
    """The code of a phone button; the edition of the privacy terms, if it is agreed to with it."""

    code: Code
    consent: Edition = 0


class WebPage(Schema):
    """Where WeChat asks the person; it comes back to `/m/` with `code` and `state`."""

    address: str


class SignInScan(Schema):
    """A code to sign in by: `address` goes into the QR code; `phone` is the sandbox's phone, empty in earnest."""

    ticket: str
    address: str
    phone: str
    expires_at: datetime


class SignInScanLink(Schema):
    """What opens the mini-program on this phone to confirm the code; empty where WeChat gives none now."""

    link: str


class SignInScanStands(Schema):
    """Where the code stands: created, scanned, confirmed, declined; with the session once it was confirmed."""

    state: str
    session: answers.Session | None


class Device(Schema):
    """A running session of the person. `current`: the one that asks."""

    id: int
    kind: str
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool


class Devices(Schema):
    """The running sessions, the latest used first."""

    items: list[Device]


class Renewed(Schema):
    """Until when the session lasts now."""

    expires_at: datetime


@router.post("", response=answers.answers(answers.Session, 201), auth=None)
def login(request: HttpRequest, body: Login, visitor: Visitor = "") -> object:
    """Log in. What the visitor had seen becomes the buyer's. The code is the key: WeChat takes it once.

    Refused as `consent_needed`, with the code unused, without a yes to the privacy terms in force: so is every way in.
    """
    signed = sign_in.sign_in(
        code=body.code,
        consent=_said(body.consent),
        visitor=visitor_of(request, visitor),
        device=body.device,
        now=clock.now(),
    )
    return Status(201, _signed(signed))


@router.get("", response=answers.answers(Devices), auth=signed_in)
def devices(request: HttpRequest) -> object:
    """List where the person is signed in."""
    current = persons.session_of(token_of(request))
    found = persons.sessions_of(person(request).id, now=clock.now())
    names = ("id", "kind", "device", "created_at", "seen_at", "expires_at")
    return {"items": [{name: getattr(one, name) for name in names} | {"current": one.id == current} for one in found]}


@router.delete("/current", response={204: None, **REFUSED}, auth=signed_in)
def logout(request: HttpRequest) -> object:
    """Sign out: the token is dead."""
    people.revoke_token(token=token_of(request), now=clock.now())
    return Status(204, None)


@router.post("/current/renewal", response=answers.answers(Renewed), auth=signed_in)
def renew(request: HttpRequest) -> object:
    """Let the session last its whole life from now on; the token stays."""
    ends = people.renew_session(token=token_of(request), kind=SessionKind.STOREFRONT, now=clock.now())
    return {"expires_at": ends}


@router.post("/phone", response=answers.answers(answers.Phone), auth=signed_in)
def phone(request: HttpRequest, body: PhoneCode, key: IdempotencyKey) -> object:
    """Bind the phone number that WeChat has verified; the privacy terms must have been agreed to."""
    who = person(request).id
    _agree(who, body.consent)
    bound = sign_in.bind_phone(person_id=who, code=body.code, key=key, now=clock.now())
    return {"phone": bound.number}


@router.get("/web", response=answers.answers(WebPage), auth=None)
def web_page(request: HttpRequest, browser: Browser) -> object:
    """Say where a page inside WeChat's browser sends the person to sign in."""
    return {"address": sign_in_web.begin(asker=browser, now=clock.now())}


@router.post("/web", response=answers.answers(answers.Session, 201), auth=None)
def web_login(request: HttpRequest, body: WebLogin, browser: Browser, visitor: Visitor = "") -> object:
    """Log in with what WeChat's page came back with, in the browser that began; the code is good once."""
    signed = sign_in_web.by_wechat(
        code=body.code,
        state=body.state,
        consent=_said(body.consent),
        asker=browser,
        visitor=visitor_of(request, visitor),
        device=body.device,
        now=clock.now(),
    )
    return Status(201, _signed(signed))


@router.post("/password", response=answers.answers(answers.Session, 201), auth=None)
def password_login(request: HttpRequest, body: PasswordLogin, visitor: Visitor = "") -> object:
    """Log in by phone and password; `code_needed` asks for the second factor's code, too."""
    signed = sign_in_web.by_password(
        phone=body.phone,
        password=body.password,
        code=body.code,
        consent=_said(body.consent),
        address=_address(request),
        visitor=visitor_of(request, visitor),
        device=body.device,
        real_now=clock.real_now(),
        now=clock.now(),
    )
    return Status(201, _signed(signed))


@router.post("/scans", response=answers.answers(SignInScan, 201), auth=None)
def ask_scan(request: HttpRequest, browser: Browser) -> object:
    """Open a code that signs this browser in once somebody confirms it in the mini-program, within five minutes."""
    people.allow_scan(address=_address(request), now=clock.real_now())
    place = f"{request.headers.get('User-Agent', '')[:40]} · {_address(request)}"
    now = clock.now()
    ticket = people.ask_scan(purpose=sign_in_web.SIGN_IN_MALL, place=place, asker=browser, now=now)
    shown = people.scan_state(ticket=ticket, asker=browser, now=now)
    address = f"{settings.PUBLIC_BASE}/scan/{ticket}"
    sandbox = settings.SANDBOX_BASE
    opened = f"{sandbox}/sandbox/phone?{urlencode({'text': address})}" if sandbox else ""
    return Status(201, {"ticket": ticket, "address": address, "phone": opened, "expires_at": shown.expires_at})


@router.post("/scans/{ticket}", response=answers.answers(SignInScanStands), auth=None)
def scan_stands(
    request: HttpRequest, ticket: Number, body: ScanLogin, browser: Browser, visitor: Visitor = ""
) -> object:
    """Say where the code stands; the first call after it was confirmed opens the session."""
    now = clock.now()
    state = people.scan_state(ticket=ticket, asker=browser, now=now).state
    if state is not ScanState.CONFIRMED:
        return {"state": state.value, "session": None}
    signed = sign_in_web.by_scan(
        ticket=ticket,
        consent=_said(body.consent),
        asker=browser,
        visitor=visitor_of(request, visitor),
        device=body.device,
        now=now,
    )
    return {"state": ScanState.USED.value, "session": _signed(signed)}


@router.post("/scans/{ticket}/link", response=answers.answers(SignInScanLink), auth=None)
def scan_link(request: HttpRequest, ticket: Number, browser: Browser) -> object:
    """Return what opens the mini-program on the same phone, to confirm the code there."""
    people.scan_state(ticket=ticket, asker=browser, now=clock.now())
    try:
        link = outside.wechat().url_link(path=SCAN_PAGE, query=f"ticket={ticket}", days=1)
    except (Refused, Unreachable, ConfigError):
        link = ""  # the QR code still works
    return {"link": link}


@router.delete("/{int:session_id}", response={204: None, **REFUSED}, auth=signed_in)
def end(request: HttpRequest, session_id: int) -> object:
    """Sign out another device of the person."""
    people.revoke_session(person_id=person(request).id, session_id=session_id, now=clock.now())
    return Status(204, None)


def _signed(signed: sign_in.SignedIn) -> dict[str, Any]:
    """Return the session as it is shown."""
    return {
        "token": signed.token,
        "person": signed.person,
        "touches": signed.touches,
        "agreed_edition": persons.edition_agreed(signed.person.id),
        "has_phone": persons.has_phone(signed.person.id),
    }


def _said(edition: int) -> sign_in.Consent:
    return sign_in.Consent(edition, "zh-hans" if chinese() else "en")


def _agree(person_id: int, edition: int) -> None:
    if edition:
        said = _said(edition)
        people.agree(person_id=person_id, edition=said.edition, language=said.language, now=clock.now())


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "127.0.0.1")
