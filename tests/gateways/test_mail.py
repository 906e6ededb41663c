"""Mails to a real SMTP server: what it reads, and what is said of each of its answers."""

import socket
import ssl
import threading

import pytest
from aiosmtpd.smtp import AuthResult
from PIL import Image

from tests.gateways.test_webhook import issued
from tests.make.mailing import post_office
from tests.ports import take_port
from tuike.gateways import mail
from tuike.gateways.mail import Mail, MailState

RED = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00"
    b"\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


def one(number="m-1"):
    return Mail(
        to="li.lei@example.com", subject="经营日报 2026-03-03", text="成交金额 ¥123.45\n", number=number,
        html='<p>成交金额 <b>¥123.45</b></p><img src="cid:chart" alt="图">', pictures={"chart": RED},
        headers={"List-Unsubscribe": "<http://127.0.0.1/x>"},
    )  # fmt: skip


@pytest.fixture
def post(settings):
    with post_office(settings) as running:
        yield running


def test_a_mail_is_read_as_it_was_written(post):
    assert mail.send(one()).state is MailState.SENT
    [got] = post.mails
    assert (got["Subject"], got["To"], got["Message-ID"]) == (
        "经营日报 2026-03-03", "li.lei@example.com", "<m-1@tuike.example.com>",
    )  # fmt: skip
    assert got["From"] == "推客 <no-reply@tuike.example.com>"
    assert (got["Auto-Submitted"], got["List-Unsubscribe"]) == ("auto-generated", "<http://127.0.0.1/x>")
    assert got.get_body(("plain",)).get_content().splitlines() == ["成交金额 ¥123.45"]
    assert "<b>¥123.45</b>" in got.get_body(("html",)).get_content()
    [picture] = [part for part in got.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<chart>"
    assert picture.get_content() == RED


@pytest.mark.parametrize(
    ("where", "says", "state"),
    [
        ("says", "451 come back later", MailState.NOT_SENT),
        ("says", "554 no", MailState.REFUSED),
        ("to_sender", "421 too many", MailState.NOT_SENT),
        ("to_sender", "550 unknown", MailState.REFUSED),
    ],
)
def test_a_servers_no(post, where, says, state):
    setattr(post, where, says)
    said = mail.send_all([one("m-1"), one("m-2")])
    assert {(each.state, each.why) for each in said} == {(state, f"smtp_{says[:3]}")}
    setattr(post, where, "")
    assert mail.send(one()).state is MailState.SENT
    assert len(post.raw) == 1


def test_a_server_that_is_down(settings, post):
    settings.EMAIL_PORT = take_port()
    assert mail.send(one()) == mail.MailOutcome(MailState.NOT_SENT, "unreachable")
    assert mail.greet() == "unreachable"


def test_a_server_that_says_nothing_has_taken_nothing(settings, post):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = silent.getsockname()[1], 0.2
        assert mail.send(one()) == mail.MailOutcome(MailState.NOT_SENT, "timeout")


def test_a_server_that_goes_silent_after_the_content_may_have_taken_it(settings, post):
    settings.EMAIL_TIMEOUT, post.slow_s = 0.3, 1.0
    assert mail.send(one()) == mail.MailOutcome(MailState.UNKNOWN, "timeout")
    assert len(post.raw) == 1  # indeed


def test_a_server_that_hangs_up_in_the_middle(settings, post):
    """It says hello and takes the addresses; when the content comes it is gone."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_PORT = server.getsockname()[1]

        def talk():
            line, _ = server.accept()
            with line, line.makefile("rb") as heard:
                line.sendall(b"220 hello\r\n")
                for said in heard:
                    if said.upper().startswith(b"DATA"):
                        line.sendall(b"354 go on\r\n")
                        return
                    line.sendall(b"250 OK\r\n")

        talking = threading.Thread(target=talk)
        talking.start()
        said = mail.send(one())
        talking.join()
    assert said == mail.MailOutcome(MailState.UNKNOWN, "hung_up")


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # it has TLS from the first byte
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_with_encryption_and_a_password(settings, monkeypatch, tmp_path, tls):
    pem, key = issued("localhost")
    (tmp_path / "cert.pem").write_bytes(pem)
    (tmp_path / "both.pem").write_bytes(pem + key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "both.pem")
    kinds = {
        "starttls": {"tls_context": server, "require_starttls": True},
        "tls": {"ssl_context": server, "server_hostname": "localhost", "auth_require_tls": False},
    }
    asked = {"auth_required": True, "authenticator": _doorman}
    with post_office(settings, **kinds[tls], **asked) as post:
        settings.EMAIL_HOST, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "localhost", "tuike", "secret"
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = tls == "starttls", tls == "tls"
        assert mail.send(one()) == mail.MailOutcome(MailState.NOT_SENT, "no_trust")  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        settings.EMAIL_HOST = "127.0.0.1"
        assert mail.greet() == "no_trust"  # it is another's certificate
        settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "localhost", "wrong"
        assert mail.send(one()) == mail.MailOutcome(MailState.NOT_SENT, "smtp_535")
        assert post.raw == []
        settings.EMAIL_HOST_PASSWORD = "secret"
        assert mail.greet() == ""
        assert mail.send(one()).state is MailState.SENT
        assert len(post.raw) == 1


def test_a_server_without_encryption_gets_neither_password_nor_mail(settings, post):
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = True, "tuike", "secret"
    assert mail.send(one()) == mail.MailOutcome(MailState.NOT_SENT, "no_tls")
    assert post.raw == []


def _doorman(server, session, envelope, mechanism, said):
    return AuthResult(success=(said.login, said.password) == (b"tuike", b"secret"), handled=False)


def test_without_a_server_in_production_nothing_leaves(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert not mail.configured()
    assert mail.send(one()) == mail.MailOutcome(MailState.REFUSED, "not_configured")


def test_the_red_dot_is_a_picture(tmp_path):
    (tmp_path / "red.png").write_bytes(RED)
    with Image.open(tmp_path / "red.png") as red:
        assert red.size == (1, 1)
