"""Appeals in the consoles: filed by their payee, answered at the desk with timers; the evidence of what is reviewed."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.console.conftest import Sitting, toast_of
from tests.console.unchanged import unchanged
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.appeals import appeal, picture, review, traced
from tuike.appeals import queries
from tuike.commission import queries as commission
from tuike.db import rows
from tuike.insight.evidence.related import NodeKind, related
from tuike.kit import clock
from tuike.parties.types import Role

pytestmark = pytest.mark.usefixtures("db")
HOUR = timedelta(hours=1)


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def held():
    """An alliance whose promoter's commission of an order was held an hour ago."""
    one, at = make.alliance(), clock.now() - 2 * HOUR
    make.touch(one, leader=True, now=at)
    order = make.bought(one, now=at + timedelta(seconds=4))
    of = make.accruals(order)
    review("hold", of["direct"], now=clock.now() - HOUR)
    return one, order, of


@pytest.fixture
def desk(sit):
    return lambda role=Role.OPERATOR: sit(make_parties.operator(), role)


def upload():
    name, raw = picture()
    return SimpleUploadedFile(name, raw, "image/png")


def test_a_promoter_appeals_reads_the_answer_and_replies(held, sit, desk):
    one, order, of = held
    mine, who = sit(one.promoter), desk()
    drawer = mine.get("explorer-row", accrual_id=of["direct"], htmx=True)
    assert mine.url("appeal-new", accrual_id=of["direct"]) in drawer.content.decode()
    assert order.no in words(mine.get("appeal-new", accrual_id=of["direct"], htmx=True))
    empty = mine.post("appeal-new", {"text": " "}, accrual_id=of["direct"])
    assert empty.status_code == 422 and "请填写原因" in words(empty)
    said = {"text": "老客户，有聊天记录", "pictures": [upload(), upload()]}
    assert "已提交" in toast_of(mine.post("appeal-new", said, accrual_id=of["direct"]))
    (no,) = (shown.no for shown in queries.of_accrual(of["direct"]))
    assert mine.url("appeal", no=no) in mine.get("order", accrual_id=of["direct"]).content.decode()
    page = mine.get("appeal", no=no, htmx=True)
    addresses = re.findall(r'src="([^"]+/pictures/[^"]+)"', page.content.decode())
    assert len(addresses) == 2 and mine.get(addresses[0]).headers["Content-Type"] == "image/jpeg"
    assert "时限内" in words(page) and "撤回申诉" in words(page)
    assert "待答复" in words(mine.get("appeals"))
    waits = words(who.get("home"))
    assert "1 个佣金申诉待答复" in waits and "超过" not in waits
    hidden = who.get("appeal", no=no, htmx=True)
    assert "图片 2 张" in words(hidden) and "查看图片" in words(hidden)
    looked = who.post("appeal-look", no=no)
    shown = re.findall(r'src="([^"]+/pictures/[^"]+)"', looked.content.decode())
    assert len(shown) == 2 and who.get(shown[0]).status_code == 200
    assert desk().get(shown[0]).status_code == 404, "a look is of who looked"
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'appeal.look'") == [(1,)]
    assert "已答复" in toast_of(who.post("appeal-refuse", {"reason": "截图不清楚"}, no=no))
    answered = words(mine.get("appeal", no=no, htmx=True))
    assert "截图不清楚" in answered and "补充说明" in answered
    assert "截图不清楚" in words(mine.get("bell"))
    assert "已提交" in toast_of(mine.post("appeal-reply", {"text": "补充清晰截图"}, no=no))
    assert "已答复" in toast_of(who.post("appeal-release", {"reason": "属实"}, no=no))
    assert commission.reviewed([of["direct"]])[of["direct"]].review == "approved"
    assert "已通过" in words(mine.get("appeals"))


def test_a_leader_appeals_and_withdraws(held, sit):
    one, _, of = held
    review("hold", of["leader"], now=clock.now())
    mine = sit(one.leader)
    assert mine.post("appeal-new", {"text": "服务费应付"}, accrual_id=of["leader"]).status_code == 200
    no = queries.of_accrual(of["leader"])[0].no
    assert "撤回" in words(mine.get("appeal-withdraw", no=no, htmx=True))
    assert "已撤回" in toast_of(mine.post("appeal-withdraw", no=no))
    assert mine.post("appeal-withdraw", no=no).status_code == 422


def test_nobody_sees_or_does_what_isnt_theirs(held, sit, desk):
    one, _, of = held
    no = appeal(one.promoter, of["direct"], now=clock.now(), pictures=[picture()])
    (file_no,) = queries.said(queries.appeal(no).appeal_id)[0].pictures
    others = sit(one.recruiter), sit(make_parties.promoter())
    desks = {role: desk(role) for role in (Role.FINANCE, Role.AUDITOR, Role.OPERATOR)}
    with unchanged("appeals_", "commission_"):
        for other in others:
            for name in ("appeal", "appeal-reply", "appeal-withdraw"):
                assert other.get(name, no=no).status_code == 404
            assert other.post("appeal-withdraw", no=no).status_code == 404
            assert other.get("appeal-new", accrual_id=of["direct"]).status_code == 404
            assert other.post("appeal-new", {"text": "我的"}, accrual_id=of["direct"]).status_code == 404
            assert other.get("appeal-picture", file_no=file_no).status_code == 404
        for role in (Role.FINANCE, Role.AUDITOR):
            who = desks[role]
            assert who.get("appeal", no=no, htmx=True).status_code == 200
            assert "通过并放行" not in words(who.get("appeal", no=no, htmx=True))
            for act in ("release", "refuse", "pay"):
                assert who.post(f"appeal-{act}", {"reason": "好", "amount": "1"}, no=no).status_code == 403
            assert who.post("appeal-look", no=no).status_code == 403
        assert desks[Role.OPERATOR].post("appeal-pay", {"reason": "好", "amount": "1"}, no=no).status_code == 403
        reader = desks[Role.AUDITOR]
        assert reader.get("evidence", accrual_id=of["direct"]).status_code == 200
        assert "添加备注" not in words(reader.get("evidence", accrual_id=of["direct"]))
        assert reader.post("evidence-note", {"text": "x"}, accrual_id=of["direct"]).status_code == 403
        assert reader.get("evidence", accrual_id=10**9).status_code == 404


def test_a_rejection_is_paid_with_a_second_person(held, sit, desk):
    one, _, of = held
    review("reject", of["direct"], now=clock.now() - HOUR)
    no = appeal(one.promoter, of["direct"], now=clock.now())
    admin = desk(Role.ADMIN)
    assert "通过并补发" in words(admin.get("appeal", no=no, htmx=True))
    fen = queries.appeal(no).amount_fen
    assert f'value="{fen // 100}.{fen % 100:02d}"' in admin.get("appeal-pay", no=no, htmx=True).content.decode()
    wrong = admin.post("appeal-pay", {"amount": "99999", "reason": "属实"}, no=no)
    assert wrong.status_code == 422 and "不能超过" in words(wrong)
    assert "待另一位同事审批" in toast_of(admin.post("appeal-pay", {"amount": "1.00", "reason": "属实"}, no=no))
    mine = words(sit(one.promoter).get("appeal", no=no, htmx=True))
    assert "复核中" in mine and "属实" not in mine
    adjustment = queries.appeal(no).adjustment_no
    assert toast_of(desk(Role.FINANCE).post("adjustment-approve", no=adjustment)) == "已入账"
    assert "平台答复：通过" in words(sit(one.promoter).get("appeal", no=no, htmx=True))


def test_the_queue_says_what_is_due_and_overdue(held, desk):
    one, _, of = held
    late = make.accruals(make.bought(one, now=clock.now() - HOUR))["direct"]
    review("hold", late, now=clock.now() - 49 * HOUR)
    near = make.accruals(make.bought(one, now=clock.now() - HOUR))["direct"]
    review("hold", near, now=clock.now() - 40 * HOUR)
    who = desk()
    page = words(who.get("held", {"sort": "held_at"}))
    assert re.search(f"A{late}.*已超时.*A{near}.*即将超时.*A{of['direct']}.*时限内", page)
    for value, wanted in (("overdue", late), ("soon", near), ("in_time", of["direct"])):
        found = re.findall(r"\bA(\d+)\b", words(who.get("held", {"timer": value})))
        assert {int(one) for one in found} == {wanted}
    assert "1 笔冻结佣金已超过处理时限" in words(who.get("home"))
    no = appeal(one.promoter, late, now=clock.now() - 73 * HOUR)
    assert no in words(who.get("appeals", {"timer": "overdue"})) and "已超时" in words(who.get("appeals"))
    assert "1 个佣金申诉已超过答复时限" in words(who.get("home"))


def test_bulk_acts_ask_for_a_reason_and_refuse_mixed_states(held, desk):
    one, _, of = held
    other = make.accruals(make.bought(one, now=clock.now() - HOUR))["direct"]
    who, mixed = desk(), f"{of['direct']},{other}"
    for act in ("hold", "release", "reject"):
        assert who.get(f"held-{act}", {"ids": mixed}, htmx=True).status_code == 200
        with unchanged("commission_"):
            assert who.post(f"held-{act}", {"ids": mixed, "reason": ""}).status_code == 422
            assert who.post(f"held-{act}", {"ids": mixed, "reason": "批量"}).status_code == 422
    assert toast_of(who.post("held-release", {"ids": of["direct"], "reason": "核实"})) == "已放行 1 笔"
    assert toast_of(who.post("held-hold", {"ids": mixed, "reason": "复查"})) == "已冻结 2 笔"
    assert toast_of(who.post("held-reject", {"ids": mixed, "reason": "刷单"})) == "已驳回 2 笔"


def test_the_evidence_tells_all_without_naming_a_buyer(held, desk):
    one, order, of = held
    who = desk(Role.ADMIN)
    assert toast_of(who.post("evidence-note", {"text": "已致电买家核实"}, accrual_id=of["direct"])) == "备注已保存"
    no = appeal(one.promoter, of["direct"], now=clock.now())
    answer = who.get("evidence", accrual_id=of["direct"])
    page = words(answer)
    for said in (
        *(order.no, "打开商品（落地），归因于此", "支付", "已致电买家核实", no, "手绘青瓷盖碗", "冻结佣金"),
        *("推客小李", "推客老王", "团长阿芳", "本单买家", "人工调整", "放行", "驳回", "订单异常，待核实"),
    ):
        assert said in page, said
    drawn = json.loads(re.search(r'<script id="related"[^>]*>(.*?)</script>', answer.content.decode())[1])
    (series,) = drawn["series"]
    assert series["type"] == "graph" and len(series["data"]) == len({node["id"] for node in series["data"]})
    names = {node["name"] for node in series["data"]}
    assert "本单买家" in names and any(name.startswith("推客小李") for name in names)
    (buyer,) = rows.query("SELECT nickname FROM people_person WHERE id = %s", [one.buyer_id])
    assert not buyer[0] or buyer[0] not in page
    assert {link["source"] for link in series["links"]} <= {node["id"] for node in series["data"]}
    english = words(who_english(who, of))
    assert "Related parties" in english and "This buyer" in english


def who_english(who, of):
    return Sitting(who.person_id, who.party, english=True).get("evidence", accrual_id=of["direct"])


def test_buyers_who_share_something_are_drawn_together(held, desk):
    one, order, of = held
    traced(one, order, one.buyer_id, b"same")
    traced(one, order, 987_654_321, b"same", buyer_promoter_id=one.promoter.id, no="X1")
    traced(one, order, 987_654_322, b"alone", no="X2")
    graph = related(order.no, promoter_id=one.promoter.id, leader_id=None, now=clock.now())
    kinds = [node.kind for node in graph.nodes]
    assert kinds.count(NodeKind.MARK) == 1 and kinds.count(NodeKind.OTHER_BUYER) == 2
    marks = [edge for edge in graph.edges if edge.target.startswith("address")]
    assert {edge.source for edge in marks} == {"b1", "b2"}
    assert any("推客本人" in edge.words.zh for edge in graph.edges)
    page = words(desk().get("evidence", accrual_id=of["direct"]))
    assert "同一收货地址 1" in page and "加入购物车" in page and "987" not in page
