"""Proof of identity: filing, deciding, and looking at what was filed."""

import json
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit import crypto, ids
from tuike.kit.errors import Invalid
from tuike.messages import service as messages
from tuike.outbox import service as outbox
from tuike.parties import rules
from tuike.parties.models import Certification, Merchant, Party, Promoter, Seat
from tuike.parties.service import guards
from tuike.parties.types import (
    AlreadyCertified,
    CertificationDecided,
    CertificationOpen,
    CertificationState,
    CertifiedFacts,
    EnterpriseProof,
    IndividualProof,
    PartyKind,
    Role,
    SubjectKind,
    UnknownCertification,
)
from tuike.people import queries as people

DECIDE = """
    UPDATE parties_certification SET state = %s, reason = %s, decided_at = %s, decided_by = %s
    WHERE id = %s AND state = 'filed' RETURNING id
"""


@transaction.atomic
def file_certification(*, party_id: int, proof: IndividualProof | EnterpriseProof, actor: Actor, now: datetime) -> str:
    """File proof of who a party is and return the application's number; everything in it is sealed.

    An individual files an individual's proof, an enterprise an enterprise's. After a rejection a party files anew.

    Raises:
        NotSuperAdmin: only the super administrator files.
        AlreadyCertified: it has passed.
        CertificationOpen: one is under review.
        Invalid: a field can't be true, or the proof is of the other kind.
        BadPhone: the phone number is none.
    """
    party = guards.lock(party_id)
    guards.require_super_admin(party, actor)
    if party.certified_at is not None:
        raise AlreadyCertified
    if Certification.objects.filter(party=party, state=CertificationState.FILED).exists():
        raise CertificationOpen
    kind = _check(party, proof)
    certification_id = rows.query("SELECT nextval(pg_get_serial_sequence('parties_certification', 'id'))")[0][0]
    number = ids.number("C", certification_id, now)
    text = json.dumps(asdict(proof), ensure_ascii=False)
    Certification.objects.create(
        id=certification_id,
        party=party,
        no=number,
        kind=kind,
        sealed=crypto.seal(text, place=_place(number), keys=settings.FIELD_KEYS),
        phone_index=people.phone_index(proof.phone) if proof.phone else None,
        state=CertificationState.FILED,
        filed_at=now,
    )
    audit.record(actor=actor, action="certification.file", object_=number, facts={"party": party.no}, now=now)
    return number


@transaction.atomic
def decide_certification(*, no: str, approve: bool, reason: str = "", actor: Actor, now: datetime) -> None:
    """Approve or reject an application; a rejection says why. Whoever holds a seat of the party decides nothing.

    Raises:
        NotOperator: the actor has no deciding seat of the operator, or sits in the party that is judged.
        ReasonNeeded: a rejection without a reason.
        UnknownCertification: no such application.
        CertificationDecided: it was decided before.
    """
    guards.require_operator(actor)
    why = "" if approve else rules.reason(reason)
    certification = Certification.objects.filter(no=no).first()
    if certification is None:
        raise UnknownCertification
    party = guards.lock(certification.party_id)
    if actor.person_id is not None:
        guards.require_outsider(party, actor.person_id)
    state = CertificationState.APPROVED if approve else CertificationState.REJECTED
    if not rows.query(DECIDE, [state, why, now, actor.person_id, certification.id]):
        raise CertificationDecided
    if approve:
        Party.objects.filter(id=party.id).update(certified_as=certification.kind, certified_at=now)
    facts = {"party": party.no, "state": state.value, "reason": why}
    audit.record(actor=actor, action="certification.decide", object_=no, facts=facts, now=now)
    kind = "certification_approved" if approve else "certification_rejected"
    messages.tell(party_id=party.id, kind=kind, facts={"reason": why}, object_=no, now=now)
    told = "certification_passed" if approve else "certification_refused"
    owner = Seat.objects.get(party=party, role=Role.SUPER_ADMIN, removed_at=None).person_id
    about = {"party": party.name, "reason": why}
    leads = "" if party.kind == PartyKind.LEADER else party.no  # leaders have no pages on the phone
    messages.tell_person(person_id=owner, kind=told, facts=about, object_=leads, now=now)
    outbox.put(topic="certification.decided", events=[(no, facts | {"party_id": party.id})], now=now)


@transaction.atomic
def look_at_certification(*, no: str, actor: Actor, now: datetime) -> IndividualProof | EnterpriseProof:
    """Return what was filed, in clear, to a person who decides; each look is recorded (docs/rules.md §11).

    Raises:
        NotOperator: the actor has no deciding seat of the operator.
        UnknownCertification: no such application.
    """
    guards.require_operator(actor)
    certification = Certification.objects.filter(no=no).first()
    if certification is None:
        raise UnknownCertification
    audit.record(actor=actor, action="certification.look", object_=no, facts={}, now=now)
    text = crypto.open_sealed(bytes(certification.sealed), place=_place(no), keys=settings.FIELD_KEYS)
    facts = json.loads(text)
    facts["documents"] = tuple(facts["documents"])
    if certification.kind == SubjectKind.INDIVIDUAL:
        return IndividualProof(**facts)
    return EnterpriseProof(**facts)


def certified_facts(*, party_id: int, rejected: bool = False) -> CertifiedFacts | None:
    """Return what a party was certified as, or has filed, for its own eyes: the last application that stands, masked.

    None where nothing was filed, or the last one was rejected; `rejected` gives that one, too.
    """
    found = Certification.objects.filter(party_id=party_id).order_by("id").last()
    if found is None or (found.state == CertificationState.REJECTED and not rejected):
        return None
    text = crypto.open_sealed(bytes(found.sealed), place=_place(found.no), keys=settings.FIELD_KEYS)
    facts = json.loads(text)
    return CertifiedFacts(
        no=found.no,
        kind=SubjectKind(found.kind),
        name=facts.get("licence_name") or rules.name_masked(facts.get("name", "")),
        number=crypto.masked(facts.get("licence_no") or facts.get("id_number", ""), head=4, tail=2),
        phone=crypto.masked(facts.get("phone", "")),
        legal_person=rules.name_masked(facts.get("legal_person", "")),
        bank=facts.get("bank", ""),
        bank_account=crypto.masked(facts.get("bank_account", ""), head=0),
        documents=tuple(facts["documents"]),
    )


def _check(party: Party, proof: IndividualProof | EnterpriseProof) -> SubjectKind:
    if isinstance(proof, IndividualProof):
        kind = SubjectKind.INDIVIDUAL
        rules.check_individual(proof)
        people.phone_index(proof.phone)
    else:
        kind = SubjectKind.ENTERPRISE
        rules.check_enterprise(proof)
    if kind != (_subject_kind(party.id) or kind):
        raise Invalid(field="kind", reason_zh="认证类型与主体类型不符", reason_en="the proof is of another kind")
    return kind


def _subject_kind(party_id: int) -> str | None:
    for model in (Merchant, Promoter):
        found = model.objects.filter(party_id=party_id).values_list("subject_kind", flat=True).first()
        if found:
            return found
    return None


def _place(number: str) -> str:
    return f"parties_certification|sealed|{number}"
