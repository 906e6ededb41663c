"""A person logs in by WeChat, and gives the phone number that WeChat has verified."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.flows import outside
from tuike.flows.keyed import keyed
from tuike.flows.merge_visitor import merge
from tuike.gateways.types import LoginFact, PhoneFact
from tuike.people import queries as people
from tuike.people import service
from tuike.people.types import PersonRef, PhoneShown, SessionKind
from tuike.settings import service as mall


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who logged in, the token of the new session (shown this once), and how many touches became theirs."""

    person: PersonRef
    token: str = field(repr=False)
    touches: int


@dataclass(frozen=True, slots=True)
class Consent:
    """The edition of the privacy terms that somebody said yes to (0: to none), and the language they read it in."""

    edition: int
    language: str


def sign_in(*, code: str, consent: Consent, visitor: str, device: str, now: datetime) -> SignedIn:
    """Log in with the code of `wx.login`; what the visitor had seen becomes the buyer's (docs/rules.md §4, §11).

    The code is the key: WeChat takes it once.

    Raises:
        ConsentNeeded, UnknownEdition: see people.check_edition; WeChat isn't asked, and nothing is kept.
        Refused: unknown, used or expired code; or WeChat blocks the user. Unreachable: log in again.
        BadVisitor: the visitor's mark is malformed.
    """
    service.check_edition(consent.edition)
    login = outside.wechat().code2session(code)
    return _open(login, consent, visitor, device, now)


def opened(person: PersonRef, consent: Consent, visitor: str, device: str, now: datetime) -> SignedIn:
    """Keep the yes to the privacy terms and open a session, inside the caller's transaction.

    Raises:
        UnknownEdition: another edition is in force now.
    """
    service.agree(person_id=person.id, edition=consent.edition, language=consent.language, now=now)
    touches = merge(visitor=visitor, buyer_id=person.id) if visitor else 0
    token = service.open_session(person_id=person.id, kind=SessionKind.STOREFRONT, device=device, now=now)
    return SignedIn(person, token, touches)


def bind_phone(*, person_id: int, code: str, key: str | None, now: datetime) -> PhoneShown:
    """Give a person who agreed to the privacy terms the number behind the code of a phone button; return it masked.

    Raises:
        ConsentNeeded: the person hasn't agreed to the terms in force; WeChat isn't asked.
        Refused: unknown, used or expired code. Unreachable: the button must be pressed again.
        BadPhone, PhoneTaken, UnknownPerson: see people.bind_phone.
        KeyMalformed, KeyUsedForOther: the key.
    """
    service.require_consent(person_id=person_id)
    return _bind(person_id, outside.wechat().phone_number(code), code, key, now)


@retry
def _open(login: LoginFact, consent: Consent, visitor: str, device: str, now: datetime) -> SignedIn:
    with transaction.atomic(durable=True):
        person = service.sign_in_by_wechat(
            appid=mall.mall_appid(), openid=login.openid, unionid=login.unionid or "", now=now
        )
        return opened(person, consent, visitor, device, now)


@retry
def _bind(person_id: int, phone: PhoneFact, code: str, key: str | None, now: datetime) -> PhoneShown:
    abroad = phone.country_code not in ("", "86")
    number = f"+{phone.country_code}{phone.number}" if abroad else phone.number

    def shown() -> PhoneShown:
        found = people.phone_of(person_id)
        assert found is not None
        return found

    def work() -> PhoneShown:
        service.bind_phone(person_id=person_id, phone=number, now=now)
        return shown()

    scope = f"person:{person_id}:bind_phone"
    return keyed(scope=scope, key=key, content={"code": code}, now=now, work=work, again=shown)
