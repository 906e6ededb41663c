"""A person's e-mail address: said, a code is sent there, the code confirms it. Times are the real ones: mails come from
outside."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.gateways import mail as gateway
from tuike.gateways.mail import Mail, MailState
from tuike.kit.errors import Refusal
from tuike.people import queries
from tuike.people import service as people

Compose = Callable[[str, str], Mail]
"""Returns the mail to an address with its code."""


class MailNotSent(Refusal):
    """The mail server didn't take the mail."""

    code = "mail_not_sent"
    zh = "邮件未能发出，请稍后再试；如仍失败请联系平台"
    en = "The mail could not be sent; try again later, and tell the operator if it goes on."


class NoEmail(Refusal):
    """The person has confirmed no e-mail address."""

    code = "no_email"
    zh = "请先在账户设置中填写并验证邮箱"
    en = "Confirm an e-mail address in your account first."


def ask_email(*, person_id: int, address: str, compose: Compose, real_now: datetime) -> None:
    """Keep an address and send its code there.

    Raises:
        BadEmail, LockedOut: see people.allow_email_code.
        MailNotSent: the server didn't take it; a new code may be asked for.
    """
    people.allow_email_code(person_id=person_id, address=address, now=real_now)
    with transaction.atomic(durable=True):
        clear, code = people.claim_email(person_id=person_id, address=address, now=real_now)
    _send(compose(clear, code))


@retry
def confirm_email(*, person_id: int, code: str, actor: Actor, real_now: datetime) -> None:
    """Make the address the person's by its code; tries are counted before it is looked at.

    Raises:
        LockedOut: too many tries. WrongEmailCode: it is wrong or too old.
    """
    people.allow_email_try(person_id=person_id, now=real_now)
    with transaction.atomic(durable=True):
        people.confirm_email(person_id=person_id, code=code, actor=actor, now=real_now)


@retry
def remove_email(*, person_id: int, actor: Actor, now: datetime) -> None:
    """Forget a person's address: no mails any more."""
    with transaction.atomic(durable=True):
        people.remove_email(person_id=person_id, actor=actor, now=now)


def send_trial(*, person_id: int, compose: Callable[[str], Mail], real_now: datetime) -> None:
    """Send a person a trial mail at once; counted with the codes that they let be sent.

    Raises:
        NoEmail: no address is confirmed. LockedOut: too many in 15 minutes. MailNotSent: the server didn't take it.
    """
    address = queries.addresses_of([person_id]).get(person_id)
    if address is None:
        raise NoEmail
    people.allow_email_code(person_id=person_id, address=address, now=real_now)
    _send(compose(address))


def _send(mail: Mail) -> None:
    """Send a mail for which somebody waits.

    Raises:
        MailNotSent: the server didn't take it, or nobody knows.
    """
    if gateway.send(mail).state is not MailState.SENT:
        raise MailNotSent
