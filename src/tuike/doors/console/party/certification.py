"""Certification: what to hand in, where the application stands, why it was rejected, and once more."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.problems import beside
from tuike.doors.console.text import T, Tag
from tuike.files import queries as kept
from tuike.files import service as files
from tuike.files.types import FileShown, NotAPicture, TooLarge, TooManyFiles, TooSmallToRead, UnknownFile
from tuike.flows.file_certification import MOST_DOCUMENTS, PURPOSE, file_certification
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import (
    AlreadyCertified,
    CertificationOpen,
    CertificationState,
    EnterpriseProof,
    IndividualProof,
    PartyKind,
    Role,
    SubjectKind,
)
from tuike.people.types import BadPhone

STATES = {
    CertificationState.FILED: Tag(T("审核中", "Under review"), "amber"),
    CertificationState.APPROVED: Tag(T("已认证", "Certified"), "green"),
    CertificationState.REJECTED: Tag(T("未通过", "Rejected"), "red"),
}
KINDS = {SubjectKind.INDIVIDUAL: T("个人", "Individual"), SubjectKind.ENTERPRISE: T("企业", "Enterprise")}
_PICTURE = (NotAPicture, TooLarge, TooManyFiles, TooSmallToRead)
_TYPED = ("name", "id_number", "phone", "licence_name", "licence_no", "legal_person", "bank", "bank_account")
_TEMPLATE = "console/party/certification.html"


def page(request: Any) -> HttpResponse:
    """Show where the certification stands; on POST file it."""
    if request.method == "POST":
        return _file(request)
    return render(request, _TEMPLATE, _context(request))


def documents(request: Any) -> HttpResponse:
    """Take uploaded pictures, and show all that wait to be filed."""
    problem = None
    for one in request.FILES.getlist("file")[:MOST_DOCUMENTS]:
        try:
            _keep(request, one)
        except _PICTURE as refusal:
            problem = refusal
    return _documents(request, problem)


def remove(request: Any, *, file_no: str) -> HttpResponse:
    """Take a picture back that wasn't filed yet."""
    files.remove_unused(no=file_no, party_id=request.asker.party_id)
    return _documents(request)


def picture(request: Any, *, file_no: str) -> HttpResponse:
    """Return one of the party's own pictures to its super administrator."""
    found = kept.own_file(file_no, party_id=request.asker.party_id)
    if found is None or found.purpose != PURPOSE:
        raise NotFound
    answer = HttpResponse(files.opened(no=file_no), content_type=found.media_type)
    answer.headers["Content-Disposition"] = "inline"
    return answer


def _keep(request: Any, one: Any) -> None:
    if one.size > files.MOST_BYTES:
        raise TooLarge(megabytes=files.MOST_BYTES // 1024**2, megapixels=40)
    asker = request.asker
    if len(kept.unused_of(asker.party_id, purpose=PURPOSE)) >= MOST_DOCUMENTS:
        raise TooManyFiles(most=MOST_DOCUMENTS)
    files.keep(
        party_id=asker.party_id,
        purpose=PURPOSE,
        raw=one.read(),
        name=one.name or "",
        person_id=asker.person.id,
        now=asker.now,
    )


def _file(request: Any) -> HttpResponse:
    asker, typed = request.asker, {name: request.POST.get(name, "").strip()[:200] for name in _TYPED}
    chosen = tuple(request.POST.getlist("document"))[: 2 * MOST_DOCUMENTS]
    try:
        proof = _proof(_subject_kind(request), typed, chosen)
        file_certification(
            party_id=asker.party_id, proof=proof, key=asker_key(request), actor=asker.actor, now=asker.now
        )
    except (Invalid, BadPhone, UnknownFile) as refusal:
        errors = beside(refusal, {BadPhone: "phone", UnknownFile: "documents"})
        return render(request, _TEMPLATE, _context(request) | {"typed": typed, "errors": errors}, status=422)
    except (AlreadyCertified, CertificationOpen):
        return answers.to(request, answers.url(request, "certification"))
    said = T("认证申请已提交", "The application was filed")
    return answers.to(request, answers.url(request, "certification"), toast=said)


def _proof(kind: SubjectKind, typed: dict[str, str], chosen: tuple[str, ...]) -> IndividualProof | EnterpriseProof:
    if kind is SubjectKind.INDIVIDUAL:
        return IndividualProof(
            name=typed["name"], id_number=typed["id_number"].upper(), phone=typed["phone"], documents=chosen
        )
    return EnterpriseProof(
        licence_name=typed["licence_name"],
        licence_no=typed["licence_no"].upper(),
        legal_person=typed["legal_person"],
        bank=typed["bank"],
        bank_account="".join(typed["bank_account"].split()),
        phone=typed["phone"],
        documents=chosen,
    )


def _context(request: Any) -> dict[str, Any]:
    asker = request.asker
    applications = parties.certifications_of(asker.party_id)
    last = applications[0] if applications else None
    context: dict[str, Any] = {
        "applications": applications,
        "last": last,
        "tag": STATES[last.state] if last else None,
        "states": STATES,
        "kinds": KINDS,
        "kind": _subject_kind(request),
        "chooses": asker.party.kind is PartyKind.LEADER,
        "may_file": asker.role is Role.SUPER_ADMIN and not asker.looking,
        "to_file": not asker.standing.certified and (last is None or last.state is CertificationState.REJECTED),
        "errors": {},
        "typed": {},
    }
    if context["to_file"]:
        return context | _pictures(request)
    if asker.role is Role.SUPER_ADMIN or asker.looking:
        context["facts"] = service.certified_facts(party_id=asker.party_id)
    return context


def _pictures(request: Any) -> dict[str, Any]:
    """Return what can be filed: what was uploaded anew, and what the rejected application had."""
    party_id = request.asker.party_id
    before = service.certified_facts(party_id=party_id, rejected=True)
    again: list[FileShown] = []
    if before is not None:
        found = kept.files(before.documents)
        again = [found[no] for no in before.documents if no in found]
    return {"fresh": kept.unused_of(party_id, purpose=PURPOSE), "again": again, "most": MOST_DOCUMENTS}


def _documents(request: Any, problem: Refusal | None = None) -> HttpResponse:
    context = _pictures(request) | {"may_file": True, "kind": _subject_kind(request), "problem": problem}
    status = 422 if problem else 200
    return render(request, "console/party/certification_documents.html", context, status=status)


def _subject_kind(request: Any) -> SubjectKind:
    """Return whose proof is filed: a shop and a promoter said it when they opened, a leader says it here."""
    party = request.asker.party
    if party.kind is PartyKind.MERCHANT:
        return parties.merchant_facts([party.id])[party.id].subject_kind
    if party.kind is PartyKind.PROMOTER:
        return parties.promoter_facts([party.id])[party.id].subject_kind
    if request.GET.get("kind") in set(SubjectKind):
        return SubjectKind(request.GET["kind"])
    before = parties.certifications_of(party.id)
    return before[0].kind if before else SubjectKind.INDIVIDUAL
