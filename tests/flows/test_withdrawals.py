"""Asking for money and deciding on it: who may, when, how often; every no leaves everything as it was."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.make import alliance as make_alliance
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make import settlement as make
from tests.make.settlement import NOW, check, everything, shown, stand
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.db import rows
from tuike.flows.decide_withdrawal import approve_withdrawal, cancel_withdrawal, reject_withdrawal
from tuike.flows.purses import purses
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.idempotency.types import KeyMalformed, KeyUsedForOther
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.parties import service as parties
from tuike.parties.types import (
    BankAccountCooling,
    BankAccountNotVerified,
    NoBankAccount,
    NotCertified,
    Role,
    Source,
    SubjectKind,
    Suspended,
)
from tuike.settings import service as settings
from tuike.settlement.types import (
    ApprovedBefore,
    InDebt,
    NotAvailable,
    OwnWithdrawal,
    TooSmall,
    UnknownWithdrawal,
    WithdrawalState,
    WrongState,
)

pytestmark = pytest.mark.usefixtures("db")
S = WithdrawalState


@contextmanager
def refused(kind):
    before = everything()
    with pytest.raises(kind):  # the flow's own transaction is a savepoint of the test's
        yield
    assert everything() == before


def ask(party, amount=1_000, *, key="k1", actor=None, now=NOW, source=None):
    actor = actor or make_parties.super_admin_of(party)
    return request_withdrawal(party_id=party.id, amount_fen=amount, source=source, key=key, actor=actor, now=now)


def setting(name, value):
    settings.change(name=name, value=value, actor=OPERATOR_SHELL, now=NOW)


def shop(fen=10_000, **rest):
    party = make_parties.merchant(**rest)
    make_parties.bank_account(party)
    make.fund(party, fen)
    return party


def test_the_money_leaves_at_once_and_the_same_key_takes_nothing_again():
    party = make.payee(10_000)
    no = ask(party, 6_000)
    assert ask(party, 6_000) == no
    assert stand(party, "available", "leaving") == {"available": 4_000, "leaving": 6_000}
    with refused(KeyUsedForOther):
        ask(party, 5_999)
    for key in ("", "x" * 81):
        with refused(KeyMalformed):
            ask(party, key=key)
    assert ask(party, 4_000, key="k2") != no
    assert rows.query("SELECT action, object FROM audit_act WHERE action LIKE 'withdrawal.%%' ORDER BY id", [])[0] == (
        "withdrawal.request",
        no,
    )
    check()


def test_a_refused_request_may_be_tried_again_with_its_key():
    party = make.payee(500)
    with refused(NotAvailable):
        ask(party, 600)
    make.fund(party, 100)
    ask(party, 600)
    check()


@pytest.mark.parametrize("amount", [0, -1, True, "100", 10**13 + 1, 1.0, None])
def test_what_is_no_amount(amount):
    party = make.payee()
    with refused(Invalid):
        ask(party, amount)


def test_too_small_and_in_debt():
    party = make.payee()
    with refused(TooSmall):
        ask(party, 99)
    setting("withdraw_min_fen.mini_store", 2_000)
    with refused(TooSmall):
        ask(party, 1_999)
    make.owe(party, 1)
    with refused(InDebt):
        ask(party, 2_000)


@pytest.mark.parametrize(
    ("kind", "role", "may"),
    [
        ("promoter", Role.ADMIN, True),
        ("leader", Role.ADMIN, True),
        ("merchant", Role.ADMIN, True),
        ("merchant", Role.FINANCE, True),
        ("merchant", Role.PRODUCT_MANAGER, False),
    ],
)
def test_which_seat_may_ask_and_only_while_it_is_held(kind, role, may):
    party = getattr(make_parties, kind)()
    make_parties.bank_account(party)
    make.fund(party, 10_000)
    actor = make_parties.seated(party, role)
    if not may:
        with refused(Forbidden):
            ask(party, actor=actor)
        return
    no = ask(party, actor=actor)
    boss = make_parties.super_admin_of(party)
    parties.remove_seat(party_id=party.id, person_id=actor.person_id, actor=boss, now=NOW)
    with refused(NotFound):
        ask(party, actor=actor)
    with refused(NotFound):
        cancel_withdrawal(no=no, actor=actor, now=NOW)
    check()


def test_strangers_jobs_and_the_operator_may_not_ask():
    party = make.payee()
    stranger = make_people.acting(make_people.person().id, party_id=party.id, role="super_admin")
    for actor in (stranger, SYSTEM, OPERATOR_SHELL, make_parties.operator_seat(Role.FINANCE)):
        with refused(NotFound):
            ask(party, actor=actor)
    with refused(NotFound):
        request_withdrawal(party_id=10**9, amount_fen=100, key="k", actor=stranger, now=NOW)
    operator = make_parties.operator()
    with refused(Forbidden):
        ask(operator, actor=make_parties.super_admin_of(operator))


def test_a_party_that_may_not_act():
    bare = make_parties.promoter(certified=False)
    make.fund(bare, 1_000)
    with refused(NotCertified):
        ask(bare)
    party = make.payee()
    parties.suspend(party_id=party.id, reason="刷单", actor=OPERATOR_SHELL, now=NOW)
    with refused(Suspended):
        ask(party)


def test_the_account_must_be_usable_now_and_is_kept_by_what_runs():
    party = make_parties.promoter()
    make.fund(party, 10_000)
    with refused(NoBankAccount):
        ask(party)
    account = make_parties.bank_account(party, verified=False)
    with refused(BankAccountNotVerified):
        ask(party)
    parties.verify_bank_account(bank_account_id=account.id, actor=OPERATOR_SHELL, now=NOW)
    no = ask(party)
    other = make_parties.bank_account(party, number="6225880000000001", now=NOW)
    with refused(BankAccountCooling):
        ask(party, key="k2", now=NOW + timedelta(hours=24, seconds=-1))
    late = ask(party, key="k2", now=NOW + timedelta(hours=24))
    assert (shown(no).bank_account_id, shown(late).bank_account_id) == (account.id, other.id)
    check()


def test_fee_and_tax_are_those_in_force_and_shops_and_enterprises_are_not_taxed():
    setting("withdraw_fee_fen.mini_store", 50)
    setting("tax_bps", 800)
    person = make.payee(10_000)
    firm = make.payee(10_000, subject_kind=SubjectKind.ENTERPRISE)
    for party, tax in ((person, 79), (firm, 0), (shop(), 0)):
        no = ask(party, 999)
        assert (shown(no).fee_fen, shown(no).tax_fen, shown(no).net_fen) == (50, tax, 999 - 50 - tax)
    setting("tax_bps", 0)
    assert (shown(ask(person, 999, key="k2")).tax_fen, shown(ask(person, 999)).tax_fen) == (0, 79)
    check()


@pytest.mark.parametrize(
    ("amount", "needed", "state"), [(500, 0, S.APPROVED), (501, 1, S.REQUESTED), (9_001, 2, S.REQUESTED)]
)
def test_how_many_must_say_yes_is_a_setting(amount, needed, state):
    setting("withdraw_auto_approve_fen", 500)
    setting("withdraw_two_approvers_fen", 9_000)
    no = ask(make.payee(10_000), amount)
    assert (shown(no).approvals_needed, shown(no).state) == (needed, state)
    check()


def test_only_the_operators_finance_decides():
    party = make.payee()
    no = ask(party)
    others = [make_parties.operator_seat(role) for role in (Role.OPERATOR, Role.AUDITOR, Role.ADMIN)]
    others += [make_parties.super_admin_of(make_parties.operator()), make_parties.super_admin_of(party)]
    others += [make_parties.seated(shop(), Role.FINANCE), SYSTEM, OPERATOR_SHELL]
    for actor in others:
        with refused(Forbidden):
            approve_withdrawal(no=no, actor=actor, now=NOW)
        with refused(Forbidden):
            reject_withdrawal(no=no, reason="不行", actor=actor, now=NOW)
    finance = make_parties.operator_seat(Role.FINANCE)
    with refused(UnknownWithdrawal):
        approve_withdrawal(no="W0", actor=finance, now=NOW)
    assert approve_withdrawal(no=no, actor=finance, now=NOW) is S.APPROVED
    with refused(WrongState):
        reject_withdrawal(no=no, reason="晚了", actor=finance, now=NOW)
    boss = make_parties.super_admin_of(make_parties.operator())
    operator_id = make_parties.operator().id
    other = ask(party, key="k2")
    parties.remove_seat(party_id=operator_id, person_id=finance.person_id, actor=boss, now=NOW)
    with refused(Forbidden):
        approve_withdrawal(no=other, actor=finance, now=NOW)
    check()


def test_nobody_decides_on_their_own_money_or_their_partys():
    finance = make_parties.operator_seat(Role.FINANCE)
    party = make.payee(super_admin=finance.person_id)
    no = ask(party)
    mine = make_people.acting(finance.person_id, party_id=finance.party_id, role="finance")
    colleague = make_parties.operator_seat(Role.FINANCE)
    make_parties.seated(party, Role.ADMIN, person_id=colleague.person_id)
    for actor in (mine, colleague):
        with refused(OwnWithdrawal):
            approve_withdrawal(no=no, actor=actor, now=NOW)
        with refused(OwnWithdrawal):
            reject_withdrawal(no=no, reason="不行", actor=actor, now=NOW)
    assert approve_withdrawal(no=no, actor=make_parties.operator_seat(Role.FINANCE), now=NOW) is S.APPROVED
    check()


def test_two_of_finance_above_the_threshold():
    setting("withdraw_two_approvers_fen", 900)
    no = ask(make.payee())
    one, two = (make_parties.operator_seat(Role.FINANCE) for _ in range(2))
    assert approve_withdrawal(no=no, actor=one, now=NOW) is S.REQUESTED
    with refused(ApprovedBefore):
        approve_withdrawal(no=no, actor=one, now=NOW)
    assert approve_withdrawal(no=no, actor=two, now=NOW) is S.APPROVED
    check()


def test_the_party_takes_it_back_before_the_yes_and_nobody_elses():
    party = make.payee(1_000)
    no = ask(party)
    for actor in (make_parties.super_admin_of(make.payee()), make_parties.operator_seat(Role.FINANCE), SYSTEM):
        with refused(NotFound):
            cancel_withdrawal(no=no, actor=actor, now=NOW)
    with refused(NotFound):
        cancel_withdrawal(no="W0", actor=make_parties.super_admin_of(party), now=NOW)
    cancel_withdrawal(no=no, actor=make_parties.seated(party, Role.ADMIN), now=NOW)
    assert stand(party, "available", "leaving") == {"available": 1_000, "leaving": 0}
    with refused(WrongState):
        cancel_withdrawal(no=no, actor=make_parties.super_admin_of(party), now=NOW)
    check()


def test_a_seat_without_the_role_cannot_take_it_back():
    party = shop()
    no, actor = ask(party), make_parties.seated(party, Role.PRODUCT_MANAGER)
    with refused(Forbidden):
        cancel_withdrawal(no=no, actor=actor, now=NOW)


def test_each_source_has_its_own_purse_minimum_and_fee():
    """What external shops earned is withdrawn under their rules, and no more of it than they earned."""
    external = make_alliance.alliance(source=Source.MINI_PROGRAM, price_fen=59_900)
    make_alliance.topped_up(external, 100_000, now=make_alliance.NOON)
    make_alliance.reported(external)
    make_alliance.matured(until=NOW)
    party = external.promoter
    make_parties.bank_account(party)
    make.fund(party, 5_000)  # all that isn't known to come from external shops is the mall's
    found = {purse.source: purse.available_fen for purse in purses(party=party)}
    earned = stand(party, "available")["available"] - 5_000
    assert found == {Source.MINI_STORE: 5_000, Source.MINI_PROGRAM: earned}
    assert earned > 1_000
    setting("withdraw_min_fen.mini_program", 500)
    setting("withdraw_fee_fen.mini_program", 30)
    with refused(TooSmall):
        ask(party, 499, source=Source.MINI_PROGRAM)
    with refused(NotAvailable):
        ask(party, earned + 1, source=Source.MINI_PROGRAM)
    with refused(NotAvailable):
        ask(party, 5_001)
    no = ask(party, earned - 100, source=Source.MINI_PROGRAM)
    assert (shown(no).source, shown(no).fee_fen) == ("mini_program", 30)
    assert [purse.available_fen for purse in purses(party=party)] == [5_000, 100]
    with refused(KeyUsedForOther):
        ask(party, earned - 100, source=Source.MINI_STORE)
    cancel_withdrawal(no=no, actor=make_parties.super_admin_of(party), now=NOW)
    assert [purse.available_fen for purse in purses(party=party)] == [5_000, earned]


def test_a_shop_withdraws_from_its_own_source():
    party = shop(3_000)
    assert [(purse.source, purse.available_fen) for purse in purses(party=party)] == [(Source.MINI_STORE, 3_000)]
    with refused(Invalid):
        ask(party, source=Source.MINI_PROGRAM)
    assert shown(ask(party)).source == "mini_store"
