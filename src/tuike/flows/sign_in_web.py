"""A person signs in to the mall in a browser: by WeChat's page, by a scanned code, by phone and password."""

import re
import secrets
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from tuike.db.retry import retry
from tuike.flows import outside
from tuike.flows.sign_in import Consent, SignedIn, opened
from tuike.gateways.types import LoginFact
from tuike.kit.errors import Refusal
from tuike.people import queries as people
from tuike.people import service
from tuike.people.types import PersonRef, UnknownPerson

SIGN_IN_MALL = "sign_in_mall"
"""The purpose of the scan that opens the mall in a browser."""

STATE_LIFE = timedelta(minutes=10)
_STATE = re.compile(r"([0-9a-f]{10})([0-9a-f]{16})([0-9a-f]{40})")


class WebSignInOff(Refusal):
    """No official account is configured that could sign web pages in."""

    code = "web_sign_in_off"
    status = 409
    zh = "商城尚未开通网页内微信登录，请使用扫码或小程序"
    en = "Signing in with WeChat in a browser is not set up; scan the code or use the mini-program."


class ForeignState(Refusal):
    """The way through WeChat's page wasn't begun in this browser, or too long ago."""

    code = "sign_in_not_begun"
    status = 422
    zh = "登录已过期或不是在本浏览器发起的，请重新登录"
    en = "This sign-in expired or was begun elsewhere; begin anew."


def begin(*, asker: str, now: datetime) -> str:
    """Return the address of WeChat's page for the browser that keeps the secret `asker` (docs/rules.md §1).

    WeChat leads back to the mall's pages with a code and a state that only the same browser can use, for ten minutes.

    Raises:
        WebSignInOff: nothing is configured for it.
    """
    web = outside.wechat_web()
    if web is None:
        raise WebSignInOff
    return web.authorise_address(back=f"{settings.PUBLIC_BASE}/m/", state=_state(asker, int(now.timestamp())))


def by_wechat(
    *, code: str, state: str, consent: Consent, asker: str, visitor: str, device: str, now: datetime
) -> SignedIn:
    """Log in with what WeChat's page came back with; a person of the mini-program is known again by the unionid.

    Raises:
        ConsentNeeded, UnknownEdition: see people.check_edition; WeChat isn't asked.
        ForeignState: another browser's, changed, or older than ten minutes; WeChat isn't asked.
        WebSignInOff: nothing is configured for it.
        Refused: unknown, used or expired code. Unreachable: begin anew.
        BadVisitor: the visitor's mark is malformed.
    """
    service.check_edition(consent.edition)
    _check_state(state, asker, now)
    web = outside.wechat_web()
    if web is None:
        raise WebSignInOff
    login = web.login(code)
    return _open_known(login, appid=web.appid, consent=consent, visitor=visitor, device=device, now=now)


@retry
def by_scan(*, ticket: str, consent: Consent, asker: str, visitor: str, device: str, now: datetime) -> SignedIn:
    """Log in in the browser whose code was confirmed in the mini-program, once (docs/rules.md §1).

    Raises:
        ConsentNeeded, UnknownEdition: see people.check_edition; the code stays confirmed.
        UnknownScan, ScanExpired, ScanNotOpen: see people.use_scan.
        UnknownPerson: whoever confirmed was erased since.
        BadVisitor: the visitor's mark is malformed.
    """
    service.check_edition(consent.edition)
    with transaction.atomic(durable=True):
        person_id = service.use_scan(ticket=ticket, asker=asker, purpose=SIGN_IN_MALL, now=now)
        person = people.refs([person_id]).get(person_id)
        if person is None:
            raise UnknownPerson
        return opened(person, consent, visitor, device, now)


def by_password(
    *,
    phone: str,
    password: str,
    code: str,
    consent: Consent,
    address: str,
    visitor: str,
    device: str,
    real_now: datetime,
    now: datetime,
) -> SignedIn:
    """Log in by phone and password, and the second factor's code where there is one.

    Tries and codes are counted by the real time, sessions by the product's clock (docs/rules.md §1).

    Raises:
        ConsentNeeded, UnknownEdition: see people.check_edition; no try is counted.
        LockedOut, WrongSignIn, CodeNeeded: see people.check_password_and_factor.
        BadVisitor: the visitor's mark is malformed.
    """
    service.check_edition(consent.edition)
    person = service.check_password_and_factor(phone=phone, password=password, code=code, address=address, now=real_now)
    return _open_person(person, consent, visitor, device, now)


@retry
def _open_known(
    login: LoginFact, *, appid: str, consent: Consent, visitor: str, device: str, now: datetime
) -> SignedIn:
    with transaction.atomic(durable=True):
        person = service.sign_in_by_wechat(appid=appid, openid=login.openid, unionid=login.unionid or "", now=now)
        return opened(person, consent, visitor, device, now)


@retry
def _open_person(person: PersonRef, consent: Consent, visitor: str, device: str, now: datetime) -> SignedIn:
    with transaction.atomic(durable=True):
        return opened(person, consent, visitor, device, now)


def _state(asker: str, seconds: int, nonce: str = "") -> str:
    """Return seconds, a nonce and their keyed digest together with the browser's secret: 66 letters and digits."""
    nonce = nonce or secrets.token_hex(8)
    told = f"{seconds:010x}{nonce}"
    return told + salted_hmac("tuike.web_sign_in", f"{told}|{asker}").hexdigest()


def _check_state(state: str, asker: str, now: datetime) -> None:
    found = _STATE.fullmatch(state)
    if found is None:
        raise ForeignState
    seconds = int(found[1], 16)
    if not constant_time_compare(_state(asker, seconds, found[2]), state):
        raise ForeignState
    begun = datetime.fromtimestamp(seconds, UTC)
    if not begun <= now + timedelta(seconds=1) or now > begun + STATE_LIFE:
        raise ForeignState
