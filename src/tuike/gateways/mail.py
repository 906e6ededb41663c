"""Mails, by Django's backend: a server over SMTP, or the terminal in development.

A mail has no number that the server could be asked about later. So each step says whether it can have arrived: until
its content was handed over it certainly has not, and is sent again; from then on without an answer nobody knows.
"""

import contextlib
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.mime.image import MIMEImage
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends import dummy, smtp
from django.core.mail.message import sanitize_address


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person: text, the same as HTML, and pictures that the HTML names by `cid:<name>`.

    `number` makes its Message-ID: the same number, however often it is sent, is the same mail.
    """

    to: str = field(repr=False)
    subject: str
    text: str
    html: str
    number: str
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class MailState(StrEnum):
    """What became of a mail: taken by the server; not taken, to be tried again; refused for good; nobody knows."""

    SENT = "sent"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """What became of a mail; `why` is short and names nobody."""

    state: MailState
    why: str = ""


def configured() -> bool:
    """Return whether mails leave at all (in production they need a server)."""
    return "dummy" not in settings.EMAIL_BACKEND


def send(mail: Mail) -> MailOutcome:
    """Send a mail and say what became of it; raises nothing that it can say."""
    [outcome] = send_all([mail])
    return outcome


def send_all(mails: Sequence[Mail]) -> list[MailOutcome]:
    """Send mails over one connection, and say what became of each."""
    connection = get_connection()
    if isinstance(connection, dummy.EmailBackend):
        return [MailOutcome(MailState.REFUSED, "not_configured") for _ in mails]
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:  # nothing was handed over
        _hang_up(connection)
        return [MailOutcome(MailState.NOT_SENT, _why(error)) for _ in mails]
    try:
        return [_send(connection, mail) for mail in mails]
    finally:
        connection.close()


def greet() -> str:
    """Reach the server, with its encryption and the user's password; return what is wrong, empty for nothing."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        _hang_up(connection)
        return _why(error)
    connection.close()
    return ""


def trial(address: str) -> str:
    """Send a trial mail; return what is wrong, empty for nothing."""
    words = "推客邮件可用。 Mails of Tuike arrive."
    outcome = send(Mail(address, "推客测试邮件 · A trial mail of Tuike", words, f"<p>{words}</p>", "tuike-trial"))
    return "" if outcome.state is MailState.SENT else f"{outcome.state}: {outcome.why}"


def _send(connection: Any, mail: Mail) -> MailOutcome:
    message = _message(mail)
    if not isinstance(connection, smtp.EmailBackend):
        connection.send_messages([message])
        return MailOutcome(MailState.SENT)
    try:
        server = _line(connection)
        server.ehlo_or_helo_if_needed()
        sender = _bare(sanitize_address(message.from_email, "utf-8"))
        refused = _refused(server.mail(sender)) or _refused(server.rcpt(mail.to))
    except (OSError, smtplib.SMTPException) as error:  # nothing was handed over
        connection.close()
        return MailOutcome(MailState.NOT_SENT, _why(error))
    if refused:
        _begin_anew(server)
        return refused
    return _handed_over(server, message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]  # Django's own takes it


def _line(connection: Any) -> Any:
    """Return the connection to the server, opened anew where it hung up after the mail before."""
    if connection.connection is None or connection.connection.sock is None:
        connection.close()
        connection.open()
    return connection.connection


def _handed_over(server: Any, content: bytes) -> MailOutcome:
    try:
        return _refused(server.data(content)) or MailOutcome(MailState.SENT)
    except smtplib.SMTPDataError as error:  # it didn't want the content
        _begin_anew(server)
        return _refused((error.smtp_code, error.smtp_error)) or MailOutcome(MailState.NOT_SENT, _why(error))
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        return MailOutcome(MailState.UNKNOWN, _why(error))


def _refused(answer: tuple[int, bytes | str]) -> MailOutcome | None:
    """Return the no of an answer: for now (4xx), or for good (5xx)."""
    code, _ = answer
    if 200 <= code < 300:
        return None
    return MailOutcome(MailState.REFUSED if code >= 500 else MailState.NOT_SENT, f"smtp_{code}")


def _begin_anew(server: Any) -> None:
    try:
        server.rset()
    except (OSError, smtplib.SMTPException):
        server.close()


def _message(mail: Mail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={
            "Message-ID": f"<{mail.number}@{_host()}>",
            "Auto-Submitted": "auto-generated",
            **mail.headers,
        },
    )
    message.attach_alternative(mail.html, "text/html")
    message.mixed_subtype = "related"  # type: ignore[attr-defined]  # the stubs leave it out
    for name, picture in mail.pictures.items():
        part = MIMEImage(picture, "png")
        part.add_header("Content-ID", f"<{name}>")
        part.add_header("Content-Disposition", "inline", filename=f"{name}.png")
        message.attach(part)
    return message


def _hang_up(connection: Any) -> None:
    """Let go of a server that was reached, but with which no mail can be sent."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.close()


def _bare(address: str) -> str:
    return address.rpartition("<")[2].rstrip(">")


def _host() -> str:
    return _bare(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2] or "localhost"


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "no_tls"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"smtp_{error.smtp_code}"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout"
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionResetError):
        return "hung_up"
    if isinstance(error, ssl.SSLError):
        return "no_trust"
    return "unreachable" if isinstance(error, OSError) else type(error).__name__[:40]
