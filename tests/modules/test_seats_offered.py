"""Seats offered to a phone or by a scan, the role handed on by two scans, accounts bound by one: who may, and once."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.make import parties as make
from tests.make import people as make_people
from tests.make.people import APPID, EARLY, acting
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.messages import queries as messages
from tuike.parties import queries, rules, service
from tuike.parties.types import (
    AlreadySeated,
    InvitationOpen,
    NotCertified,
    NotSeated,
    NotSuperAdmin,
    OtherHand,
    Rail,
    Role,
    RoleNotOfKind,
    Suspended,
    TooManyInvitations,
    UnknownInvitation,
)
from tuike.people import service as people
from tuike.people.types import BadPhone, ScanExpired, ScanNotOpen, UnknownScan

pytestmark = pytest.mark.usefixtures("db")

BROWSER = "a-browser's-secret"
LATER = EARLY + timedelta(hours=1)


def standing():
    """Return what a refusal must leave as it was."""
    return rows.query(
        """
        SELECT 'seat', party_id::text, person_id || role || coalesce(removed_at::text, '') FROM parties_seat
        UNION ALL SELECT 'party', no, admins::text FROM parties_party
        UNION ALL SELECT 'invitation', code, state FROM parties_invitation
        UNION ALL SELECT 'scan', id::text, state FROM people_scan_challenge
        UNION ALL SELECT 'account', id::text, coalesce(replaced_at::text, '') FROM parties_bank_account
        UNION ALL SELECT 'act', id::text, action FROM audit_act ORDER BY 1, 2, 3
        """
    )


@contextmanager
def refused(kind):
    before = standing()
    with pytest.raises(kind):
        yield
    assert standing() == before


def somebody(phone=None):
    return make_people.person(phone=phone or make_people.phone())


def scanned(ticket, person_id, now=EARLY):
    people.scan(ticket=ticket, person_id=person_id, now=now)
    people.confirm_scan(ticket=ticket, person_id=person_id, now=now)


@pytest.fixture
def party():
    return make.promoter()


@pytest.fixture
def boss(party):
    return make.super_admin_of(party)


def invited(party, boss, phone, role=Role.ADMIN, now=EARLY):
    return service.invite(party_id=party.id, phone=phone, role=role, actor=boss, now=now)


def accept(code, person, now=LATER):
    return service.accept_invitation(code=code, actor=acting(person.id), now=now)


def test_whoever_has_the_phone_takes_the_seat_once(party, boss):
    phone = make_people.phone()
    code = invited(party, boss, f"+86 {phone[:3]} {phone[3:]}")
    person = somebody(phone)
    shown = queries.invitations_for(person.id, now=LATER)
    assert [(one.code, one.party, one.role) for one in shown] == [(code, party, Role.ADMIN)]
    assert phone not in shown[0].phone
    assert queries.invitations_of(party.id, now=LATER) == shown
    stranger = somebody()
    assert queries.invitations_for(stranger.id, now=LATER) == []
    for who in (stranger, make_people.person()):
        with refused(UnknownInvitation):
            accept(code, who)
    assert accept(code, person) == party
    assert queries.seat_of(person.id, party.id).role is Role.ADMIN
    with refused(UnknownInvitation):
        accept(code, person)
    assert queries.invitations_for(person.id, now=LATER) == []


def test_an_offer_ends_after_three_days_when_taken_back_or_with_its_makers_office(party, boss):
    person = somebody(phone := make_people.phone())
    code = invited(party, boss, phone)
    end = EARLY + timedelta(days=3)
    assert queries.invitations_for(person.id, now=end) != []
    assert queries.invitations_for(person.id, now=end + timedelta(microseconds=1)) == []
    with refused(UnknownInvitation):
        accept(code, person, now=end + timedelta(microseconds=1))
    again = invited(party, boss, phone, now=end + timedelta(seconds=1))  # the old one makes room
    with refused(UnknownInvitation):
        service.withdraw_invitation(party_id=party.id, code=code, actor=boss, now=end)
    service.withdraw_invitation(party_id=party.id, code=again, actor=boss, now=end)
    with refused(UnknownInvitation):
        accept(again, person, now=end + timedelta(seconds=2))
    third = invited(party, boss, phone, now=end)
    heir = make.seated(party, Role.ADMIN)
    service.transfer_super_admin(party_id=party.id, to_person_id=heir.person_id, actor=boss, now=end)
    with refused(UnknownInvitation):
        accept(third, person, now=end)


def test_a_declined_offer_is_over(party, boss):
    person = somebody(phone := make_people.phone())
    code = invited(party, boss, phone)
    with refused(UnknownInvitation):
        service.decline_invitation(code=code, actor=acting(somebody().id), now=LATER)
    service.decline_invitation(code=code, actor=acting(person.id), now=LATER)
    with refused(UnknownInvitation):
        accept(code, person)
    invited(party, boss, phone)


def test_who_may_offer_what_to_whom(party, boss):
    phone, admin = make_people.phone(), make.seated(party, Role.ADMIN)
    with refused(NotSuperAdmin):
        invited(party, admin, phone)
    with refused(RoleNotOfKind):
        invited(party, boss, phone, Role.FINANCE)
    with refused(RoleNotOfKind):
        invited(party, boss, phone, Role.SUPER_ADMIN)
    with refused(BadPhone):
        invited(party, boss, "12345")
    invited(party, boss, phone)
    with refused(InvitationOpen):
        invited(party, boss, phone)
    raw = make.promoter(certified=False)
    with refused(NotCertified):
        invited(raw, make.super_admin_of(raw), phone)
    service.suspend(party_id=party.id, reason="查", actor=OPERATOR_SHELL, now=EARLY)
    person = somebody(phone)
    code = queries.invitations_for(person.id, now=EARLY)[0].code
    with refused(Suspended):
        accept(code, person)


def test_offers_and_seats_together_are_at_most_a_hundred(party, boss):
    rows.run("UPDATE parties_party SET admins = 99 WHERE id = %s", [party.id])
    invited(party, boss, make_people.phone())
    with refused(TooManyInvitations):
        invited(party, boss, make_people.phone())


def test_somebody_beside_the_super_administrator_scans_and_sits(party, boss):
    ask = {"party_id": party.id, "role": Role.ADMIN, "asker": BROWSER}
    ticket = service.ask_to_join(**ask, place="Chrome", actor=boss, now=EARLY)
    guest = somebody()
    with refused(ScanNotOpen):
        service.seat_scanned(**ask, ticket=ticket, actor=boss, now=EARLY)
    scanned(ticket, guest.id)
    for wrong in ({"asker": "another"}, {"party_id": make.promoter().id}):
        with pytest.raises((UnknownScan, NotSuperAdmin)):
            service.seat_scanned(**ask | wrong, ticket=ticket, actor=boss, now=EARLY)
    with refused(ScanExpired):
        service.seat_scanned(**ask, ticket=ticket, actor=boss, now=EARLY + timedelta(minutes=5, seconds=1))
    assert service.seat_scanned(**ask, ticket=ticket, actor=boss, now=EARLY) == guest.id
    assert queries.seat_of(guest.id, party.id).role is Role.ADMIN
    with refused(ScanNotOpen):
        service.seat_scanned(**ask, ticket=ticket, actor=boss, now=EARLY)
    second = service.ask_to_join(**ask, place="", actor=boss, now=EARLY)
    scanned(second, guest.id)
    with refused(AlreadySeated):
        service.seat_scanned(**ask, ticket=second, actor=boss, now=EARLY)
    with refused(NotSuperAdmin):
        service.ask_to_join(**ask, place="", actor=acting(guest.id), now=EARLY)


def test_a_scan_for_one_role_gives_no_other(party):
    shop = make.merchant()
    boss = make.super_admin_of(shop)
    ask = {"party_id": shop.id, "asker": BROWSER, "actor": boss, "now": EARLY}
    ticket = service.ask_to_join(**ask, role=Role.FINANCE, place="")
    scanned(ticket, somebody().id)
    with refused(UnknownScan):
        service.seat_scanned(**ask, role=Role.ADMIN, ticket=ticket)


def hand_over(party, boss, give, take, **rest):
    given = {"party_id": party.id, "asker": BROWSER, "actor": boss, "now": EARLY} | rest
    return service.hand_over(give=give, take=take, **given)


def asked_to_hand_over(party, boss):
    return service.ask_to_hand_over(party_id=party.id, asker=BROWSER, place="Chrome", actor=boss, now=EARLY)


def test_two_people_hand_the_role_on(party, boss):
    heir = make.seated(party, Role.ADMIN)
    invited(party, boss, make_people.phone())
    give, take = asked_to_hand_over(party, boss)
    with refused(ScanNotOpen):
        hand_over(party, boss, give, take)
    scanned(give, boss.person_id)
    with refused(ScanNotOpen):  # one of two changes nothing, and the one stays good
        hand_over(party, boss, give, take)
    scanned(take, heir.person_id)
    assert hand_over(party, boss, give, take) == heir.person_id
    assert queries.seat_of(heir.person_id, party.id).role is Role.SUPER_ADMIN
    assert queries.seat_of(boss.person_id, party.id).role is Role.ADMIN
    assert queries.invitations_of(party.id, now=EARLY) == []


def test_what_is_not_two_people_with_seats_changes_nothing(party, boss):
    heir, stranger = make.seated(party, Role.ADMIN), somebody()
    give, take = asked_to_hand_over(party, boss)
    scanned(give, boss.person_id)
    scanned(take, boss.person_id)
    with refused(OtherHand):
        hand_over(party, boss, give, take)
    give, take = asked_to_hand_over(party, boss)
    scanned(give, heir.person_id)
    scanned(take, heir.person_id)
    with refused(NotSuperAdmin):
        hand_over(party, boss, give, take)
    give, take = asked_to_hand_over(party, boss)
    scanned(give, boss.person_id)
    scanned(take, stranger.id)
    with refused(NotSeated):
        hand_over(party, boss, give, take)
    with refused(UnknownScan):
        hand_over(party, boss, take, give)
    with refused(UnknownScan):
        hand_over(party, boss, give, take, asker="another browser")
    with refused(NotSuperAdmin):
        service.ask_to_hand_over(party_id=party.id, asker=BROWSER, place="", actor=heir, now=EARLY)


def bound(party, boss, ticket, **rest):
    given = {"rail": Rail.BANK, "holder": "李雷", "number": "6225880123456789", "bank": "招商银行"} | rest
    return service.bind_scanned(party_id=party.id, ticket=ticket, asker=BROWSER, actor=boss, now=EARLY, **given)


def asked_to_bind(party, boss):
    return service.ask_to_bind(party_id=party.id, asker=BROWSER, place="Chrome", actor=boss, now=EARLY)


def test_an_account_is_bound_by_whoever_proves_anew_who_they_are(party, boss):
    ticket = asked_to_bind(party, boss)
    with refused(ScanNotOpen):
        bound(party, boss, ticket)
    scanned(ticket, boss.person_id)
    account = bound(party, boss, ticket)
    assert (account.rail, account.tail, account.verified_at) == (Rail.BANK, "6789", None)
    assert queries.accounts_to_verify() == [(party, account)]
    with refused(ScanNotOpen):
        bound(party, boss, ticket)
    other = make.seated(party, Role.ADMIN)
    stolen = asked_to_bind(party, boss)
    scanned(stolen, other.person_id)
    with refused(NotSuperAdmin):
        bound(party, boss, stolen)
    with refused(NotSuperAdmin):
        asked_to_bind(party, other)


def test_wechat_says_itself_whose_wallet_it_is(party, boss, settings):
    settings.WECHAT_APPID = APPID
    ticket = asked_to_bind(party, boss)
    scanned(ticket, boss.person_id)
    account = bound(party, boss, ticket, rail=Rail.WECHAT, number="", bank="")
    assert account.verified_at == EARLY
    assert service.account_for_payout(party_id=party.id, now=EARLY) == account
    assert queries.accounts_to_verify() == []
    number = service.open_account_details(bank_account_id=account.id).number
    assert rows.query("SELECT person_id FROM people_wechat_identity WHERE openid = %s", [number]) == [(boss.person_id,)]


def test_a_party_sees_what_it_was_certified_as_and_nothing_in_full(party):
    facts = service.certified_facts(party_id=party.id)
    assert (facts.name, facts.number, facts.phone) == ("李*", "1101************2X", "139****0000")
    shop = service.certified_facts(party_id=make.merchant().id)
    assert (shop.name, shop.number, shop.legal_person) == ("福州好物贸易有限公司", "9135************43", "韩**")
    assert shop.bank_account == "************0000"
    raw = make.promoter(certified=False)
    assert service.certified_facts(party_id=raw.id) is None
    no = service.file_certification(party_id=raw.id, proof=make.individual(), actor=OPERATOR_SHELL, now=EARLY)
    assert service.certified_facts(party_id=raw.id).no == no
    service.decide_certification(no=no, approve=False, reason="照片不清", actor=OPERATOR_SHELL, now=EARLY)
    assert service.certified_facts(party_id=raw.id) is None


def test_a_name_keeps_its_first_letter_only():
    assert [rules.name_masked(name) for name in ("", "李", "李雷", "欧阳娜娜")] == ["", "李", "李*", "欧***"]


def news_of(party, person_id):
    return [one.zh for one in messages.of_party(party_id=party.id, person_id=person_id, role="super_admin")]


def test_a_party_is_told_what_concerns_it(party, boss):
    guest = make.seated(party, Role.ADMIN)
    service.remove_seat(party_id=party.id, person_id=guest.person_id, actor=boss, now=EARLY)
    make.bank_account(party, now=EARLY)
    service.suspend(party_id=party.id, reason="核查", actor=OPERATOR_SHELL, now=EARLY)
    told = "\n".join(news_of(party, boss.person_id))
    for part in ("认证已通过", "成为管理员", "不再是管理员", "尾号 6789", "已被停用：核查"):
        assert part in told
