"""A party proves who it is: the pictures of its documents and what it says about itself, filed together."""

from dataclasses import replace
from datetime import datetime

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.files import queries as kept
from tuike.files import service as files
from tuike.files.types import UnknownFile
from tuike.flows.keyed import keyed
from tuike.kit.errors import Invalid
from tuike.parties import queries
from tuike.parties import service as parties
from tuike.parties.types import EnterpriseProof, IndividualProof

PURPOSE = "certification"
"""What pictures of documents are given for."""

MOST_DOCUMENTS = 6


@retry
def file_certification(
    *,
    party_id: int,
    proof: IndividualProof | EnterpriseProof,
    key: str | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """File proof of who a party is, with the numbers of its own kept pictures, and return the application's number.

    An individual shows both sides of the identity card, an enterprise its licence (docs/rules.md §1). The same key with
    the same proof files nothing again.

    Raises:
        Invalid: too few or too many pictures; and what `parties.file_certification` says of the fields.
        UnknownFile: a picture that isn't the party's, or was given for something else.
        NotSuperAdmin, AlreadyCertified, CertificationOpen, BadPhone: see `parties.file_certification`.
        KeyMalformed, KeyUsedForOther: the key.
    """
    proof = replace(proof, documents=tuple(dict.fromkeys(proof.documents)))
    _check(proof)

    def work() -> str:
        files.use(nos=proof.documents, party_id=party_id, purpose=PURPOSE, now=now)
        return parties.file_certification(party_id=party_id, proof=proof, actor=actor, now=now)

    content = {name: getattr(proof, name) for name in proof.__slots__}
    return keyed(
        scope=f"party:{party_id}:file_certification",
        key=key,
        content=content,
        now=now,
        work=work,
        again=lambda: queries.certifications_of(party_id)[0].no,
    )


@retry
def look_at_document(*, no: str, file_no: str, actor: Actor, now: datetime) -> tuple[str, bytes]:
    """Return (media type, bytes) of a picture that an application names, to who reviews it; each look is recorded.

    Raises:
        NotOperator: the actor has no deciding seat of the operator.
        UnknownCertification, UnknownFile: no such application, or none of its pictures.
    """

    def work() -> tuple[str, bytes]:
        proof = parties.look_at_certification(no=no, actor=actor, now=now)
        found = kept.files([file_no]).get(file_no)
        if file_no not in proof.documents or found is None:
            raise UnknownFile
        return found.media_type, files.opened(no=file_no)

    return keyed(scope="", key=None, content=None, now=now, work=work, again=work)


def _check(proof: IndividualProof | EnterpriseProof) -> None:
    least = 2 if isinstance(proof, IndividualProof) else 1
    if len(proof.documents) < least:
        raise Invalid(
            field="documents",
            reason_zh="请上传身份证正反面照片" if least == 2 else "请上传营业执照照片",
            reason_en="upload both sides of the identity card" if least == 2 else "upload the business licence",
        )
    if len(proof.documents) > MOST_DOCUMENTS:
        raise Invalid(
            field="documents",
            reason_zh=f"最多 {MOST_DOCUMENTS} 张",
            reason_en=f"at most {MOST_DOCUMENTS} pictures",
        )
