"""What `tuike doctor` says of mails: nothing set, a server that is there, one that isn't, a trial mail."""

import pytest

from tests.make.mailing import post_office
from tests.ports import take_port
from tuike.doors.cli import doctor
from tuike.runtime.checks import Level

NAMES = ("HOST", "PORT", "USER", "PASSWORD", "TLS", "TIMEOUT")


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(f"TUIKE_SMTP_{name}", raising=False)
    monkeypatch.delenv("TUIKE_MAIL_FROM", raising=False)
    monkeypatch.setattr(doctor.product, "use", lambda: None)


def test_without_a_server_it_says_where_mails_go():
    assert doctor.mails("", database=True).level is Level.HINT


def test_a_half_set_server_is_wrong(monkeypatch):
    monkeypatch.setenv("TUIKE_SMTP_HOST", "127.0.0.1")
    assert doctor.mails("", database=True).level is Level.WRONG  # from whom?
    monkeypatch.setenv("TUIKE_MAIL_FROM", "no-reply@example.com")
    monkeypatch.setenv("TUIKE_SMTP_TLS", "ssl3")
    assert doctor.mails("", database=True).level is Level.WRONG


def test_a_server_is_reached_and_a_trial_mail_sent(monkeypatch, settings):
    monkeypatch.setenv("TUIKE_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("TUIKE_MAIL_FROM", "no-reply@example.com")
    with post_office(settings) as post:
        assert doctor.mails("", database=True).level is Level.OK
        assert post.raw == []
        assert doctor.mails("li@example.com", database=True).level is Level.OK
        assert [one["To"] for one in post.mails] == ["li@example.com"]
        post.says = "550 no"
        refused = doctor.mails("li@example.com", database=True)
        assert (refused.level, "smtp_550" in refused.words) == (Level.WRONG, True)
        settings.EMAIL_PORT = take_port()
        assert doctor.mails("", database=True).level is Level.WRONG
