"""Parties: opening, certification, standing, seats, the tree, secrets, accounts, facts."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.make import parties as make
from tests.make import people as make_people
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.db import rows
from tuike.kit.crypto import Unreadable
from tuike.kit.errors import Invalid
from tuike.parties import queries, service
from tuike.parties.types import (
    AllianceAlreadyOpen,
    AllianceNotOpen,
    AlreadyCertified,
    AlreadySeated,
    BankAccountCooling,
    BankAccountGone,
    BankAccountNotVerified,
    BindingMode,
    CertificationDecided,
    CertificationOpen,
    CertificationState,
    CycleInLine,
    MallFunction,
    NoBankAccount,
    NotCertified,
    NotOperator,
    NotSeated,
    NotSuperAdmin,
    NotSuspended,
    OperatorExists,
    PartyKind,
    Rail,
    ReasonNeeded,
    Role,
    RoleNotOfKind,
    Source,
    SubjectKind,
    SuperAdminStays,
    Suspended,
    TooManyAdministrators,
    UnknownCertification,
    UnknownParty,
)
from tuike.people import service as people
from tuike.people.types import BadPhone, ScanExpired, ScanNotOpen, UnknownPerson, UnknownScan
from tuike.settings import service as limits

pytestmark = pytest.mark.usefixtures("db")

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
NOBODY = 10**9


def acts(action):
    """Return (object, person, facts) of the acts of one kind, in order."""
    found = rows.query("SELECT object, person_id, facts::text FROM audit_act WHERE action = %s ORDER BY id", [action])
    return [(object_, person_id, json.loads(facts)) for object_, person_id, facts in found]


# --- opening


def test_a_new_party_has_number_super_administrator_and_appid():
    admin = make_people.person()
    party = make.merchant(super_admin=admin.id, certified=False)
    assert party.no.startswith("M260101")
    assert party.kind is PartyKind.MERCHANT
    seats = queries.seats_of(admin.id)
    assert [(s.party, s.role) for s in seats] == [(party, Role.SUPER_ADMIN)]
    assert queries.appid_of(party.id).startswith("tk")
    assert queries.find(party.no) == party
    assert queries.find("M0") is None
    assert queries.refs([party.id, NOBODY]) == {party.id: party}
    assert [(object_, person) for object_, person, _ in acts("party.open")] == [(party.no, None)]
    assert service.secret_of(appid=queries.appid_of(party.id)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"source": Source.MINI_PROGRAM},
        {"source": Source.MINI_PROGRAM, "appid": "gh_12345678"},
    ],
)
def test_a_merchant_that_makes_no_sense_is_refused(wrong):
    right = {"name": "小店", "source": Source.MINI_STORE, "subject_kind": SubjectKind.ENTERPRISE, "appid": ""}
    admin = make_people.person().id
    with refused(Invalid, "parties"):
        service.open_merchant(**right | wrong, super_admin=admin, actor=OPERATOR_SHELL, now=NOW)


def test_nobody_can_be_no_super_administrator():
    erased = make_people.person().id
    people.erase_person(person_id=erased, actor=OPERATOR_SHELL, now=NOW)
    for person_id in (NOBODY, erased):
        with refused(UnknownPerson, "parties"):
            service.open_leader(name="团长", super_admin=person_id, actor=OPERATOR_SHELL, now=NOW)


def test_there_is_one_operator_and_the_machine_opens_it():
    person = make_people.person()
    words = {"name": "联盟", "super_admin": person.id, "now": NOW}
    with refused(NotOperator, "parties"):
        service.open_operator(**words, actor=make_people.acting(person.id))
    opened = service.open_operator(**words, actor=OPERATOR_SHELL)
    assert queries.operator() == opened
    with refused(OperatorExists, "parties"):
        service.open_operator(**words, actor=OPERATOR_SHELL)


# --- certification


def test_certification_passes_and_its_papers_are_sealed():
    party = make.promoter(certified=False)
    admin, judge = make.super_admin_of(party), make.operator_seat()
    number = service.file_certification(party_id=party.id, proof=make.individual(), actor=admin, now=NOW)
    assert not queries.promoter_facts([party.id])[party.id].certified
    assert [c.no for c in queries.certifications_to_decide()] == [number]
    sealed = bytes(rows.query("SELECT sealed FROM parties_certification WHERE no = %s", [number])[0][0])
    assert make.ID_NUMBER.encode() not in sealed

    service.decide_certification(no=number, approve=True, actor=judge, now=NOW)
    assert queries.promoter_facts([party.id])[party.id].certified
    assert queries.certifications_of(party.id)[0].state is CertificationState.APPROVED
    assert acts("certification.decide")[-1][:2] == (number, judge.person_id)
    with refused(CertificationDecided, "parties"):
        service.decide_certification(no=number, approve=False, reason="x", actor=judge, now=NOW)
    with refused(AlreadyCertified, "parties"):
        service.file_certification(party_id=party.id, proof=make.individual(), actor=admin, now=NOW)


@pytest.mark.parametrize("proof", [make.individual(), make.enterprise()])
def test_a_look_at_the_papers_is_recorded(proof):
    kind = SubjectKind.INDIVIDUAL if proof == make.individual() else SubjectKind.ENTERPRISE
    party = make.promoter(certified=False, subject_kind=kind)
    number = service.file_certification(party_id=party.id, proof=proof, actor=OPERATOR_SHELL, now=NOW)
    judge = make.operator_seat()
    assert service.look_at_certification(no=number, actor=judge, now=NOW) == proof
    assert acts("certification.look") == [(number, judge.person_id, {})]
    assert make.ID_NUMBER not in repr(proof) and "6225880100000000" not in repr(proof)
    with refused(NotOperator, "parties"):
        service.look_at_certification(no=number, actor=make.super_admin_of(party), now=NOW)
    with refused(UnknownCertification, "parties"):
        service.look_at_certification(no="C0", actor=judge, now=NOW)


def test_a_rejection_says_why_and_the_party_files_anew():
    party = make.promoter(certified=False)
    judge = make.operator_seat()
    file = {"party_id": party.id, "proof": make.individual(), "actor": OPERATOR_SHELL, "now": NOW}
    first = service.file_certification(**file)
    with refused(CertificationOpen, "parties"):
        service.file_certification(**file)
    with refused(ReasonNeeded, "parties"):
        service.decide_certification(no=first, approve=False, reason=" ", actor=judge, now=NOW)
    service.decide_certification(no=first, approve=False, reason="照片看不清", actor=judge, now=NOW)
    second = service.file_certification(**file)
    service.decide_certification(no=second, approve=True, actor=judge, now=NOW)
    shown = [(c.no, c.state, c.reason) for c in queries.certifications_of(party.id)]
    assert shown == [(second, "approved", ""), (first, "rejected", "照片看不清")]


def test_only_the_super_administrator_files_and_only_the_operator_decides():
    party = make.promoter(certified=False)
    stranger = make_people.acting(make_people.person().id)
    with refused(NotSuperAdmin, "parties"):
        service.file_certification(party_id=party.id, proof=make.individual(), actor=stranger, now=NOW)
    number = service.file_certification(party_id=party.id, proof=make.individual(), actor=OPERATOR_SHELL, now=NOW)
    for actor in (
        stranger,
        make.super_admin_of(party),
        make.operator_seat(Role.AUDITOR),
        make.operator_seat(Role.FINANCE),
    ):
        with refused(NotOperator, "parties"):
            service.decide_certification(no=number, approve=True, actor=actor, now=NOW)
    with refused(UnknownCertification, "parties"):
        service.decide_certification(no="C0", approve=True, actor=OPERATOR_SHELL, now=NOW)


def test_nobody_judges_a_party_of_their_own():
    judge = make.operator_seat()
    party = make.promoter(certified=False, super_admin=judge.person_id)
    number = service.file_certification(party_id=party.id, proof=make.individual(), actor=judge, now=NOW)
    with refused(NotOperator, "parties"):
        service.decide_certification(no=number, approve=True, actor=judge, now=NOW)


def test_a_proof_of_the_other_kind_or_with_a_wrong_field_is_refused():
    party = make.promoter(certified=False)
    wrong = dataclasses.replace(make.individual(), id_number="1")
    for proof in (make.enterprise(), wrong):
        with refused(Invalid, "parties"):
            service.file_certification(party_id=party.id, proof=proof, actor=OPERATOR_SHELL, now=NOW)
    with refused(BadPhone, "parties"):
        service.file_certification(party_id=party.id, proof=make.individual(phone="12"), actor=OPERATOR_SHELL, now=NOW)


def test_before_certification_nothing_works():
    merchant = make.merchant(certified=False)
    admin = make.super_admin_of(merchant)
    person = make_people.person().id
    common = {"actor": admin, "now": NOW}
    for verb in (
        lambda: service.open_alliance(merchant_id=merchant.id, **common),
        lambda: service.add_seat(party_id=merchant.id, person_id=person, role=Role.ADMIN, **common),
        lambda: service.ask_for_secret(party_id=merchant.id, asker="b", place="", **common),
        lambda: service.make_secret(party_id=merchant.id, ticket="t", asker="b", **common),
        lambda: service.bind_bank_account(
            party_id=merchant.id, rail=Rail.BANK, holder="a", number="6225880123456789", bank="b", **common
        ),
    ):
        with refused(NotCertified, "parties", "people"):
            verb()


# --- standing


def test_the_alliance_opens_and_closes_at_midnight():
    party = make.merchant(alliance=False)
    admin = make.super_admin_of(party)

    def facts():
        return queries.merchant_facts([party.id])[party.id]

    assert not facts().open_at(NOW)
    with refused(AllianceNotOpen, "parties"):
        service.close_alliance(merchant_id=party.id, actor=admin, now=NOW)
    assert service.open_alliance(merchant_id=party.id, actor=admin, now=NOW) == MIDNIGHT
    assert not facts().open_at(MIDNIGHT - MICRO)
    assert facts().open_at(MIDNIGHT)
    with refused(AllianceAlreadyOpen, "parties"):
        service.open_alliance(merchant_id=party.id, actor=admin, now=MIDNIGHT)
    closing = service.close_alliance(merchant_id=party.id, actor=admin, now=MIDNIGHT)
    assert closing == MIDNIGHT + timedelta(days=1)
    assert facts().open_at(closing - MICRO)
    assert not facts().open_at(closing)
    events = rows.query("SELECT topic, key FROM outbox_event WHERE topic LIKE 'alliance%%' ORDER BY id")
    assert events == [("alliance.open", party.no), ("alliance.close", party.no)]


def test_only_merchants_and_their_super_administrators_open_the_alliance():
    merchant, promoter = make.merchant(alliance=False), make.promoter()
    with refused(UnknownParty, "parties"):
        service.open_alliance(merchant_id=promoter.id, actor=OPERATOR_SHELL, now=NOW)
    manager = make.seated(merchant, Role.PRODUCT_MANAGER)
    for verb in (service.open_alliance, service.close_alliance):
        with refused(NotSuperAdmin, "parties"):
            verb(merchant_id=merchant.id, actor=manager, now=NOW)


def test_a_suspended_party_is_stopped_and_restored():
    party = make.merchant(alliance=False)
    judge = make.operator_seat()
    with refused(ReasonNeeded, "parties"):
        service.suspend(party_id=party.id, reason="", actor=judge, now=NOW)
    with refused(NotSuspended, "parties"):
        service.restore(party_id=party.id, reason="申诉成立", actor=judge, now=NOW)
    service.suspend(party_id=party.id, reason="虚假交易", actor=judge, now=NOW)
    assert queries.merchant_facts([party.id])[party.id].suspended
    with refused(Suspended, "parties") as info:
        service.open_alliance(merchant_id=party.id, actor=make.super_admin_of(party), now=NOW)
    assert "虚假交易" in info.value.sentence()
    with refused(Suspended, "parties"):
        service.suspend(party_id=party.id, reason="再次", actor=judge, now=NOW)
    service.restore(party_id=party.id, reason="申诉成立", actor=judge, now=NOW)
    assert not queries.merchant_facts([party.id])[party.id].suspended
    assert [facts for _, _, facts in acts("party.suspend")] == [{"reason": "虚假交易"}]


def test_only_the_operator_suspends_and_never_itself():
    party = make.merchant()
    for verb in (service.suspend, service.restore):
        with refused(NotOperator, "parties"):
            verb(party_id=party.id, reason="x", actor=make.super_admin_of(party), now=NOW)
    operator = make.operator()
    with refused(UnknownParty, "parties"):
        service.suspend(party_id=operator.id, reason="x", actor=OPERATOR_SHELL, now=NOW)


def test_binding_is_off_until_a_merchant_turns_it_on():
    party = make.merchant()
    admin = make.super_admin_of(party)

    def binding():
        facts = queries.merchant_facts([party.id])[party.id]
        return facts.binding_mode, facts.binding_days

    assert binding() == (BindingMode.OFF, 0)
    service.set_binding(merchant_id=party.id, mode=BindingMode.FIRST, days=30, actor=admin, now=NOW)
    assert binding() == (BindingMode.FIRST, 30)
    for days in (0, 366):
        with refused(Invalid, "parties"):
            service.set_binding(merchant_id=party.id, mode=BindingMode.LAST, days=days, actor=admin, now=NOW)
    finance = make.seated(party, Role.FINANCE)
    with refused(NotSuperAdmin, "parties"):
        service.set_binding(merchant_id=party.id, mode=BindingMode.OFF, days=0, actor=finance, now=NOW)
    service.set_binding(merchant_id=party.id, mode=BindingMode.OFF, days=9, actor=admin, now=NOW)
    assert binding() == (BindingMode.OFF, 0)


def test_a_prepaid_balance_that_can_not_pay_is_noted_since_when():
    one, two = make.merchant(source=Source.MINI_PROGRAM), make.merchant(source=Source.MINI_PROGRAM)
    service.note_prepaid(short=[one.id, two.id], enough=[], now=NOW)
    service.note_prepaid(short=[one.id], enough=[two.id], now=MIDNIGHT)
    facts = queries.merchant_facts([one.id, two.id])
    assert (facts[one.id].prepaid_short, facts[two.id].prepaid_short) == (True, False)
    since = rows.query("SELECT prepaid_short_since FROM parties_merchant WHERE party_id = %s", [one.id])
    assert since == [(NOW,)]


# --- seats


def test_seats_are_given_changed_and_taken_away():
    party = make.merchant()
    admin, person = make.super_admin_of(party), make_people.person().id
    seat = {"party_id": party.id, "person_id": person, "actor": admin, "now": NOW}
    service.add_seat(**seat, role=Role.FINANCE)
    assert queries.seat_of(person, party.id).role is Role.FINANCE
    with refused(AlreadySeated, "parties"):
        service.add_seat(**seat, role=Role.ADMIN)
    service.change_role(**seat, role=Role.PRODUCT_MANAGER)
    assert queries.seat_of(person, party.id).role is Role.PRODUCT_MANAGER
    service.remove_seat(**seat)
    assert queries.seat_of(person, party.id) is None
    assert queries.seats_of(person) == []
    assert rows.query("SELECT admins FROM parties_party WHERE id = %s", [party.id]) == [(0,)]
    service.add_seat(**seat, role=Role.ADMIN)  # the removed seat is history
    assert rows.query("SELECT count(*) FROM parties_seat WHERE person_id = %s", [person]) == [(2,)]
    assert [len(acts(f"seat.{verb}")) for verb in ("add", "change_role", "remove")] == [2, 1, 1]


def test_the_101st_administrator_is_refused_whatever_the_roles():
    party = make.merchant()
    roles = (Role.ADMIN, Role.PRODUCT_MANAGER, Role.FINANCE)
    for number in range(100):
        last = make.seated(party, roles[number % 3])
    person = make_people.person().id
    seat = {"party_id": party.id, "actor": make.super_admin_of(party), "now": NOW}
    with refused(TooManyAdministrators, "parties") as info:
        service.add_seat(**seat, person_id=person, role=Role.FINANCE)
    assert info.value.sentence("en") == "There are 100 administrators, which is the most; remove one first."
    service.remove_seat(**seat, person_id=last.person_id)
    service.add_seat(**seat, person_id=person, role=Role.FINANCE)
    # Handing the role on changes nobody's count.
    service.transfer_super_admin(**seat, to_person_id=person)
    assert rows.query("SELECT admins FROM parties_party WHERE id = %s", [party.id]) == [(100,)]


def test_the_super_administrator_stays_until_the_role_is_handed_on():
    party = make.promoter()
    boss, helper = make.super_admin_of(party), make.seated(party, Role.ADMIN)
    own = {"party_id": party.id, "person_id": boss.person_id, "actor": boss, "now": NOW}
    with refused(SuperAdminStays, "parties"):
        service.remove_seat(**own)
    with refused(SuperAdminStays, "parties"):
        service.change_role(**own, role=Role.ADMIN)
    hand_on = {"party_id": party.id, "actor": boss, "now": NOW}
    with refused(SuperAdminStays, "parties"):
        service.transfer_super_admin(**hand_on, to_person_id=boss.person_id)
    with refused(NotSeated, "parties"):
        service.transfer_super_admin(**hand_on, to_person_id=make_people.person().id)
    service.transfer_super_admin(**hand_on, to_person_id=helper.person_id)
    seats = [(s.person_id, s.role) for s in queries.administrators_of([party.id])[party.id]]
    assert seats == [(helper.person_id, Role.SUPER_ADMIN), (boss.person_id, Role.ADMIN)]
    with refused(NotSuperAdmin, "parties"):
        service.transfer_super_admin(**hand_on, to_person_id=boss.person_id)


def test_administrators_do_not_touch_seats_account_or_secret():
    party = make.merchant()
    helper, person = make.seated(party, Role.ADMIN), make_people.person().id
    boss_of_another = make.super_admin_of(make.merchant())
    for actor in (helper, boss_of_another, make_people.acting(person)):
        common = {"party_id": party.id, "actor": actor, "now": NOW}
        for verb in (
            lambda c=common: service.add_seat(**c, person_id=person, role=Role.ADMIN),
            lambda c=common: service.remove_seat(**c, person_id=helper.person_id),
            lambda c=common: service.change_role(**c, person_id=helper.person_id, role=Role.FINANCE),
            lambda c=common: service.transfer_super_admin(**c, to_person_id=helper.person_id),
            lambda c=common: service.ask_for_secret(**c, asker="b", place=""),
            lambda c=common: service.bind_bank_account(
                **c, rail=Rail.BANK, holder="a", number="6225880123456789", bank="b"
            ),
        ):
            with refused(NotSuperAdmin, "parties", "people"):
                verb()


def test_seats_that_make_no_sense_are_refused():
    party = make.promoter()
    person = make_people.person().id
    common = {"party_id": party.id, "actor": make.super_admin_of(party), "now": NOW}
    for role in (Role.FINANCE, Role.SUPER_ADMIN, Role.OPERATOR):
        with refused(RoleNotOfKind, "parties"):
            service.add_seat(**common, person_id=person, role=role)
        with refused(RoleNotOfKind, "parties"):
            service.change_role(**common, person_id=person, role=role)
    with refused(UnknownPerson, "parties"):
        service.add_seat(**common, person_id=NOBODY, role=Role.ADMIN)
    with refused(NotSeated, "parties"):
        service.remove_seat(**common, person_id=person)
    with refused(NotSeated, "parties"):
        service.change_role(**common, person_id=person, role=Role.ADMIN)
    with refused(UnknownParty, "parties"):
        service.add_seat(party_id=NOBODY, person_id=person, role=Role.ADMIN, actor=OPERATOR_SHELL, now=NOW)


# --- the tree


def lines(*parties):
    facts = queries.promoter_facts([p.id for p in parties])
    return [facts[p.id].line for p in parties]


def test_a_line_lists_the_recruiters_nearest_first():
    one, two, three, four = make.promoter_line(4)
    assert lines(one, two, three, four) == [(), (one.id,), (two.id, one.id), (three.id, two.id, one.id)]
    assert queries.recruits_of(one.id) == [(1, two.id), (2, three.id), (3, four.id)]
    assert queries.recruits_of(one.id, levels=1) == [(1, two.id)]
    admin, shop = make_people.person().id, make.merchant()
    for recruiter_id in (NOBODY, shop.id):
        with refused(UnknownParty, "parties"):
            make.promoter(recruiter_id=recruiter_id, super_admin=admin)


def test_a_branch_moves_with_everybody_below():
    one, two, three, four = make.promoter_line(4)
    other = make.promoter()
    judge = make.operator_seat()
    line = service.change_recruiter(promoter_id=three.id, recruiter_id=other.id, reason="并组", actor=judge, now=NOW)
    assert line == (other.id,)
    assert lines(two, three, four) == [(one.id,), (other.id,), (three.id, other.id)]
    service.change_recruiter(promoter_id=three.id, recruiter_id=None, reason="离组", actor=judge, now=NOW)
    assert lines(three, four) == [(), (three.id,)]
    recorded = acts("promoter.change_recruiter")
    assert [(object_, person) for object_, person, _ in recorded] == [(three.no, judge.person_id)] * 2


def test_no_circle_and_nobody_but_the_operator():
    one, two, three = make.promoter_line(3)
    judge = make.operator_seat()
    for recruiter in (one, two, three):
        with refused(CycleInLine, "parties"):
            service.change_recruiter(promoter_id=one.id, recruiter_id=recruiter.id, reason="x", actor=judge, now=NOW)
    for actor in (make.super_admin_of(one), make.operator_seat(Role.AUDITOR)):
        with refused(NotOperator, "parties"):
            service.change_recruiter(promoter_id=three.id, recruiter_id=one.id, reason="x", actor=actor, now=NOW)
    with refused(ReasonNeeded, "parties"):
        service.change_recruiter(promoter_id=three.id, recruiter_id=one.id, reason="", actor=judge, now=NOW)
    for promoter_id, recruiter_id in ((make.leader().id, one.id), (three.id, NOBODY)):
        with refused(UnknownParty, "parties"):
            service.change_recruiter(
                promoter_id=promoter_id, recruiter_id=recruiter_id, reason="x", actor=judge, now=NOW
            )


# --- secrets


def reset(party):
    """Walk through *reset* as the super administrator does; return the new secret."""
    actor = make.super_admin_of(party)
    ticket = service.ask_for_secret(party_id=party.id, asker="browser", place="福州", actor=actor, now=NOW)
    people.scan(ticket=ticket, person_id=actor.person_id, now=NOW)
    people.confirm_scan(ticket=ticket, person_id=actor.person_id, now=NOW)
    return service.make_secret(party_id=party.id, ticket=ticket, asker="browser", actor=actor, now=NOW)


def test_a_new_secret_is_shown_once_sealed_and_kills_the_old_one():
    party = make.merchant()
    first = reset(party)
    assert service.secret_of(appid=first.appid).secret == first.secret
    second = reset(party)
    known = service.secret_of(appid=first.appid)
    assert known.secret == second.secret != first.secret
    assert (known.party, known.certified, known.suspended) == (party, True, False)
    assert second.secret not in repr(second) and second.secret not in repr(known)
    sealed = bytes(rows.query("SELECT sealed_secret FROM parties_credential WHERE party_id = %s", [party.id])[0][0])
    assert second.secret.encode() not in sealed
    assert len(acts("secret.reset")) == 2
    assert second.secret not in str(rows.query("SELECT facts::text FROM audit_act"))
    service.suspend(party_id=party.id, reason="x", actor=OPERATOR_SHELL, now=NOW)
    assert service.secret_of(appid=first.appid).suspended
    assert service.secret_of(appid="tkunknown") is None


def test_a_sealed_secret_does_not_open_for_another_party():
    one, two = reset(make.merchant()), reset(make.merchant())
    rows.run(
        "UPDATE parties_credential SET sealed_secret = (SELECT sealed_secret FROM parties_credential WHERE appid = %s)"
        " WHERE appid = %s",
        [one.appid, two.appid],
    )
    with pytest.raises(Unreadable):
        service.secret_of(appid=two.appid)


def test_no_secret_without_the_super_administrators_phone():
    party = make.merchant()
    actor = make.super_admin_of(party)
    helper = make.seated(party, Role.ADMIN)
    ticket = service.ask_for_secret(party_id=party.id, asker="browser", place="", actor=actor, now=NOW)
    people.scan(ticket=ticket, person_id=helper.person_id, now=NOW)
    people.confirm_scan(ticket=ticket, person_id=helper.person_id, now=NOW)
    with refused(NotSuperAdmin, "parties", "people"):
        service.make_secret(party_id=party.id, ticket=ticket, asker="browser", actor=actor, now=NOW)
    ticket = service.ask_for_secret(party_id=party.id, asker="browser", place="", actor=actor, now=NOW)
    make_it = {"party_id": party.id, "ticket": ticket, "asker": "browser", "actor": actor, "now": NOW}
    with refused(ScanNotOpen, "parties", "people"):
        service.make_secret(**make_it)
    people.scan(ticket=ticket, person_id=actor.person_id, now=NOW)
    with refused(ScanNotOpen, "parties", "people"):
        service.make_secret(**make_it)
    people.confirm_scan(ticket=ticket, person_id=actor.person_id, now=NOW)
    other = make.merchant()
    for wrong, refusal in (
        ({"asker": "other"}, UnknownScan),
        ({"party_id": other.id}, UnknownScan),
        ({"now": NOW + timedelta(minutes=5) + MICRO}, ScanExpired),
    ):
        with refused(refusal, "parties", "people"):
            service.make_secret(**make_it | wrong)
    assert service.make_secret(**make_it | {"now": NOW + timedelta(minutes=5)}).secret


# --- accounts


def test_an_account_is_sealed_verified_and_used():
    party = make.promoter()
    with refused(NoBankAccount, "parties"):
        service.account_for_payout(party_id=party.id, now=NOW)
    account = make.bank_account(party, number="6225 8801 2345 6789", verified=False, now=NOW)
    assert (account.tail, account.rail, account.usable_from) == ("6789", Rail.BANK, NOW)
    with refused(BankAccountNotVerified, "parties"):
        service.account_for_payout(party_id=party.id, now=NOW)
    service.verify_bank_account(bank_account_id=account.id, actor=SYSTEM, now=NOW)
    usable = service.account_for_payout(party_id=party.id, now=NOW)
    assert usable == dataclasses.replace(account, verified_at=NOW)
    assert queries.bank_account_of(party.id) == usable
    details = service.open_account_details(bank_account_id=account.id)
    assert (details.holder, details.number, details.bank) == ("李雷", "6225880123456789", "招商银行")
    assert details.number not in repr(details) and details.holder not in repr(details)
    sealed = bytes(rows.query("SELECT sealed FROM parties_bank_account")[0][0])
    assert b"6225880123456789" not in sealed
    assert "6225880123456789" not in str(rows.query("SELECT facts::text FROM audit_act"))
    with refused(BankAccountGone, "parties"):
        service.verify_bank_account(bank_account_id=account.id, actor=SYSTEM, now=NOW)


def test_a_changed_account_cools_down_and_the_old_one_still_opens():
    party = make.promoter()
    first = make.bank_account(party, now=NOW)
    limits.change(name="bank_cool_down_hours", value=48, actor=OPERATOR_SHELL, now=NOW)
    second = make.bank_account(party, number="6225880199999999", now=NOW)
    free = NOW + timedelta(hours=48)
    with refused(BankAccountCooling, "parties") as info:
        service.account_for_payout(party_id=party.id, now=free - MICRO)
    assert "2026-03-03 12:00:00" in info.value.sentence()
    assert service.account_for_payout(party_id=party.id, now=free).id == second.id
    opened = service.open_accounts(bank_account_ids=[first.id, second.id, NOBODY])
    assert {i: d.number for i, d in opened.items()} == {first.id: "6225880123456789", second.id: "6225880199999999"}
    events = rows.query("SELECT key FROM outbox_event WHERE topic = 'bank_account.bound'")
    assert events == [(party.no,), (party.no,)]
    with refused(BankAccountGone, "parties"):
        service.verify_bank_account(bank_account_id=first.id, actor=SYSTEM, now=NOW)


def test_accounts_that_make_no_sense_are_refused(settings):
    party = make.promoter()
    right = {"rail": Rail.BANK, "holder": "李雷", "number": "6225880123456789", "bank": "招商银行"}
    common = {"party_id": party.id, "actor": make.super_admin_of(party), "now": NOW}
    for wrong in ({"holder": ""}, {"number": "12"}, {"bank": " "}, {"rail": Rail.WECHAT, "number": "!"}):
        with refused(Invalid, "parties"):
            service.bind_bank_account(**common, **right | wrong)
    settings.PRODUCTION = True
    with refused(Invalid, "parties"):
        service.bind_bank_account(**common, **right | {"rail": Rail.SANDBOX})
    settings.PRODUCTION = False
    assert service.bind_bank_account(**common, **right | {"rail": Rail.SANDBOX}).rail is Rail.SANDBOX


def test_only_the_operator_verifies_an_account():
    party = make.promoter()
    account = make.bank_account(party, verified=False)
    for actor in (make.super_admin_of(party), make.operator_seat(Role.AUDITOR)):
        with refused(NotOperator, "parties"):
            service.verify_bank_account(bank_account_id=account.id, actor=actor, now=NOW)
    for verb in (
        lambda: service.verify_bank_account(bank_account_id=NOBODY, actor=SYSTEM, now=NOW),
        lambda: service.open_account_details(bank_account_id=NOBODY),
    ):
        with refused(BankAccountGone, "parties"):
            verb()


# --- facts


def test_facts_are_of_the_kind_that_is_asked_for():
    merchant, promoter, leader = make.merchant(), make.promoter(), make.leader()
    everybody = [merchant.id, promoter.id, leader.id, NOBODY]
    assert set(queries.merchant_facts(everybody)) == {merchant.id}
    assert set(queries.promoter_facts(everybody)) == {promoter.id}
    facts = queries.leader_facts(everybody)
    assert set(facts) == {leader.id}
    assert facts[leader.id].certified and not facts[leader.id].suspended
    shop = queries.merchant_facts([merchant.id])[merchant.id]
    assert (shop.no, shop.name, shop.source, shop.subject_kind) == (
        merchant.no,
        merchant.name,
        Source.MINI_STORE,
        SubjectKind.ENTERPRISE,
    )


def test_related_persons_are_the_seats_and_whoever_has_the_certified_phone():
    friend = make_people.person(phone="13900139000")
    one, two = make.promoter(phone="+86 139 0013 9000"), make.promoter(phone="13700137000")
    boss, helper, gone = make.super_admin_of(one), make.seated(one, Role.ADMIN), make.seated(one, Role.ADMIN)
    service.remove_seat(party_id=one.id, person_id=gone.person_id, actor=boss, now=NOW)
    assert queries.related_person_ids([one.id, two.id, NOBODY]) == {
        one.id: {boss.person_id, helper.person_id, friend.id},
        two.id: {make.super_admin_of(two).person_id},
        NOBODY: set(),
    }
    later = make_people.person(phone="13700137000")
    assert later.id in queries.related_person_ids([two.id])[two.id]
    asked = [one.id, two.id, make.merchant().id, NOBODY]
    facts, related = queries.promoter_facts(asked), queries.related_person_ids(asked)
    assert queries.promoters_and_related(asked) == {id_: (facts[id_], related[id_]) for id_ in (one.id, two.id)}


def test_a_rejected_application_relates_nobody():
    friend = make_people.person(phone="13900139000")
    party = make.promoter(certified=False)
    number = service.file_certification(
        party_id=party.id, proof=make.individual(phone="13900139000"), actor=OPERATOR_SHELL, now=NOW
    )
    assert friend.id not in queries.related_person_ids([party.id])[party.id]
    service.decide_certification(no=number, approve=False, reason="x", actor=OPERATOR_SHELL, now=NOW)
    assert friend.id not in queries.related_person_ids([party.id])[party.id]


def test_a_shop_switches_functions_of_the_mall():
    party = make.merchant()
    admin = make.super_admin_of(party)

    def switch(merchant_id, function, on):
        service.switch_function(merchant_id=merchant_id, function=function, on=on, actor=admin, now=NOW)

    def on():
        return queries.merchant_facts([party.id])[party.id].functions

    assert on() == {MallFunction.COUPONS, MallFunction.REVIEWS}
    for _ in range(2):
        switch(party.id, MallFunction.BARGAINS, True)
        switch(party.id, MallFunction.REVIEWS, False)
    assert on() == {MallFunction.COUPONS, MallFunction.BARGAINS}
    with refused(UnknownParty, "parties"):
        switch(NOBODY, MallFunction.BARGAINS, True)
