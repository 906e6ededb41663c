"""Persons: signing in, phones, passwords and codes, sessions, scans, erasure."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from tests.make import people as make
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.people import queries, rules, service
from tuike.people.types import (
    BadPhone,
    CodeNeeded,
    FactorExists,
    LockedOut,
    PhoneTaken,
    ScanExpired,
    ScanNotOpen,
    ScanState,
    SessionKind,
    SessionOver,
    UnknownPerson,
    UnknownScan,
    UnknownSession,
    WeakPassword,
    WrongCode,
    WrongSignIn,
)

pytestmark = pytest.mark.usefixtures("db")

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
PASSWORD = "一个足够长的密码 2026"
ADDRESS = "203.0.113.7"
MICRO = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch):
    """Argon2 with little work: how hard it is in the product is Django's setting, and not what is tested here."""
    for cost, value in (("time_cost", 1), ("memory_cost", 64), ("parallelism", 1)):
        monkeypatch.setattr(Argon2PasswordHasher, cost, value)


def test_the_same_openid_is_the_same_person():
    first = service.sign_in_by_wechat(appid="wxa", openid="o1", now=NOW)
    again = service.sign_in_by_wechat(appid="wxa", openid="o1", now=NOW + timedelta(days=1))
    other_app = service.sign_in_by_wechat(appid="wxb", openid="o1", now=NOW)
    assert first == again
    assert other_app.id != first.id


def test_the_same_unionid_is_the_same_person_in_every_app():
    first = service.sign_in_by_wechat(appid="wxa", openid="o1", unionid="u1", now=NOW)
    second = service.sign_in_by_wechat(appid="wxb", openid="o2", unionid="u1", now=NOW)
    assert first == second
    assert queries.openids_of([first.id], appid="wxb") == {first.id: "o2"}
    assert queries.persons_of_openids(["o1", "o2"], appid="wxa") == {"o1": first.id}


def test_a_unionid_that_comes_later_is_learnt():
    first = service.sign_in_by_wechat(appid="wxa", openid="o1", now=NOW)
    service.sign_in_by_wechat(appid="wxa", openid="o1", unionid="u1", now=NOW)
    assert service.sign_in_by_wechat(appid="wxb", openid="o2", unionid="u1", now=NOW) == first


def test_two_persons_are_never_merged():
    first = service.sign_in_by_wechat(appid="wxa", openid="o1", now=NOW)
    second = service.sign_in_by_wechat(appid="wxb", openid="o2", unionid="u1", now=NOW)
    assert service.sign_in_by_wechat(appid="wxa", openid="o1", unionid="u1", now=NOW) == first
    assert service.sign_in_by_wechat(appid="wxb", openid="o2", unionid="u1", now=NOW) == second


def test_a_phone_is_sealed_masked_and_found():
    person = make.person(phone="+86 13800138000")
    assert queries.phone_of(person.id).number == "138****8000"
    assert queries.phone_of(person.id, unmasked=True).number == "13800138000"
    assert "13800138000" not in repr(queries.phone_of(person.id, unmasked=True))
    assert queries.find_by_phone("138-0013-8000") == person
    assert queries.find_by_phone("13800138001") is None
    assert queries.find_by_phone("nonsense") is None
    sealed = bytes(rows.query("SELECT sealed FROM people_phone WHERE person_id = %s", [person.id])[0][0])
    assert b"13800138000" not in sealed


def test_a_phone_belongs_to_one_person_and_may_change():
    first, second = make.person(phone="13800138000"), make.person()
    with refused(PhoneTaken, "people"):
        service.bind_phone(person_id=second.id, phone="+8613800138000", now=NOW)
    service.bind_phone(person_id=first.id, phone="13900139000", now=NOW)
    assert queries.find_by_phone("13800138000") is None
    service.bind_phone(person_id=second.id, phone="13800138000", now=NOW)
    assert queries.find_by_phone("13800138000") == second


def test_what_is_no_phone_and_no_person_is_refused():
    person = make.person()
    with refused(BadPhone, "people"):
        service.bind_phone(person_id=person.id, phone="123", now=NOW)
    with refused(UnknownPerson, "people"):
        service.bind_phone(person_id=person.id + 1_000, phone="13800138000", now=NOW)


def test_a_sealed_phone_does_not_open_in_another_row():
    first, second = make.person(phone="13800138000"), make.person(phone="13900139000")
    rows.run(
        "UPDATE people_phone SET sealed = (SELECT sealed FROM people_phone WHERE person_id = %s) WHERE person_id = %s",
        [first.id, second.id],
    )
    from tuike.kit.crypto import Unreadable

    with pytest.raises(Unreadable):
        queries.phone_of(second.id)


def test_a_name_and_language_are_kept():
    person = make.person()
    service.rename(person_id=person.id, nickname=" 小红 ", language="en-US")
    assert queries.refs([person.id])[person.id].nickname == "小红"
    assert queries.refs([person.id])[person.id].language == "en"
    with refused(UnknownPerson, "people"):
        service.rename(person_id=person.id + 1_000, nickname="x")


@pytest.mark.parametrize("password", ["short", "1234567890123", "x" * 129, "password123", "my 13800138000 phone"])
def test_a_weak_password_is_refused(password):
    person = make.person(phone="13800138000")
    with refused(WeakPassword, "people"):
        service.set_password(person_id=person.id, password=password, actor=make.acting(person.id), now=NOW)


def _with_password(phone="13800138000"):
    person = make.person(phone=phone)
    service.set_password(person_id=person.id, password=PASSWORD, actor=make.acting(person.id), now=NOW)
    return person


def _sign_in(phone="13800138000", password=PASSWORD, code="", address=ADDRESS, now=NOW):
    return service.check_password_and_factor(phone=phone, password=password, code=code, address=address, now=now)


def test_a_password_is_argon2_and_lets_its_person_in():
    person = _with_password()
    assert _sign_in("+8613800138000") == person
    stored = rows.query("SELECT password FROM people_person WHERE id = %s", [person.id])[0][0]
    assert stored.startswith("argon2$argon2id$")
    assert rows.query("SELECT action, object, facts::text FROM audit_act") == [("password.set", person.no, "{}")]


def test_a_new_password_ends_console_sessions():
    person = _with_password()
    console = service.open_session(person_id=person.id, kind=SessionKind.CONSOLE, now=NOW)
    shop = service.open_session(person_id=person.id, kind=SessionKind.STOREFRONT, now=NOW)
    service.set_password(person_id=person.id, password=PASSWORD + "!", actor=make.acting(person.id), now=NOW)
    with pytest.raises(SessionOver):
        service.person_of(token=console, kind=SessionKind.CONSOLE, now=NOW)
    assert service.person_of(token=shop, kind=SessionKind.STOREFRONT, now=NOW) == person


@pytest.mark.parametrize(
    ("phone", "password"),
    [("13800138000", "wrong password"), ("13900139000", PASSWORD), ("nonsense", PASSWORD), ("13800138000", "")],
)
def test_wrong_phone_and_wrong_password_look_the_same(phone, password):
    _with_password()
    with refused(WrongSignIn, "people_p", "people_s"):
        _sign_in(phone, password)


def test_a_person_without_password_can_not_get_in_with_none():
    make.person(phone="13800138000")
    for password in ("", "!", PASSWORD):
        with pytest.raises(WrongSignIn):
            _sign_in(password=password)


def test_five_wrong_tries_lock_the_account_for_a_quarter_of_an_hour():
    person = _with_password()
    for _ in range(rules.TRIES_PER_ACCOUNT):
        with pytest.raises(WrongSignIn):
            _sign_in(password="wrong password")
    later = NOW + timedelta(minutes=5)
    with refused(LockedOut, "people_p", "people_s") as info:
        _sign_in(now=later, address="198.51.100.1")
    assert info.value.details["until"] == NOW + rules.ATTEMPT_WINDOW
    assert info.value.sentence() == "尝试次数过多，请在 10 分钟后再试"
    with pytest.raises(LockedOut):
        _sign_in(now=NOW + rules.ATTEMPT_WINDOW - MICRO)
    assert _sign_in(now=NOW + rules.ATTEMPT_WINDOW) == person


def test_an_address_is_locked_for_all_accounts_and_no_other_address_is():
    person = _with_password()
    for number in range(rules.TRIES_PER_ADDRESS):
        with pytest.raises(WrongSignIn):
            _sign_in(f"139{number:08d}")
    with refused(LockedOut, "people_p", "people_s"):
        _sign_in()
    assert _sign_in(address="198.51.100.1") == person


def test_success_clears_the_accounts_tries_but_not_the_addresss():
    _with_password()
    for _ in range(3):
        for _ in range(rules.TRIES_PER_ACCOUNT - 1):
            with pytest.raises(WrongSignIn):
                _sign_in(password="wrong password")
        _sign_in()
    assert rows.query("SELECT split_part(key, ':', 1), tried FROM people_attempt") == [("address", 15)]
    kept = str(rows.query("SELECT key FROM people_attempt"))
    assert ADDRESS not in kept


def _with_factor():
    person = _with_password()
    enrolment = service.start_second_factor(person_id=person.id, now=NOW)
    totp = pyotp.TOTP(enrolment.secret)
    service.confirm_second_factor(person_id=person.id, code=totp.at(NOW), actor=make.acting(person.id), now=NOW)
    return person, totp


def test_a_second_factor_counts_after_it_is_confirmed():
    person = _with_password()
    enrolment = service.start_second_factor(person_id=person.id, now=NOW)
    assert enrolment.uri.startswith("otpauth://totp/")
    assert enrolment.secret not in repr(enrolment)
    assert not queries.has_second_factor(person.id)
    assert _sign_in() == person
    with refused(WrongCode, "people"):
        service.confirm_second_factor(person_id=person.id, code="000000", actor=make.acting(person.id), now=NOW)
    code = pyotp.TOTP(enrolment.secret).at(NOW)
    service.confirm_second_factor(person_id=person.id, code=code, actor=make.acting(person.id), now=NOW)
    assert queries.has_second_factor(person.id)
    with refused(CodeNeeded, "people_p", "people_s"):
        _sign_in()
    with refused(FactorExists, "people"):
        service.start_second_factor(person_id=person.id, now=NOW)
    with refused(FactorExists, "people"):
        service.confirm_second_factor(person_id=person.id, code=code, actor=make.acting(person.id), now=NOW)
    sealed = bytes(rows.query("SELECT sealed FROM people_second_factor")[0][0])
    assert enrolment.secret.encode() not in sealed


def test_a_code_is_good_once():
    person, totp = _with_factor()
    with refused(WrongSignIn, "people_p", "people_s"):
        _sign_in(code=totp.at(NOW))  # used up by the confirmation
    later = NOW + timedelta(seconds=60)
    code = totp.at(later)
    assert _sign_in(code=f"{code[:3]} {code[3:]}", now=later) == person
    with refused(WrongSignIn, "people_p", "people_s"):
        _sign_in(code=code, now=later)
    with refused(WrongSignIn, "people_p", "people_s"):
        _sign_in(code=totp.at(later - timedelta(seconds=30)), now=later)  # an older one after a newer one


def test_a_code_from_too_long_ago_is_wrong():
    _, totp = _with_factor()
    later = NOW + timedelta(seconds=120)
    for code in (
        totp.at(later - timedelta(seconds=60)),
        totp.at(later + timedelta(seconds=60)),
        "１２３４５６",
        "abcdef",
    ):
        with refused(WrongSignIn, "people_p", "people_s"):
            _sign_in(code=code, now=later)


def test_a_right_code_does_not_help_a_wrong_password():
    _, totp = _with_factor()
    later = NOW + timedelta(seconds=60)
    with refused(WrongSignIn, "people_p", "people_s"):
        _sign_in(password="wrong password", code=totp.at(later), now=later)


def test_a_second_factor_goes_with_one_of_its_codes():
    person, totp = _with_factor()
    later = NOW + timedelta(seconds=60)
    actor = make.acting(person.id)
    with refused(WrongCode, "people"):
        service.remove_second_factor(person_id=person.id, code="000000", actor=actor, now=later)
    service.remove_second_factor(person_id=person.id, code=totp.at(later), actor=actor, now=later)
    assert _sign_in() == person
    with refused(WrongCode, "people"):
        service.confirm_second_factor(person_id=person.id, code="000000", actor=actor, now=later)


def test_a_console_session_rests_half_an_hour_and_lasts_half_a_day():
    person = make.person()
    token = service.open_session(person_id=person.id, kind=SessionKind.CONSOLE, device="Firefox", now=NOW)
    at = NOW
    while at + timedelta(minutes=30) <= NOW + timedelta(hours=12):
        at += timedelta(minutes=30)
        assert service.person_of(token=token, kind=SessionKind.CONSOLE, now=at) == person
    with refused(SessionOver, "people"):
        service.person_of(token=token, kind=SessionKind.CONSOLE, now=at + MICRO)

    resting = service.open_session(person_id=person.id, kind=SessionKind.CONSOLE, now=NOW)
    with refused(SessionOver, "people"):
        service.person_of(token=resting, kind=SessionKind.CONSOLE, now=NOW + timedelta(minutes=30) + MICRO)


def test_a_storefront_session_lasts_thirty_days_and_notes_its_use_once_an_hour():
    person = make.person()
    token = service.open_session(person_id=person.id, kind=SessionKind.STOREFRONT, now=NOW)

    def seen(after):
        service.person_of(token=token, kind=SessionKind.STOREFRONT, now=NOW + after)
        return rows.query("SELECT seen_at FROM people_session")[0][0] - NOW

    assert seen(timedelta(minutes=59)) == timedelta(0)
    assert seen(timedelta(minutes=61)) == timedelta(minutes=61)
    assert seen(timedelta(days=30)) == timedelta(days=30)
    with refused(SessionOver, "people"):
        seen(timedelta(days=30) + MICRO)


def test_only_the_digest_of_a_token_is_kept_and_the_kind_counts():
    person = make.person()
    token = service.open_session(person_id=person.id, kind=SessionKind.STOREFRONT, now=NOW)
    assert token.encode() not in bytes(rows.query("SELECT token_digest FROM people_session")[0][0])
    for wrong, kind in ((token, SessionKind.CONSOLE), (token + "x", SessionKind.STOREFRONT), ("", SessionKind.CONSOLE)):
        with refused(SessionOver, "people"):
            service.person_of(token=wrong, kind=kind, now=NOW)


def test_a_person_ends_own_sessions_only():
    person, stranger = make.person(), make.person()
    tokens = [service.open_session(person_id=person.id, kind=SessionKind.CONSOLE, device=d, now=NOW) for d in "ab"]
    shown = queries.sessions_of(person.id, now=NOW)
    assert sorted(s.device for s in shown) == ["a", "b"]
    with refused(UnknownSession, "people"):
        service.revoke_session(person_id=stranger.id, session_id=shown[0].id, now=NOW)
    first = next(s for s in shown if s.device == "a")
    service.revoke_session(person_id=person.id, session_id=first.id, now=NOW)
    with pytest.raises(SessionOver):
        service.person_of(token=tokens[0], kind=SessionKind.CONSOLE, now=NOW)
    with refused(UnknownSession, "people"):
        service.revoke_session(person_id=person.id, session_id=first.id, now=NOW)
    service.revoke_token(token=tokens[1], now=NOW)
    assert queries.sessions_of(person.id, now=NOW) == []


def _ask(purpose="reset_secret", subject="M1", asker="browser", now=NOW):
    return service.ask_scan(purpose=purpose, subject=subject, place="福州", asker=asker, now=now)


def test_a_scan_from_asking_to_using():
    person = make.person()
    ticket = _ask()
    assert service.scan_state(ticket=ticket, asker="browser", now=NOW).state is ScanState.CREATED
    shown = service.scan(ticket=ticket, person_id=person.id, now=NOW)
    assert (shown.purpose, shown.subject, shown.place, shown.state) == ("reset_secret", "M1", "福州", ScanState.SCANNED)
    assert service.scan(ticket=ticket, person_id=person.id, now=NOW) == shown  # the page is loaded again
    service.confirm_scan(ticket=ticket, person_id=person.id, now=NOW)
    use = {"ticket": ticket, "asker": "browser", "purpose": "reset_secret", "subject": "M1", "now": NOW}
    assert service.use_scan(**use) == person.id
    assert service.scan_state(ticket=ticket, asker="browser", now=NOW).state is ScanState.USED
    with refused(ScanNotOpen, "people"):
        service.use_scan(**use)


def test_a_scan_is_bound_to_asker_purpose_subject_and_person():
    person, stranger = make.person(), make.person()
    ticket = _ask()
    service.scan(ticket=ticket, person_id=person.id, now=NOW)
    with refused(ScanNotOpen, "people"):
        service.scan(ticket=ticket, person_id=stranger.id, now=NOW)
    with refused(ScanNotOpen, "people"):
        service.confirm_scan(ticket=ticket, person_id=stranger.id, now=NOW)
    service.confirm_scan(ticket=ticket, person_id=person.id, now=NOW)
    right = {"ticket": ticket, "asker": "browser", "purpose": "reset_secret", "subject": "M1", "now": NOW}
    for wrong in ({"asker": "other"}, {"purpose": "sign_in"}, {"subject": "M2"}, {"ticket": "unknown"}):
        with refused(UnknownScan, "people"):
            service.use_scan(**right | wrong)
    assert service.use_scan(**right) == person.id


def test_the_steps_of_a_scan_can_not_be_skipped():
    person = make.person()
    ticket = _ask()
    use = {"ticket": ticket, "asker": "browser", "purpose": "reset_secret", "subject": "M1", "now": NOW}
    with refused(ScanNotOpen, "people"):
        service.confirm_scan(ticket=ticket, person_id=person.id, now=NOW)
    with refused(ScanNotOpen, "people"):
        service.use_scan(**use)
    service.scan(ticket=ticket, person_id=person.id, now=NOW)
    with refused(ScanNotOpen, "people") as info:
        service.use_scan(**use)
    assert info.value.details == {"state": "scanned"}
    service.decline_scan(ticket=ticket, person_id=person.id, now=NOW)
    for step in (service.confirm_scan, service.decline_scan, service.scan):
        with refused(ScanNotOpen, "people"):
            step(ticket=ticket, person_id=person.id, now=NOW)
    with refused(ScanNotOpen, "people"):
        service.use_scan(**use)
    with refused(UnknownScan, "people"):
        service.scan(ticket="unknown", person_id=person.id, now=NOW)


def test_a_scan_is_good_for_exactly_five_minutes():
    person = make.person()
    end = NOW + timedelta(minutes=5)
    ticket = _ask()
    use = {"ticket": ticket, "asker": "browser", "purpose": "reset_secret", "subject": "M1"}
    with refused(ScanExpired, "people"):
        service.scan(ticket=ticket, person_id=person.id, now=end + MICRO)
    service.scan(ticket=ticket, person_id=person.id, now=end)
    with refused(ScanExpired, "people"):
        service.confirm_scan(ticket=ticket, person_id=person.id, now=end + MICRO)
    service.confirm_scan(ticket=ticket, person_id=person.id, now=end)
    with refused(ScanExpired, "people"):
        service.use_scan(**use, now=end + MICRO)
    assert service.use_scan(**use, now=end) == person.id


def test_a_ticket_fits_a_mini_program_code_and_only_digests_are_kept():
    ticket = _ask()
    assert len(ticket) <= 32
    stored = rows.query("SELECT ticket_digest, asker_digest FROM people_scan_challenge")[0]
    assert ticket.encode() not in bytes(stored[0])
    assert b"browser" not in bytes(stored[1])


def test_erasing_removes_what_is_personal_and_keeps_the_row():
    person, totp = _with_factor()
    service.rename(person_id=person.id, nickname="小红")
    token = service.open_session(person_id=person.id, kind=SessionKind.CONSOLE, device="phone", now=NOW)
    openid = queries.openids_of([person.id], appid=make.APPID)[person.id]
    service.erase_person(person_id=person.id, actor=OPERATOR_SHELL, now=NOW)

    row = rows.query("SELECT no, nickname, unionid, password, erased_at FROM people_person WHERE id = %s", [person.id])
    assert row[0][:3] == (person.no, "", "")
    assert row[0][3].startswith("!")
    assert row[0][4] == NOW
    for table in ("people_phone", "people_wechat_identity", "people_second_factor"):
        assert rows.query(f"SELECT 1 FROM {table} WHERE person_id = %s", [person.id]) == []
    assert rows.query("SELECT device FROM people_session") == [("",)]
    assert queries.refs([person.id]) == {}
    assert queries.phone_of(person.id) is None
    with pytest.raises(SessionOver):
        service.person_of(token=token, kind=SessionKind.CONSOLE, now=NOW)
    with pytest.raises(WrongSignIn):
        _sign_in(code=totp.at(NOW))
    for verb in (
        lambda: service.erase_person(person_id=person.id, actor=OPERATOR_SHELL, now=NOW),
        lambda: service.bind_phone(person_id=person.id, phone="13900139000", now=NOW),
        lambda: service.open_session(person_id=person.id, kind=SessionKind.CONSOLE, now=NOW),
    ):
        with refused(UnknownPerson, "people"):
            verb()
    assert service.sign_in_by_wechat(appid=make.APPID, openid=openid, now=NOW).id != person.id


def test_what_ended_long_ago_is_forgotten():
    person = make.person()
    old, young = NOW, NOW + timedelta(days=20)
    for at in (old, young):
        service.open_session(person_id=person.id, kind=SessionKind.CONSOLE, now=at)
        _ask(now=at)
        with pytest.raises(WrongSignIn):
            _sign_in(now=at, address=str(at))
    revoked = service.open_session(person_id=person.id, kind=SessionKind.STOREFRONT, now=old)
    service.revoke_token(token=revoked, now=old)
    later = NOW + timedelta(days=32)
    # Sessions: the old one and the revoked one; one challenge; the old address's count (the account's went on).
    assert service.forget_old(now=later) == 4
    assert service.forget_old(now=later) == 0
    assert len(queries.sessions_of(person.id, now=young)) == 1
