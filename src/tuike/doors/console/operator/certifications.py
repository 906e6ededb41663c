"""Applications that prove identity: the queue, what was filed (each look is recorded), pass or reject with a reason."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.catalog import queries as catalog
from tuike.doors.console import lists
from tuike.doors.console.operator import looked_at
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags
from tuike.doors.console.text import T
from tuike.insight.lists.operator_queues import CERTIFICATIONS, CERTIFIED, SUBJECTS
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import CertificationShown, CertificationState, EnterpriseProof, IndividualProof

STATES = tags(CERTIFICATIONS)
_DOCUMENT = "operator-certification-document"


def page(request: Any) -> HttpResponse:
    """List the applications, those that wait first by their tab."""
    return lists.show(
        request,
        CERTIFIED,
        scope={},
        title=T("认证审核", "Certifications"),
        lead=T(
            "主体通过认证后才能使用联盟功能。查看证件会记入审计日志。",
            "Nothing works for a party before it passes. Each look at its papers goes into the audit log.",
        ),
        row="console:operator-certification",
        row_key="no",
        empty=(T("没有认证申请", "No applications here"), T("提交后会出现在这里。", "They appear here once filed.")),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show an application without what is sealed."""
    return details(request, _details(request, _found(no)))


def look(request: Any, *, no: str) -> HttpResponse:
    """Show what was filed, in clear; the look is recorded before anything is shown."""
    asker = request.asker
    proof = service.look_at_certification(no=no, actor=asker.actor, now=asker.now)
    return details(request, _details(request, _found(no), proof))


def document(request: Any, *, signed: str) -> HttpResponse:
    """Answer one picture of a look that this person has just had.

    Raises:
        NotFound: somebody else's look, or an old one.
    """
    return looked_at.picture(request, signed, route=_DOCUMENT)


def passed(request: Any, *, no: str) -> HttpResponse:
    """Ask, and let the party pass."""
    found = _found(no)
    form = Form(
        T("通过认证", "Pass the certification"),
        request.path,
        T("通过", "Pass"),
        facts=_facts(found),
        note=T("通过后该主体即可使用全部功能。", "The party can use everything from now on."),
    )
    return asked(request, form, lambda: _decide(request, no, approve=True))


def rejected(request: Any, *, no: str) -> HttpResponse:
    """Ask for the reason, and reject."""
    found = _found(no)
    form = Form(
        T("驳回认证", "Reject the certification"),
        request.path,
        T("驳回", "Reject"),
        fields=[
            Field(
                "reason",
                T("驳回原因", "Reason"),
                "area",
                hint=T("主体会看到原因，可修改后重新提交。", "The party reads it and may file anew."),
            )
        ],
        facts=_facts(found),
        danger=True,
    )
    return asked(request, form, lambda: _decide(request, no, approve=False))


def _decide(request: Any, no: str, *, approve: bool) -> T:
    asker = request.asker
    reason = request.POST.get("reason", "")
    service.decide_certification(no=no, approve=approve, reason=reason, actor=asker.actor, now=asker.now)
    return T("已通过", "Passed") if approve else T("已驳回", "Rejected")


def _found(no: str) -> CertificationShown:
    found = parties.certification(no)
    if found is None:
        raise NotFound
    return found


def _facts(one: CertificationShown) -> list[tuple[T, object, str]]:
    category_id = parties.main_categories([one.party.id]).get(one.party.id)
    sells = catalog.category_nodes([category_id]).get(category_id) if category_id else None
    return [
        (T("主体", "Party"), one.party.name, "text"),
        (T("主体编号", "Number"), one.party.no, "copy"),
        (T("认证类型", "Proof"), T(*SUBJECTS[one.kind]), "text"),
        *([(T("主营类目", "Mainly sells"), T(sells.name, sells.name_en or sells.name), "text")] if sells else []),
        (T("提交时间", "Filed"), one.filed_at, "when"),
        *([(T("处理时间", "Decided"), one.decided_at, "when")] if one.decided_at else []),
        *([(T("驳回原因", "Reason"), one.reason, "text")] if one.reason else []),
    ]


def _details(request: Any, one: CertificationShown, proof: IndividualProof | EnterpriseProof | None = None) -> Details:
    party_no = request.asker.party.no
    may = request.asker.may("operator-certification-look", "POST")
    waits = one.state is CertificationState.FILED

    def url(name: str) -> str:
        return reverse(f"console:operator-certification-{name}", args=[party_no, one.no])

    deeds = []
    if proof is None and may:
        deeds.append(Deed(T("查看提交的资料", "Show what was filed"), url("look"), "drawer", icon="eye"))
    if waits and may:
        deeds.append(Deed(T("驳回", "Reject"), url("reject"), style="danger"))
        deeds.append(Deed(T("通过", "Pass"), url("pass"), style="pri"))
    pictures = looked_at.addressed(request, proof.documents if proof else (), route=_DOCUMENT)
    return Details(
        title=one.no,
        state=STATES[one.state],
        note=T("本次查看已记入审计日志。", "This look is in the audit log.") if proof else None,
        facts=_facts(one) + _proved(proof),
        deeds=deeds,
        more="console/operator/documents.html" if pictures else "",
        context={"pictures": pictures},
    )


def _proved(proof: IndividualProof | EnterpriseProof | None) -> list[tuple[T, object, str]]:
    if isinstance(proof, IndividualProof):
        return [
            (T("姓名", "Name"), proof.name, "text"),
            (T("身份证号", "Identity number"), proof.id_number, "mono"),
            (T("手机号", "Phone"), proof.phone, "mono"),
        ]
    if isinstance(proof, EnterpriseProof):
        return [
            (T("企业名称", "Company"), proof.licence_name, "text"),
            (T("统一社会信用代码", "Licence number"), proof.licence_no, "mono"),
            (T("法定代表人", "Legal person"), proof.legal_person, "text"),
            (T("开户银行", "Bank"), proof.bank, "text"),
            (T("银行账号", "Account"), proof.bank_account, "mono"),
            (T("联系电话", "Phone"), proof.phone, "mono"),
        ]
    return []
