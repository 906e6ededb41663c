"""To whom the contract is open, and the curated pool: the operator decides, closed parties see no entry."""

import pytest

from tests.console.conftest import toast_of
from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import alliance as make
from tests.make import cooperation as making
from tests.make import parties as make_parties
from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation
from tuike.db import rows
from tuike.kit import clock
from tuike.parties.types import Role

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def desk(sit):
    return sit(make_parties.operator(), Role.OPERATOR)


def page_of(answer):
    assert answer.status_code == 200, answer.content.decode()[:400]
    return answer.content.decode()


def number(one):
    return catalog.product_facts([one.product_id])[one.product_id].product_no


def logged(action):
    return rows.query("SELECT count(*) FROM audit_act WHERE action = %s", [action])[0][0]


def test_closed_parties_see_no_entry_and_are_refused_by_name(one, sit, desk):
    seller, leader = sit(one.shop), sit(one.leader)
    for who in (seller, leader):
        assert who.url("activities") not in page_of(who.get("home"))
        with unchanged("cooperation_"):
            answer = who.get("activities")
        assert answer.status_code == 403 and "团长招商功能尚未对您开放" in answer.content.decode()
    said = toast_of(desk.post("cooperation-add", {"numbers": f"{one.shop.no}\n{one.leader.no}"}))
    assert said == "已开放 2 个主体" and logged("cooperation.open") == 2
    for who in (seller, leader):
        assert who.url("activities") in page_of(who.get("home"))
        assert who.get("activities").status_code == 200
    assert "青瓷小铺" in page_of(desk.get("cooperation"))
    assert "已关闭 1 个主体" in toast_of(desk.post("cooperation-close", {"ids": [str(one.shop.id)]}))
    assert seller.get("activities").status_code == 403 and leader.get("activities").status_code == 200
    assert logged("cooperation.close") == 1


@pytest.mark.parametrize(
    ("numbers", "said"), [("", "请填写"), ("Z0", "不是商家或团长编号：Z0"), (None, "不是商家或团长编号")]
)
def test_only_shops_and_leaders_are_opened_to(one, desk, numbers, said):
    with unchanged("cooperation_"):
        answer = desk.post("cooperation-add", {"numbers": one.promoter.no if numbers is None else numbers})
    assert answer.status_code == 422 and said in answer.content.decode()


def test_an_administrator_opens_to_all_and_takes_it_back_logged(one, sit):
    operator = make_parties.operator()
    admin, clerk = sit(operator, Role.ADMIN), sit(operator, Role.OPERATOR)
    assert clerk.post("cooperation-all", {"open": "1"}).status_code == 403
    admin.post("cooperation-all", {"open": "1"})
    assert cooperation.functions_open(one.shop.id) and logged("setting.change") == 1
    assert "已向全部商家与团长开放" in page_of(admin.get("cooperation"))
    admin.post("cooperation-all", {"open": "0"})
    assert not cooperation.functions_open(one.shop.id) and logged("setting.change") == 2


def test_a_shop_applies_for_the_pool_and_the_operator_takes_in_turns_away_and_out(one, sit, desk):
    making.open_to_all(now=clock.now())
    seller, leader, promoter = sit(one.shop, Role.PRODUCT_MANAGER), sit(one.leader), sit(one.promoter)
    assert seller.post("pool-apply", {"product": []}, htmx=False).status_code == 422
    done = seller.post("pool-apply", {"product": [number(one)]})
    assert done.headers["HX-Redirect"] == seller.url("pool")
    with unchanged("cooperation_"):
        again = seller.post("pool-apply", {"product": [number(one)]}, htmx=False)
    assert again.status_code == 422 and "已申请或已加入好物联盟" in again.content.decode()
    [asked] = cooperation.pool_to_decide()
    ids = {"ids": [str(asked.application_id)]}
    with unchanged("cooperation_"):
        assert desk.post("pool-decide", ids | {"reason": ""}).status_code == 422
    assert "手绘青瓷盖碗" not in page_of(promoter.get("pool"))
    assert "已入选 1 个" in toast_of(desk.post("pool-list", ids))
    assert "手绘青瓷盖碗" in page_of(promoter.get("pool")) and "手绘青瓷盖碗" in page_of(leader.get("pool"))
    with unchanged("cooperation_"):
        late = desk.post("pool-decide", ids | {"reason": "晚了"})
    assert late.status_code == 422 and "已处理" in late.content.decode()
    assert "已移出 1 个" in toast_of(desk.post("pool-remove", ids | {"reason": "断货"}))
    assert "手绘青瓷盖碗" not in page_of(promoter.get("pool")) and "断货" in page_of(seller.get("pool"))
    seller.post("pool-apply", {"product": [number(one)]})
    [asked] = cooperation.pool_to_decide()
    ids = {"ids": [str(asked.application_id)]}
    assert "已拒绝 1 个" in toast_of(desk.post("pool-decide", ids | {"reason": "图片不清"}))
    seller.post("pool-apply", {"product": [number(one)]})
    [asked] = cooperation.pool_to_decide()
    assert "已撤回 1 个" in toast_of(seller.post("pool-take-back", {"ids": [str(asked.application_id)]}))
    other = sit(make_parties.merchant())
    assert other.post("pool-take-back", ids).status_code == 409


@pytest.mark.parametrize("name", ["cooperation", "pool", "cooperation-add"])
def test_the_desks_pages_ask_few_questions_and_speak_english(one, sit, django_assert_max_num_queries, name):
    making.open_to_all(now=clock.now())
    reader = sit(make_parties.operator(), Role.OPERATOR, english=True)
    with django_assert_max_num_queries(15):
        answer = reader.get(name)
    assert answer.status_code == 200 and not CHINESE.search(words_of(answer))
