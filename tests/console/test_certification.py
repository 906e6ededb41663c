"""Certification: pictures and facts handed in, where it stands, once more after a no; and for whose eyes it is."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.make import parties as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.files import queries as kept
from tuike.flows.file_certification import look_at_document
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import NotOperator, Role, SubjectKind

FACTS = {"name": "李雷", "id_number": make.ID_NUMBER.lower(), "phone": "13900000000"}
ENTERPRISE = {
    "licence_name": "福州好物贸易有限公司",
    "licence_no": make.LICENCE_NO,
    "legal_person": "韩梅梅",
    "bank": "招商银行",
    "bank_account": "6225 8801 0000 0000",
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def party(db):
    return make.promoter(certified=False)


def text(answer):
    return answer.content.decode()


def photo(name="front.jpg", size=(640, 400)):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def upload(one, *files):
    return one.client.post(one.url("certification-documents"), {"file": list(files)}, headers={"hx-request": "true"})


def waiting(party):
    return [file.no for file in kept.unused_of(party.id, purpose="certification")]


def file_it(one, party, facts=FACTS):
    return one.post("certification", {**facts, "document": waiting(party)}, htmx=False)


def test_before_it_passes_every_page_leads_here(party, sit):
    one = sit(party)
    answer = one.get("places")
    assert (answer.status_code, answer.headers["Location"]) == (303, one.url("certification"))
    assert one.post("place-add", {"name": "x"}).status_code == 403
    page = text(one.get("certification"))
    assert "提交认证" in page
    assert "推广位" not in page  # nothing in the navigation that isn't open


def test_an_individual_hands_in_and_waits_and_nothing_stands_in_clear(party, sit):
    one = sit(party)
    page = text(upload(one, photo("front.jpg"), photo("back.jpg")))
    assert page.count('type="hidden" name="document"') == 2
    answer = file_it(one, party)
    assert (answer.status_code, answer.headers["Location"]) == (303, one.url("certification"))
    page = text(one.get("certification"))
    assert "审核中" in page
    assert make.ID_NUMBER not in page
    assert "1101************2X" in page
    assert waiting(party) == []
    no = parties.certifications_of(party.id)[0].no
    stored = rows.query("SELECT sealed FROM parties_certification WHERE no = %s", [no])[0][0]
    assert "李雷".encode() not in bytes(stored)
    service.decide_certification(no=no, approve=True, actor=OPERATOR_SHELL, now=clock.now())
    page = text(one.get("certification"))
    assert "已认证" in page
    assert "推广位" in page


def test_a_no_says_why_and_the_same_pictures_go_once_more(party, sit):
    one = sit(party, english=True)
    upload(one, photo("front.jpg"), photo("back.jpg"))
    file_it(one, party)
    first = parties.certifications_of(party.id)[0].no
    service.decide_certification(no=first, approve=False, reason="照片不清晰", actor=OPERATOR_SHELL, now=clock.now())
    page = text(one.get("certification"))
    assert "照片不清晰" in page
    assert "File again" in page
    again = service.certified_facts(party_id=party.id, rejected=True).documents
    assert page.count('type="checkbox" name="document"') == 2
    answer = one.post("certification", {**FACTS, "document": again}, htmx=False)
    assert answer.status_code == 303
    assert [c.state for c in parties.certifications_of(party.id)] == ["filed", "rejected"]


def test_an_enterprise_hands_in_its_licence(db, sit):
    shop = make.merchant(certified=False)
    one = sit(shop)
    assert "统一社会信用代码" in text(one.get("certification"))
    upload(one, photo())
    assert file_it(one, shop, ENTERPRISE).status_code == 303
    facts = service.certified_facts(party_id=shop.id)
    assert (facts.kind, facts.bank_account) == (SubjectKind.ENTERPRISE, "************0000")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"id_number": "110105194912310021"}, "身份证号码不正确"),
        ({"name": ""}, "须为 1–60 个字"),
        ({"phone": "12"}, "手机号格式不正确"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(party, sit, facts, said):
    one = sit(party)
    upload(one, photo(), photo())
    answer = file_it(one, party, FACTS | facts)
    assert answer.status_code == 422
    assert said in text(answer)
    assert len(waiting(party)) == 2
    assert parties.certifications_of(party.id) == []
    if "name" not in facts:
        assert 'value="李雷"' in text(answer)


def test_pictures_are_needed_and_must_be_ones_own(party, sit):
    one = sit(party)
    assert "请上传身份证正反面照片" in text(file_it(one, party))
    other = make.promoter(certified=False, name="别人")
    theirs = sit(other)
    upload(theirs, photo(), photo())
    answer = one.post("certification", {**FACTS, "document": waiting(other)}, htmx=False)
    assert answer.status_code == 422
    assert "没有找到该文件" in text(answer)
    assert parties.certifications_of(party.id) == []
    for no in waiting(other):
        assert one.get("certification-picture", file_no=no).status_code == 404
        assert one.post("certification-document-remove", file_no=no).status_code == 404
    assert len(waiting(other)) == 2


def test_what_is_no_picture_is_refused_and_too_many_are(party, sit):
    one = sit(party)
    fake = SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")
    answer = upload(one, fake)
    assert answer.status_code == 422
    assert "仅支持 JPG" in text(answer)
    upload(one, *[photo(size=(200, 200)) for _ in range(6)])
    answer = upload(one, photo())
    assert answer.status_code == 422
    assert len(waiting(party)) == 6
    assert one.post("certification-document-remove", file_no=waiting(party)[0]).status_code == 200
    assert len(waiting(party)) == 5


def test_a_picture_is_for_the_party_and_for_who_reviews_it(party, sit):
    one = sit(party)
    upload(one, photo(), photo())
    no = waiting(party)[0]
    answer = one.get("certification-picture", file_no=no)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert "no-store" in answer.headers["Cache-Control"]
    file_it(one, party)
    application = parties.certifications_of(party.id)[0].no
    operator = make.operator_seat(Role.OPERATOR)
    media, data = look_at_document(no=application, file_no=no, actor=operator, now=clock.now())
    assert (media, data) == ("image/jpeg", answer.content)
    looked = rows.query("SELECT person_id FROM audit_act WHERE action = 'certification.look'")
    assert looked == [(operator.person_id,)]
    with pytest.raises(NotOperator):
        look_at_document(no=application, file_no=no, actor=make.operator_seat(Role.AUDITOR), now=clock.now())


def test_administrators_see_the_state_and_not_the_papers(db, sit):
    party = make.promoter()
    one = sit(party, Role.ADMIN)
    page = text(one.get("certification"))
    assert "已认证" in page
    assert "1101" not in page
    assert one.post("certification", FACTS).status_code == 403
    assert one.client.post(one.url("certification-documents"), {"file": photo()}).status_code == 403


def test_sent_twice_is_filed_once(party, sit):
    one = sit(party)
    upload(one, photo(), photo())
    form = {**FACTS, "document": waiting(party), "key": "same"}
    for _ in range(2):
        assert one.post("certification", form, htmx=False).status_code == 303
    assert len(parties.certifications_of(party.id)) == 1
