"""Makers of parties: opened, certified and seated by the module's own verbs."""

import itertools
from datetime import datetime, timedelta

from tests.make import people as make_people
from tests.make.people import EARLY
from tuike.audit.types import OPERATOR_SHELL, Actor
from tuike.parties import queries, service
from tuike.parties.types import (
    BankAccountRef,
    EnterpriseProof,
    IndividualProof,
    PartyRef,
    Rail,
    Role,
    Source,
    SubjectKind,
)

ID_NUMBER = "11010519491231002X"
LICENCE_NO = "91350100M000100Y43"
_appids = itertools.count(0xA11C_0000_0000)


def individual(*, phone: str = "13900000000") -> IndividualProof:
    """Return an individual's proof that passes every check."""
    return IndividualProof(name="李雷", id_number=ID_NUMBER, phone=phone, documents=("front", "back"))


def enterprise(*, phone: str = "") -> EnterpriseProof:
    """Return an enterprise's proof that passes every check."""
    return EnterpriseProof(
        licence_name="福州好物贸易有限公司",
        licence_no=LICENCE_NO,
        legal_person="韩梅梅",
        bank="招商银行",
        bank_account="6225880100000000",
        phone=phone,
        documents=("licence",),
    )


def certify(party: PartyRef, *, subject_kind: SubjectKind, phone: str = "13900000000", now: datetime = EARLY) -> None:
    """File and approve a party's certification."""
    proof = individual(phone=phone) if subject_kind is SubjectKind.INDIVIDUAL else enterprise(phone=phone)
    number = service.file_certification(party_id=party.id, proof=proof, actor=OPERATOR_SHELL, now=now)
    service.decide_certification(no=number, approve=True, actor=OPERATOR_SHELL, now=now)


def free_appid() -> str:
    """Return the AppID of a mini-program that no shop has named."""
    return f"wx{next(_appids):016x}"


def merchant(
    *,
    name: str = "好物小店",
    source: Source = Source.MINI_STORE,
    appid: str = "",
    subject_kind: SubjectKind = SubjectKind.ENTERPRISE,
    super_admin: int | None = None,
    certified: bool = True,
    alliance: bool = True,
    now: datetime = EARLY,
) -> PartyRef:
    """Return a shop; by default certified, with the alliance open since the midnight before `now`."""
    party = service.open_merchant(
        name=name,
        source=source,
        subject_kind=subject_kind,
        super_admin=super_admin or make_people.person(now=now).id,
        appid=(appid or free_appid()) if source is Source.MINI_PROGRAM else "",
        actor=OPERATOR_SHELL,
        now=now,
    )
    if certified:
        certify(party, subject_kind=subject_kind, now=now)
    if certified and alliance:
        service.open_alliance(merchant_id=party.id, actor=OPERATOR_SHELL, now=now - timedelta(days=1))
    return party


def promoter(
    *,
    name: str = "推客小李",
    recruiter_id: int | None = None,
    subject_kind: SubjectKind = SubjectKind.INDIVIDUAL,
    super_admin: int | None = None,
    phone: str = "13900000000",
    certified: bool = True,
    now: datetime = EARLY,
) -> PartyRef:
    """Return a promoter, certified by default; `phone` is the one given at certification."""
    party = service.open_promoter(
        name=name,
        subject_kind=subject_kind,
        super_admin=super_admin or make_people.person(now=now).id,
        recruiter_id=recruiter_id,
        actor=OPERATOR_SHELL,
        now=now,
    )
    if certified:
        certify(party, subject_kind=subject_kind, phone=phone, now=now)
    return party


def promoter_line(count: int, *, now: datetime = EARLY) -> list[PartyRef]:
    """Return `count` promoters, each recruited by the one before: the first is the top."""
    line: list[PartyRef] = []
    for number in range(count):
        line.append(promoter(name=f"推客{number + 1}", recruiter_id=line[-1].id if line else None, now=now))
    return line


def leader(*, name: str = "团长小王", super_admin: int | None = None, certified: bool = True) -> PartyRef:
    """Return a leader, certified by default."""
    admin = super_admin or make_people.person().id
    party = service.open_leader(name=name, super_admin=admin, actor=OPERATOR_SHELL, now=EARLY)
    if certified:
        certify(party, subject_kind=SubjectKind.INDIVIDUAL)
    return party


def operator(*, super_admin: int | None = None, now: datetime = EARLY) -> PartyRef:
    """Return the alliance's operator; the one that there is, if there is one."""
    found = queries.operator()
    if found is not None:
        return found
    admin = super_admin or make_people.person(now=now).id
    return service.open_operator(name="推客联盟", super_admin=admin, actor=OPERATOR_SHELL, now=now)


def super_admin_of(party: PartyRef) -> Actor:
    """Return a party's super administrator as the actor that a door would hand down."""
    seat = queries.administrators_of([party.id])[party.id][0]
    return make_people.acting(seat.person_id, party_id=party.id, role=seat.role.value)


def seated(party: PartyRef, role: Role, *, person_id: int | None = None, now: datetime = EARLY) -> Actor:
    """Seat a (new) person in a party and return them as an actor."""
    who = person_id or make_people.person(now=now).id
    service.add_seat(party_id=party.id, person_id=who, role=role, actor=super_admin_of(party), now=now)
    return make_people.acting(who, party_id=party.id, role=role.value)


def operator_seat(role: Role = Role.OPERATOR) -> Actor:
    """Return somebody of the operator's in a role, as an actor."""
    return seated(operator(), role)


def bank_account(
    party: PartyRef,
    *,
    rail: Rail = Rail.BANK,
    number: str = "6225880123456789",
    holder: str = "李雷",
    verified: bool = True,
    now: datetime = EARLY,
) -> BankAccountRef:
    """Bind an account for payouts, verified by default."""
    account = service.bind_bank_account(
        party_id=party.id, rail=rail, holder=holder, number=number, bank="招商银行", actor=OPERATOR_SHELL, now=now
    )
    if verified:
        service.verify_bank_account(bank_account_id=account.id, actor=OPERATOR_SHELL, now=now)
    return account
