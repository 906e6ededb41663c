"""Opening parties: the party, what it is, its super administrator's seat, its AppID."""

from datetime import datetime

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit import ids
from tuike.parties import rules
from tuike.parties.models import Credential, Leader, Merchant, Party, Promoter, Seat
from tuike.parties.service import guards, tree
from tuike.parties.types import (
    NotOperator,
    OperatorExists,
    PartyKind,
    PartyRef,
    PromoterState,
    Role,
    Source,
    SubjectKind,
)
from tuike.people import queries as people
from tuike.people.types import UnknownPerson


@transaction.atomic
def open_merchant(
    *,
    name: str,
    source: Source,
    subject_kind: SubjectKind,
    super_admin: int,
    appid: str = "",
    main_category_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> PartyRef:
    """Open a shop; `super_admin` is a person's id. A `mini_program` merchant names its mini-program's AppID.

    `main_category_id` is what it mainly sells, as it says; the caller knows that there is such a category.

    Raises:
        Invalid: the name, or the AppID of a `mini_program` merchant. AppidTaken: another shop's.
        UnknownPerson: there is no such super administrator.
    """
    source, subject_kind = Source(source), SubjectKind(subject_kind)
    if source is Source.MINI_PROGRAM or appid:
        rules.check_appid(appid)
    party = _open(PartyKind.MERCHANT, name, super_admin, actor, now)
    facts = {
        "source": source,
        "subject_kind": subject_kind,
        "appid": appid,
        "main_category_id": main_category_id,
    }
    guards.appid_once(lambda: Merchant.objects.create(party=party, **facts))
    return guards.ref(party)


@transaction.atomic
def open_promoter(
    *,
    name: str,
    subject_kind: SubjectKind,
    super_admin: int,
    recruiter_id: int | None = None,
    joining: bool = False,
    actor: Actor,
    now: datetime,
) -> PartyRef:
    """Open a promoter; the recruiter is given at joining and changed by the operator only (docs/rules.md §1).

    `joining`: the network lets in whom it has passed; until then the promoter earns nothing.

    Raises:
        Invalid: the name.
        UnknownPerson: there is no such super administrator.
        UnknownParty: the recruiter is no promoter.
    """
    subject_kind = SubjectKind(subject_kind)
    party = _open(PartyKind.PROMOTER, name, super_admin, actor, now)
    line = [] if recruiter_id is None else tree.line_below(party.id, recruiter_id)
    Promoter.objects.create(
        party=party,
        subject_kind=subject_kind,
        recruiter_id=recruiter_id,
        recruited_at=None if recruiter_id is None else now,
        line=line,
        standing=PromoterState.JOINING if joining else PromoterState.ACTIVE,
    )
    if recruiter_id is not None:
        tree.note_change(promoter_id=party.id, giver=None, taker=recruiter_id, reason="", actor=actor, now=now)
    return guards.ref(party)


@transaction.atomic
def open_leader(*, name: str, super_admin: int, actor: Actor, now: datetime) -> PartyRef:
    """Open a leader (团长).

    Raises:
        Invalid: the name.
        UnknownPerson: there is no such super administrator.
    """
    party = _open(PartyKind.LEADER, name, super_admin, actor, now)
    Leader.objects.create(party=party)
    return guards.ref(party)


@transaction.atomic
def open_operator(*, name: str, super_admin: int, actor: Actor, now: datetime) -> PartyRef:
    """Open the alliance's operator, once, from the machine itself; it needs nobody's certification.

    Raises:
        NotOperator: a person without the machine's command line asks.
        OperatorExists: there is one.
        Invalid: the name.
        UnknownPerson: there is no such super administrator.
    """
    if actor.kind not in guards.MACHINE:
        raise NotOperator
    try:
        with transaction.atomic():
            party = _open(PartyKind.OPERATOR, name, super_admin, actor, now)
    except IntegrityError as error:
        raise OperatorExists from error
    Party.objects.filter(id=party.id).update(certified_as=PartyKind.OPERATOR, certified_at=now)
    return guards.ref(party)


def _open(kind: PartyKind, name: str, super_admin: int, actor: Actor, now: datetime) -> Party:
    if super_admin not in people.refs([super_admin]):
        raise UnknownPerson
    party_id = rows.query("SELECT nextval(pg_get_serial_sequence('parties_party', 'id'))")[0][0]
    number = ids.number(rules.PREFIX[kind], party_id, now)
    party = Party.objects.create(id=party_id, no=number, kind=kind, name=rules.name_of_party(name), created_at=now)
    Seat.objects.create(party=party, person_id=super_admin, role=Role.SUPER_ADMIN, since=now)
    Credential.objects.create(party=party, appid=f"tk{ids.random_code(16)}")
    facts = {"kind": kind.value, "super_admin": super_admin}
    audit.record(actor=actor, action="party.open", object_=party.no, facts=facts, now=now)
    return party
