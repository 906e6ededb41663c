"""The network's pages: recruiting links, the form, applications, deposits, who recruited whom, buyers who are bound."""

import re
from datetime import timedelta

import pytest

from tests.console.conftest import toast_of
from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import alliance as make
from tests.make import network as make_network
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.flows import recruit_promoters
from tuike.kit import clock
from tuike.network import queries
from tuike.network.types import ApplicationState, DepositState
from tuike.parties import queries as parties
from tuike.parties.types import PromoterState, Role

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def desk(sit, one):
    return sit(make_parties.operator(), Role.SUPER_ADMIN)


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def state_of(party) -> PromoterState:
    return parties.promoter_facts([party.id])[party.id].state


# ---------------------------------------------------------------- recruiting links


@pytest.mark.parametrize("who", ["promoter", "shop", "operator"])
def test_a_link_is_made_shown_counted_and_closed(one, sit, who):
    party = make_parties.operator() if who == "operator" else getattr(one, who)
    me = sit(party)
    for _ in range(2):
        answer = me.post("recruiting-new", {"note": "视频号直播", "key": "once"})
        assert answer.status_code == 200 and "已新建" in toast_of(answer)
    (link,) = queries.links_of(owner_id=party.id)
    new = make_network.opened(link=link.code, now=clock.now())
    page = words(me.get("recruiting"))
    assert "视频号直播" in page and link.code in page
    drawer = me.get("recruiting-link", code=link.code, htmx=True).content.decode()
    assert recruit_promoters.address(link.code) in drawer and "不产生任何收益" in drawer
    assert queries.arrived(link_id=link.link_id) == 1 and queries.arrivals([new.id])[new.id].code == link.code
    poster = me.get("recruiting-poster", code=link.code)
    kinds = {b"\x89P": "image/png", b"\xff\xd8": "image/jpeg"}
    assert poster["Content-Type"] == kinds[poster.content[:2]]
    assert me.post("recruiting-close", code=link.code).status_code == 200
    assert queries.open_links(party.id) == 0
    assert me.get("recruiting-poster", code=link.code).status_code == 404
    again = me.post("recruiting-close", code=link.code)
    assert again.status_code == 404


def test_somebody_elses_link_looks_as_if_it_werent_there(one, sit):
    me, other = sit(one.promoter), sit(one.recruiter)
    me.post("recruiting-new", {"note": ""})
    (link,) = queries.links_of(owner_id=one.promoter.id)
    with unchanged("network_"):
        for name in ("recruiting-link", "recruiting-poster", "recruiting-close"):
            assert other.get(name, code=link.code).status_code == 404
        assert other.post("recruiting-close", code=link.code).status_code == 404


def test_a_link_is_made_by_administrators_only_and_says_why_not(one, sit):
    finance = sit(one.shop, Role.FINANCE)
    assert "新建招募链接" not in words(finance.get("recruiting"))
    with unchanged("network_"):
        assert finance.post("recruiting-new", {"note": ""}).status_code == 403
        answer = sit(one.shop).post("recruiting-new", {"note": "字" * 41})
        assert answer.status_code == 422 and "备注最多 40 个字" in words(answer)


# ---------------------------------------------------------------- the form

FORM = {
    "title": "推客申请",
    "needed": "1",
    "real_name": "1",
    "reapply_days": "5",
    "field_key": ["why", "fans", ""],
    "field_kind": ["text", "number", "text"],
    "field_zh": ["为什么加入", "粉丝数", ""],
    "field_en": ["Why", "Followers", ""],
    "field_required": ["1", "0", "1"],
    "field_choices": ["", "", ""],
    "field_low": ["", "0", ""],
    "field_high": ["200", "", ""],
    "rule_field": ["fans"],
    "rule_test": ["at_most"],
    "rule_value": ["9"],
    "rule_then": ["reject"],
    "rule_reason": ["粉丝不足 10 人"],
}


def test_the_form_is_edited_published_and_kept_by_editions(desk):
    assert "还没有发布过申请表" in words(desk.get("join-form"))
    assert desk.post("join-form-edit", FORM, htmx=False).status_code == 303
    made = queries.form_in_force()
    assert (made.edition, made.form.title, made.form.reapply_days, made.form.deposit_fen) == (1, "推客申请", 5, 0)
    assert [(one.key, one.kind.value, one.required, one.low, one.high) for one in made.form.fields] == [
        ("why", "text", True, None, 200),
        ("fans", "number", False, 0, None),
    ]
    assert [(one.field, one.value, one.then.value) for one in made.form.rules] == [("fans", "9", "reject")]
    page = words(desk.get("join-form"))
    assert "为什么加入" in page and "粉丝不足 10 人" in page and "不大于" in page
    editor = desk.get("join-form-edit").content.decode()
    assert 'value="粉丝数"' in editor and 'value="5"' in editor
    second = FORM | {"title": "推客申请（新）", "deposit": "200", "auto_pass": "1", "law_noted": "1"}
    assert desk.post("join-form-edit", second, htmx=False).status_code == 303
    made = queries.form_in_force()
    assert (made.edition, made.form.deposit_fen, made.form.auto_pass) == (2, 20_000, True)
    assert "这是以前的版本" in words(desk.get("join-form-edition", edition=1))
    assert desk.get("join-form-edition", edition=3).status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "标题须为 1–40 个字"),
        ({"deposit": "x"}, "请填写金额"),
        ({"reapply_days": "366"}, "再次申请间隔须为 0–365 天"),
        ({"field_key": ["why", "why", ""]}, "标识不重复"),
        ({"field_kind": ["choice", "number", "text"]}, "单选项须为 1–20 个不重复的选项"),
        ({"rule_field": ["nobody"]}, "规则与字段不符"),
        ({"rule_reason": [""]}, "拒绝规则须写明原因"),
        ({"rule_then": ["x"]}, "请选择一项"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused_in_words_and_what_was_typed_stays(desk, change, sentence):
    with unchanged("network_"):
        answer = desk.post("join-form-edit", FORM | change, htmx=False)
    assert answer.status_code == 422 and sentence in words(answer)
    assert 'value="粉丝数"' in answer.content.decode()


def test_a_deposit_beside_several_tiers_takes_the_laws_note(desk):
    with unchanged("network_"):
        answer = desk.post("join-form-edit", FORM | {"deposit": "200"}, htmx=False)
    assert answer.status_code == 422 and "禁止传销条例" in words(answer)
    assert desk.post("join-form-edit", FORM | {"deposit": "200", "law_noted": "1"}, htmx=False).status_code == 303
    assert queries.form_in_force().form.law_noted


def test_the_form_is_the_administrators(sit):
    desk = sit(make_parties.operator(), Role.OPERATOR)
    assert desk.get("join-form").status_code == 200
    assert desk.get("join-form-edit").status_code == 403
    with unchanged("network_"):
        assert desk.post("join-form-edit", FORM, htmx=False).status_code == 403


# ---------------------------------------------------------------- applications


@pytest.fixture
def filed(db):
    make_network.form(now=clock.now())
    party = make_network.opened(now=clock.now())
    return make_network.applied(party, now=clock.now()), party


def test_an_application_is_looked_at_on_the_record_and_passed(desk, filed):
    found, party = filed
    assert found.no in words(desk.get("applications"))
    drawer = words(desk.get("application", no=found.no, htmx=True))
    assert "喜欢分享好物" not in drawer
    looked = words(desk.post("application-look", no=found.no))
    assert "喜欢分享好物" in looked and "已记入审计日志" in looked
    assert (
        rows.query("SELECT count(*) FROM audit_act WHERE action = 'network.look' AND object = %s", [found.no])[0][0]
        == 1
    )
    answer = desk.post("application-pass", no=found.no)
    assert answer.status_code == 200 and "已通过" in toast_of(answer)
    assert queries.application(found.no).state is ApplicationState.PASSED
    assert state_of(party) is PromoterState.ACTIVE
    with unchanged("network_"):
        again = desk.post("application-reject", {"reason": "晚了"}, no=found.no)
        assert again.status_code >= 400


def test_a_rejection_takes_a_reason(desk, filed):
    found, party = filed
    with unchanged("network_"):
        answer = desk.post("application-reject", {"reason": " "}, no=found.no)
        assert answer.status_code == 422
    assert desk.post("application-reject", {"reason": "资料不全"}, no=found.no).status_code == 200
    assert queries.application(found.no).state is ApplicationState.REJECTED
    assert "资料不全" in words(desk.get("application", no=found.no, htmx=True))
    assert state_of(party) is PromoterState.JOINING


def test_who_lacks_a_threshold_isnt_passed_and_the_page_says_which(desk):
    make_network.form(now=clock.now(), deposit_fen=20_000, law_noted=True)
    party = make_network.opened(now=clock.now())
    found = make_network.applied(party, now=clock.now())
    assert "¥200.00" in words(desk.get("application", no=found.no, htmx=True))
    with unchanged("network_", "parties_"):
        answer = desk.post("application-pass", no=found.no)
        assert answer.status_code >= 400 and "保证金" in words(answer)


# ---------------------------------------------------------------- deposits


@pytest.fixture
def deposit(one):
    return make_network.paid(one.promoter, now=clock.now())


def test_a_forfeit_takes_two_people_to_the_fen(sit, one, deposit):
    first = sit(make_parties.operator(), Role.FINANCE)
    second = sit(first.party, Role.FINANCE)
    answer = first.post("deposit-forfeit", {"amount": "50.5", "reason": "虚假宣传"}, no=deposit.no)
    assert answer.status_code == 200, words(answer)
    assert queries.deposit(deposit.no).left_fen == 20_000
    assert "撤回" in words(first.get("deposit", no=deposit.no, htmx=True))
    with unchanged("network_", "ledger_"):
        answer = first.post("deposit-approve", no=deposit.no)
        assert answer.status_code == 422 and "须由另一位同事复核" in words(answer)
    page = words(second.get("deposit", no=deposit.no, htmx=True))
    assert "虚假宣传" in page and "复核：扣除保证金 ¥50.50" in page
    assert second.post("deposit-approve", no=deposit.no).status_code == 200
    assert queries.deposit(deposit.no).left_fen == 14_950
    assert "¥149.50" in words(second.get("deposit", no=deposit.no, htmx=True))


def test_more_than_is_left_isnt_forfeited(sit, one, deposit):
    desk = sit(make_parties.operator(), Role.FINANCE)
    with unchanged("network_", "ledger_"):
        answer = desk.post("deposit-forfeit", {"amount": "200.01", "reason": "x"}, no=deposit.no)
        assert answer.status_code >= 400
        answer = desk.post("deposit-forfeit", {"amount": "一百", "reason": "x"}, no=deposit.no)
        assert answer.status_code == 422 and "请输入金额" in words(answer)
        assert desk.post("deposit-approve", no=deposit.no).status_code >= 400
    assert desk.get("deposit", no="D404").status_code == 404


def test_what_was_asked_is_turned_down(sit, one, deposit):
    first = sit(make_parties.operator(), Role.FINANCE)
    first.post("deposit-forfeit", {"amount": "10", "reason": "x"}, no=deposit.no)
    assert first.post("deposit-reject", {"note": "撤回"}, no=deposit.no).status_code == 200
    assert queries.deposit(deposit.no).left_fen == 20_000
    assert "已驳回" in words(first.get("deposit", no=deposit.no, htmx=True))
    assert queries.deposit(deposit.no).state is DepositState.PAID


# ---------------------------------------------------------------- who recruited whom


def test_the_operator_sees_everybody_freezes_restores_bans_and_moves(desk, one):
    page = words(desk.get("hierarchy"))
    assert one.promoter.name in page and one.recruiter.no in page
    drawer = words(desk.get("hierarchy-one", no=one.promoter.no, htmx=True))
    assert one.recruiter.name in drawer and "冻结" in drawer and "没有变更过" not in drawer
    assert desk.post("party-suspend", {"reason": "核查"}, no=one.promoter.no).status_code == 200
    assert state_of(one.promoter) is PromoterState.FROZEN
    assert "恢复" in words(desk.get("hierarchy-one", no=one.promoter.no, htmx=True))
    assert desk.post("party-restore", {"reason": "无误"}, no=one.promoter.no).status_code == 200
    other = make_parties.promoter(name="另一位")
    answer = desk.post("hierarchy-move", {"recruiter": other.no, "reason": "签约变更"}, no=one.promoter.no)
    assert answer.status_code == 200 and other.no in toast_of(answer)
    drawer = words(desk.get("hierarchy-one", no=one.promoter.no, htmx=True))
    assert "签约变更" in drawer and other.name in drawer
    with unchanged("parties_"):
        answer = desk.post("hierarchy-move", {"recruiter": one.promoter.no, "reason": "自己"}, no=other.no)
        assert answer.status_code >= 400
        answer = desk.post("hierarchy-move", {"recruiter": "P404", "reason": "x"}, no=one.promoter.no)
        assert answer.status_code == 422 and "没有这个推客" in words(answer)
        assert desk.post("hierarchy-ban", {"reason": ""}, no=one.promoter.no).status_code == 422
    assert desk.post("hierarchy-ban", {"reason": "刷单"}, no=one.promoter.no).status_code == 200
    assert state_of(one.promoter) is PromoterState.BANNED
    assert "已清退" in words(desk.get("hierarchy", {"state": "banned"}))


def test_a_promoter_sees_three_levels_below_and_nobody_else(sit):
    line = make_parties.promoter_line(5)
    top = sit(line[0]) if parties.promoter_facts([line[0].id])[line[0].id].line == () else sit(line[-1])
    ordered = line if top.party == line[0] else line[::-1]
    page = words(top.get("hierarchy"))
    for seen in ordered[1:4]:
        assert seen.no in page
    assert ordered[4].no not in page
    assert top.get("hierarchy-one", no=ordered[3].no, htmx=True).status_code == 200
    assert top.get("hierarchy-one", no=ordered[4].no, htmx=True).status_code == 404
    assert top.get("hierarchy-branch", {"under": ordered[3].no}, htmx=True).status_code == 404
    branch = top.get("hierarchy-branch", {"under": ordered[1].no}, htmx=True).content.decode()
    assert ordered[2].no in branch and "data-branch" in branch
    last = top.get("hierarchy-branch", {"under": ordered[2].no}, htmx=True).content.decode()
    assert ordered[3].no in last and "data-branch" not in last
    below = sit(ordered[1])
    assert ordered[0].no not in words(below.get("hierarchy")).replace(ordered[1].no, "")
    assert below.get("hierarchy-one", no=ordered[0].no, htmx=True).status_code == 404
    tree = words(top.get("hierarchy-tree"))
    assert ordered[1].no in tree and ordered[2].no not in tree
    assert ordered[3].no in words(top.get("hierarchy-tree", {"q": ordered[3].no}))
    at = words(top.get("hierarchy-tree", {"at": ordered[2].no}))
    assert ordered[1].name in at and ordered[2].no in at
    assert top.get("hierarchy-tree", {"at": ordered[4].no}).status_code == 404


def test_a_shop_sees_whom_it_recruited_with_all_below_and_its_own_sales_alone(one, sit):
    shop = sit(one.shop)
    assert one.promoter.no not in words(shop.get("hierarchy"))
    shop.post("recruiting-new", {"note": ""})
    (link,) = queries.links_of(owner_id=one.shop.id)
    agent = make_network.opened(link=link.code, now=clock.now())
    below = make_network.opened(recruiter_no=agent.no, now=clock.now())
    page = words(shop.get("hierarchy"))
    assert agent.no in page and below.no in page and "本店招募" in page and "下级招募" in page
    assert one.promoter.no not in page
    tree = shop.get("hierarchy-tree").content.decode()
    assert agent.no in tree and below.no not in tree
    assert below.no in shop.get("hierarchy-branch", {"under": agent.no}, htmx=True).content.decode()
    assert shop.get("hierarchy-one", no=one.promoter.no, htmx=True).status_code == 404
    assert shop.get("hierarchy-branch", {"under": one.recruiter.no}, htmx=True).status_code == 404


# ---------------------------------------------------------------- bindings


@pytest.fixture
def bound(one):
    """A buyer bound to the promoter at the shop for ten days."""
    link = make.link(one, now=clock.now())
    make.touch(one, now=clock.now())
    rows.run("DELETE FROM attribution_binding")
    touch_id = rows.query("SELECT max(id) FROM attribution_touch")[0][0]
    assert link
    now = clock.now()
    rows.run(
        "INSERT INTO attribution_binding (merchant_id, buyer_id, promoter_id, touch_id, bound_at, until, released_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, '')",
        [one.shop.id, one.buyer_id, one.promoter.id, touch_id, now, now + timedelta(days=10)],
    )
    return rows.query("SELECT max(id) FROM attribution_binding")[0][0]


def test_a_shop_releases_a_buyer_with_a_reason_and_both_sides_see_it(one, sit, bound):
    shop, promoter = sit(one.shop), sit(one.promoter)
    page = words(shop.get("bindings"))
    assert one.promoter.no in page and "绑定中" in page and "当前方式" in page
    assert one.shop.no in words(promoter.get("bindings"))
    finance = sit(one.shop, Role.FINANCE)
    with unchanged("attribution_"):
        answer = shop.post("binding-release", {"reason": ""}, id_=bound)
        assert answer.status_code == 422
        assert finance.post("binding-release", {"reason": "x"}, id_=bound).status_code == 403
    assert shop.post("binding-release", {"reason": "客户要求"}, id_=bound).status_code == 200
    assert "已解除" in words(shop.get("bindings", {"state": "released"}))
    assert "已解除" in words(promoter.get("bindings", {"state": "released"}))
    assert shop.post("binding-release", {"reason": "再来"}, id_=bound).status_code >= 400


# ---------------------------------------------------------------- words, and what pages ask

PAGES = {
    "operator": (
        "hierarchy",
        "hierarchy-tree",
        "recruiting",
        "join-form",
        "join-form-edit",
        "applications",
        "deposits",
    ),
    "shop": ("hierarchy", "hierarchy-tree", "recruiting", "bindings"),
    "promoter": ("hierarchy", "hierarchy-tree", "recruiting", "bindings"),
}


@pytest.mark.parametrize("who", PAGES)
@pytest.mark.usefixtures("db", "bound", "filed")
def test_pages_speak_english_and_ask_few_questions(one, sit, who, django_assert_max_num_queries):
    party = make_parties.operator() if who == "operator" else getattr(one, who)
    make_network.paid(one.recruiter, now=clock.now())
    me = sit(party, english=True)
    me.post("recruiting-new", {"note": ""})
    for name in PAGES[who]:
        with django_assert_max_num_queries(15):
            answer = me.get(name)
        assert answer.status_code == 200
        assert not CHINESE.findall(words_of(answer)), name
