"""A real SMTP server on loopback, which keeps what it is sent, and misbehaves as it is told to."""

import asyncio
import contextlib
import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.ports import take_port


class Post:
    """What the server got. `says` is the answer to a mail's content (empty: it takes it), `to_sender` to its sender;
    `slow_s` is how long it thinks before it answers to the content, which it has kept by then."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.says = self.to_sender = ""
        self.slow_s = 0.0
        self.port = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """Return what was taken, as mail programs read it."""
        return [email.message_from_bytes(one, policy=email.policy.default) for one in self.raw]  # type: ignore[misc]

    async def handle_MAIL(self, server: SMTP, session, envelope, address, options) -> str:
        """Answer to the sender."""
        if self.to_sender:
            return self.to_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session, envelope) -> str:
        """Keep a mail, or say no."""
        if self.says:
            return self.says
        self.raw.append(envelope.content)
        await asyncio.sleep(self.slow_s)
        return "250 OK"


@contextlib.contextmanager
def smtp_server(**of: Any) -> Iterator[Post]:
    """Run a server, `of` as aiosmtpd takes it, and yield what it gets."""
    post = Post()
    post.port = take_port()
    controller = Controller(post, hostname="127.0.0.1", port=post.port, **of)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def mail_through(settings: Any, post: Post) -> None:
    """Let the mail of this process go to a server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", post.port, 1
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "推客 <no-reply@tuike.example.com>"


@contextlib.contextmanager
def post_office(settings: Any, **of: Any) -> Iterator[Post]:
    """Run a server, let the mail of this process go there, and yield what it gets."""
    with smtp_server(**of) as post:
        mail_through(settings, post)
        yield post
