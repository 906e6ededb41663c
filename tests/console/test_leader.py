"""The leader's console: opened by a person, certified as whom it says, its money at home, asked for and taxed."""

import re
from datetime import timedelta

import pytest

from tests.console.conftest import toast_of
from tests.console.test_certification import ENTERPRISE, FACTS, file_it, photo, text, upload, waiting
from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tests.make.settlement import stand
from tuike.audit.types import OPERATOR_SHELL
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import PartyKind, Role, SubjectKind
from tuike.settings import service as settings_of
from tuike.settlement import queries as settlement


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def leader(db):
    return make_parties.leader()


def shown(answer):
    assert answer.status_code == 200, text(answer)[:500]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text(answer)))


def test_a_person_opens_a_leader_once_per_key_and_goes_in_by_their_seats(db, sit):
    person = sit(None)
    assert "成为团长" in shown(person.get("/seats"))
    for _ in range(2):
        answer = person.post("/account/open/leader", {"name": "灵选团", "key": "one"}, htmx=False)
        assert answer.status_code == 303
    [seat] = parties.seats_of(person.person_id)
    assert (seat.party.kind, seat.party.name, seat.role) == (PartyKind.LEADER, "灵选团", Role.SUPER_ADMIN)
    assert answer.headers["Location"] == f"/leader/{seat.party.no}/certification/"
    page = person.get("/seats", {"all": "1"})
    assert f'href="/leader/{seat.party.no}/"' in text(page) and "团长工作台" in shown(page)


def test_a_leader_without_a_name_and_a_sixth_one_are_refused_and_nothing_changes(db, sit):
    person = sit(None)
    for number in range(5):
        assert person.post("/account/open/leader", {"name": f"第{number}团"}, htmx=False).status_code == 303
    with unchanged("parties_"):
        nameless = person.post("/account/open/leader", {"name": " "}, htmx=False)
        assert nameless.status_code == 422
        sixth = person.post("/account/open/leader", {"name": "第六团"}, htmx=False)
        assert sixth.status_code == 422 and "如需更多请联系平台运营" in text(sixth)
    assert len(parties.seats_of(person.person_id)) == 5


def test_before_certification_every_page_leads_there(db, sit):
    one = sit(make_parties.leader(certified=False))
    for page in ("home", "funds", "administrators", "account", "exports"):
        answer = one.get(page)
        assert (answer.status_code, answer.headers["Location"]) == (303, one.url("certification")), page
    assert "资金结算" not in shown(one.get("certification"))


@pytest.mark.parametrize(
    ("kind", "facts", "files"),
    [(SubjectKind.INDIVIDUAL, FACTS, 2), (SubjectKind.ENTERPRISE, ENTERPRISE, 1)],
    ids=str,
)
def test_a_leader_certifies_as_whom_it_says(db, sit, kind, facts, files):
    party = make_parties.leader(certified=False)
    one = sit(party)
    form = one.get("certification", {"kind": kind.value})
    assert ("统一社会信用代码" in text(form)) is (kind is SubjectKind.ENTERPRISE)
    upload(one, *[photo(f"{n}.jpg") for n in range(files)])
    filed = {**facts, "document": waiting(party)}
    answer = one.client.post(f"{one.url('certification')}?kind={kind.value}", {"key": "k", **filed})
    assert answer.status_code == 303, text(answer)
    no = parties.certifications_of(party.id)[0].no
    assert "审核中" in text(one.get("certification"))
    service.decide_certification(no=no, approve=True, actor=OPERATOR_SHELL, now=clock.now())
    assert parties.leader_facts([party.id])[party.id].subject_kind is kind
    assert one.get("home").status_code == 200


def test_a_proof_of_the_other_kind_is_refused_beside_its_fields_and_nothing_is_filed(db, sit):
    party = make_parties.leader(certified=False)
    one = sit(party)
    upload(one, photo())
    with unchanged("parties_", "files_"):
        answer = file_it(one, party, ENTERPRISE)  # the page as it opens is an individual's
        assert answer.status_code == 422 and "真实姓名" in text(answer)


def test_after_a_no_the_form_is_that_of_the_kind_that_was_filed(db, sit):
    party = make_parties.leader(certified=False)
    one = sit(party)
    upload(one, photo())
    filed = {**ENTERPRISE, "document": waiting(party)}
    one.client.post(f"{one.url('certification')}?kind=enterprise", {"key": "k", **filed})
    no = parties.certifications_of(party.id)[0].no
    service.decide_certification(no=no, approve=False, reason="照片不清晰", actor=OPERATOR_SHELL, now=clock.now())
    page = text(one.get("certification"))
    assert "照片不清晰" in page and "统一社会信用代码" in page


def test_its_money_stands_on_its_home(db, sit, monkeypatch):
    one = make.alliance()
    make.touch(one, leader=True)
    order = make.bought(one)
    monkeypatch.setattr(clock, "now", lambda: make.NOON + timedelta(hours=6))
    page = shown(sit(one.leader).get("home"))
    assert "待结算 ¥1.19" in page  # 2 % of ¥59.90, rounded down
    assert "可提现 ¥0.00" in page
    assert "买家还未收货 ¥1.19" in page
    assert "还没有绑定收款账户" in page
    make.received(order, now=make.NOON + timedelta(days=1))
    make.matured(until=make.NOON + timedelta(days=40))
    monkeypatch.setattr(clock, "now", lambda: make.NOON + timedelta(days=41))
    page = shown(sit(one.leader).get("home"))
    assert "可提现 ¥1.19" in page and "待结算 ¥0.00" in page
    assert "近 30 天结算 ¥1.19" in page


def test_an_administrator_asks_for_the_money_and_sees_it_go(leader, sit):
    make_parties.bank_account(leader)
    make_settlement.fund(leader, 100_00)
    one = sit(leader, Role.ADMIN)
    answer = one.post("withdraw", {"amount": "60", "source": "mini_store"})
    assert answer.headers["HX-Redirect"] == one.url("withdrawals")
    assert stand(leader, "available", "leaving") == {"available": 40_00, "leaving": 60_00}
    no = settlement.withdrawals_of(leader.id)[0].no
    assert "¥60.00" in shown(one.get("home")) and "提现中 ¥60.00" in shown(one.get("home"))
    assert toast_of(one.post("withdrawal-cancel", no=no)) == "提现已撤销，金额已退回可提现"


def test_tax_is_withheld_from_an_individual_leader_and_not_from_an_enterprise(db, sit):
    operator = make_parties.operator_seat(Role.ADMIN)
    settings_of.change(name="tax_bps", value=1_000, actor=operator, now=clock.now())
    enterprise = make_parties.leader(name="好物团", certified=False)
    make_parties.certify(enterprise, subject_kind=SubjectKind.ENTERPRISE)
    taxed = {}
    for party in (make_parties.leader(), enterprise):
        make_parties.bank_account(party)
        make_settlement.fund(party, 100_00)
        one = sit(party)
        assert ("代扣税率" in text(one.get("withdraw", htmx=True))) is (party is not enterprise)
        one.post("withdraw", {"amount": "60", "source": "mini_store"})
        taxed[party.name] = settlement.withdrawals_of(party.id)[0].tax_fen
    assert taxed == {"团长小王": 6_00, "好物团": 0}


def test_an_operator_sees_the_console_as_the_leader_does(leader, sit):
    desk = sit(make_parties.operator(), Role.AUDITOR)
    assert "以其视角查看" in shown(desk.get("party", no=leader.no))
    answer = desk.post("party-look", no=leader.no)
    assert answer.headers["HX-Redirect"] == f"/leader/{leader.no}/"
    page = desk.client.get(f"/leader/{leader.no}/")
    assert page.status_code == 200 and "只读方式" in text(page)
    assert desk.post("withdraw", of=leader, kind="leader").status_code == 403


@pytest.mark.parametrize("page", ["home", "help", "funds", "withdrawals", "ledger", "statements", "account"])
def test_the_pages_speak_english(leader, sit, page):
    answer = sit(leader, english=True).get(page)
    assert answer.status_code == 200
    assert not CHINESE.search(words_of(answer)), words_of(answer)
