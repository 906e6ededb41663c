"""A shop's orders, promoters, alliance, prepaid balance and dues in the console."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.console.conftest import toast_of
from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import alliance
from tests.make import figures as make_figures
from tests.make import parties as make_parties
from tuike.attribution import queries as attribution
from tuike.db import rows
from tuike.flows import refund_order, start_payment
from tuike.gateways.types import Prepay
from tuike.insight import merchant_standing
from tuike.insight.lists import listing, merchant_orders, merchant_promoters
from tuike.kit import clock
from tuike.kit.days import day_of, next_midnight
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk, OrderState
from tuike.parties import service as parties
from tuike.parties.queries import merchant_facts
from tuike.parties.types import Role, Source

SEEN = ("orders_", "commission_", "ledger_", "attribution_", "parties_", "payments_", "idempotency")
NOON = alliance.NOON


@pytest.fixture
def one(db) -> alliance.Alliance:
    return alliance.alliance()


@pytest.fixture
def owner(sit, one):
    return sit(one.shop)


@pytest.fixture
def admin(sit, one):
    return sit(one.shop, Role.ADMIN)


@pytest.fixture
def finance(sit, one):
    return sit(one.shop, Role.FINANCE)


@pytest.fixture
def english(sit, one):
    return sit(one.shop, Role.ADMIN, english=True)


def _order(one: alliance.Alliance, **rest: object):
    alliance.touch(one)
    return alliance.bought(one, now=NOON + timedelta(minutes=5), **rest)


def test_all_orders_and_promoted_ones_with_commission_by_role(owner, english, one):
    order = _order(one)
    for name in ("orders", "promoted", "refunds"):
        page = owner.get(name)
        assert page.status_code == 200
        assert not CHINESE.search(words_of(english.get(name))), name
    assert order.no in owner.get("orders").content.decode()
    [row] = listing.page(merchant_orders.PROMOTED, {"merchant": one.shop.id}, {}).rows
    # 59.90 at 12 %: 7.188 → 7.18; tier 2 at 5 %: 2.995 → 2.99
    assert (row["direct"], row["tiers"], row["commission"], row["rate"]) == (718, 299, 1017, 1200)
    assert (row["promoter"], row["promoter__under"], row["state"]) == ("推客小李", one.promoter.no, "pending")
    sums = listing.totals(merchant_orders.PROMOTED, {"merchant": one.shop.id}, {})
    owed = rows.query("SELECT sum(amount_fen)::bigint FROM commission_accrual WHERE merchant_id = %s", [one.shop.id])
    assert (sums["paid"], sums["commission"]) == (5990, owed[0][0])
    [all_] = listing.page(merchant_orders.ORDERS, {"merchant": one.shop.id}, {"promoted": "yes"}).rows
    assert (all_["commission"], all_["state"]) == (1017, "paid")
    assert listing.page(merchant_orders.ORDERS, {"merchant": one.shop.id}, {"promoted": "no"}).rows == ()


def test_promoted_sums_and_counts_are_those_of_the_rows_in_every_state(one):
    """Counts and sums read other joins than rows do, and each state has a way of its own: all say the same."""
    alliance.bought(one)  # nobody's: not in the list
    alliance.touch(one)
    settled = alliance.received(alliance.bought(one, pieces=(2, 1)), now=NOON + timedelta(days=1))
    alliance.matured(until=NOON + timedelta(days=40))
    assert len(alliance.accruals(settled)) == 2
    later = NOON + timedelta(days=40)
    alliance.touch(one, now=later)
    alliance.refunded(alliance.bought(one, now=later), now=later + timedelta(hours=1))
    waits = alliance.bought(one, now=later)
    rows.run("UPDATE commission_sale SET waiting = true WHERE order_no = %s", [waits.no])
    nobody = alliance.bought(one, now=later)
    rows.run("DELETE FROM commission_accrual WHERE sale_id = %s", [nobody.lines[0].id])
    rows.run('UPDATE commission_sale SET terms = \'{"nobody": "campaign_over"}\' WHERE order_no = %s', [nobody.no])
    alliance.bought(one, now=later, pieces=(3,))
    alliance.placed(one, now=later)
    closed = alliance.placed(one, now=later)
    rows.run("UPDATE orders_order SET state = 'closed', closed_at = placed_at WHERE id = %s", [closed.id])
    scope, promoted = {"merchant": one.shop.id}, merchant_orders.PROMOTED
    counts = listing.tab_counts(promoted, scope, {})
    every = listing.page(promoted, scope, {}).rows
    assert {one["state"] for one in every} == set(merchant_orders.COMMISSION)
    assert counts[""].n == len(every) == 8
    for state in merchant_orders.COMMISSION:
        asked = {"state": state}
        found = listing.page(promoted, scope, asked).rows
        assert {one["id"] for one in found} == {one["id"] for one in every if one["state"] == state}, state
        assert counts[state].n == listing.count(promoted, scope, asked).n == len(found)
        sums = {key: sum(one[key] or 0 for one in found) for key in ("paid", "commission")}
        assert listing.totals(promoted, scope, asked) == sums, state
    owed = rows.query("SELECT sum(amount_fen)::bigint FROM commission_accrual WHERE merchant_id = %s", [one.shop.id])
    assert listing.totals(promoted, scope, {})["commission"] == owed[0][0] > 0
    for asked in ({"promoter": one.promoter.no}, {"goods": "盖碗"}, {"paid_min": "60"}, {"q": settled.no}):
        sums = {key: sum(one[key] or 0 for one in listing.page(promoted, scope, asked).rows) for key in sums}
        assert listing.totals(promoted, scope, asked) == sums, asked
    assert listing.totals(promoted, {"merchant": one.shop.id + 1}, {}) == {"paid": 0, "commission": 0}


def test_an_order_is_shipped_and_received_with_proof(admin, english, one):
    order = _order(one)
    drawer = admin.get("order", no=order.no, htmx=True).content.decode()
    assert "推客" not in words_of(admin.get("order", no=order.no, htmx=True))
    assert "确认发货" in drawer
    with unchanged(*SEEN):
        assert admin.post("order-ship", {"carrier": "", "tracking_no": "SF1"}, no=order.no).status_code == 422
        assert admin.post("order-receive", {"proof": "签收"}, no=order.no).status_code == 409
    done = admin.post("order-ship", {"carrier": "顺丰速运", "tracking_no": "SF1"}, no=order.no)
    assert toast_of(done) == "已发货"
    assert "SF1" in done.content.decode()
    assert not CHINESE.search(words_of(english.get("order", no=order.no, htmx=True)))
    with unchanged(*SEEN):
        assert admin.post("order-receive", {"proof": " "}, no=order.no).status_code == 422
    admin.post("order-receive", {"proof": "快递已签收"}, no=order.no)
    assert orders_of.order_of_merchant(merchant_id=one.shop.id, no=order.no).state is OrderState.COMPLETED
    explained = admin.get("order-explained", no=order.no, htmx=True).content.decode()
    assert "¥7.18" in explained


def _file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("parcels.csv", text.encode(), "text/csv")


def test_many_are_shipped_by_a_file_and_each_refusal_is_named(admin, english, one):
    order = _order(one)
    foreign = _order(alliance.alliance(beside=one))
    numbers = [f"SF123456789012{i}" for i in range(3)]
    text = "订单号,快递公司,快递单号\n" + "".join(
        f"{no},顺丰,{number}\n" for no, number in zip((order.no, foreign.no, "O0"), numbers, strict=True)
    )
    report = admin.post("ship-file", {"file": _file(text)}).content.decode()
    assert "已发货 1 单，2 单未成功" in report
    again = admin.post("ship-file", {"file": _file(text)})
    assert "已发货 1 单" in again.content.decode()  # the same parcel is one parcel
    assert len(orders_of.parcels_of(order.id)) == 1
    assert not CHINESE.search(words_of(english.post("ship-file", {"file": _file(text)})))
    with unchanged(*SEEN):
        assert admin.post("ship-file", {}).status_code == 422
        assert admin.post("ship-file", {"file": _file("a,b\n1,2\n")}).status_code == 422


def _owed(order) -> dict[str, int]:
    return dict(
        rows.query(
            "SELECT a.role, a.amount_fen FROM commission_accrual a JOIN orders_line l ON l.id = a.sale_id"
            " WHERE l.order_id = %s",
            [order.id],
        )
    )


def _asked(one: alliance.Alliance, order) -> str:
    asked = refund_order.ask_refund(
        buyer_id=one.buyer_id,
        order_no=order.no,
        lines=[AfterSaleAsk(line_no=1, quantity=1, amount_fen=None)],
        reason="不想要了",
        key=f"ask-{order.no}",
        now=NOON + timedelta(hours=1),
    )
    return asked["no"]


def test_refunds_are_decided_by_those_who_may(owner, admin, finance, sit, one):
    first, second = _order(one), _order(one)
    no, other = _asked(one, first), _asked(one, second)
    assert "不想要了" in owner.get("refunds").content.decode()
    assert "不想要了" in finance.get("order", no=first.no, htmx=True).content.decode()
    manager = sit(one.shop, Role.PRODUCT_MANAGER)
    with unchanged(*SEEN):
        assert manager.post("refund-approve", no=no).status_code == 403
        assert finance.post("refund-reject", {"answer": ""}, no=other).status_code == 422
    assert "已同意" in toast_of(finance.post("refund-approve", no=no))
    assert _owed(first) == {"direct": 0, "tier2": 0}
    assert "已拒绝" in toast_of(admin.post("refund-reject", {"answer": "已发出"}, no=other))
    with unchanged(*SEEN):
        assert finance.post("refund-approve", no=other).status_code == 409


def test_another_shops_orders_are_not_there(sit, one):
    order = _order(one)
    no = _asked(one, order)
    other = sit(make_parties.merchant())
    with unchanged(*SEEN):
        for name in ("order", "order-explained"):
            assert other.get(name, no=order.no).status_code == 404
            assert other.get(name, of=one.shop, no=order.no).status_code == 404
        for name, form in (
            ("order-ship", {"carrier": "x", "tracking_no": "1"}),
            ("order-receive", {"proof": "x"}),
        ):
            assert other.post(name, form, no=order.no).status_code == 404
        for name in ("refund-approve", "refund-reject"):
            assert other.post(name, {"answer": "x"}, no=no).status_code == 404
    for name in ("orders", "promoted", "refunds"):
        assert order.no not in other.get(name).content.decode()


def test_a_promoter_is_blocked_and_worked_with_again(admin, finance, english, one):
    _order(one)
    for name in ("promoters",):
        assert admin.get(name).status_code == 200
        assert not CHINESE.search(words_of(english.get(name)))
    no = one.promoter.no
    assert not CHINESE.search(words_of(english.get("promoter", no=no, htmx=True)))
    stranger = make_parties.promoter(name="陌生推客")  # its number can be guessed; nothing of it is shown
    with unchanged(*SEEN):
        assert finance.post("promoter-block", {"reason": "x"}, no=no).status_code == 403
        refused = admin.post("promoter-block", {"reason": " "}, no=no)
        assert admin.post("promoter-unblock", no=no).status_code == 409
        assert admin.post("promoter-block", {"reason": "x"}, no=one.shop.no).status_code == 404
        assert admin.get("promoter", no=stranger.no, htmx=True).status_code == 404
        assert admin.post("promoter-block", {"reason": "x"}, no=stranger.no).status_code == 404
    assert refused.status_code == 422
    assert "原因" in refused.content.decode()
    admin.post("promoter-block", {"reason": "刷单"}, no=no)
    assert attribution.blocked(promoter_ids=[one.promoter.id], at=clock.now()) == {(one.shop.id, one.promoter.id)}
    assert "刷单" in admin.get("promoter", no=no, htmx=True).content.decode()
    admin.post("promoter-unblock", no=no)
    assert attribution.blocked(promoter_ids=[one.promoter.id], at=clock.now() + timedelta(seconds=1)) == frozenset()


def test_promoters_come_with_their_figures(one):
    _order(one)
    make_figures.counted(now=NOON + timedelta(days=1))
    scope = {"merchant": one.shop.id, "first": "2026-03-01", "last": "2026-03-31"}
    found = listing.page(merchant_promoters.LISTING, scope, {}).rows
    assert [row["name"] for row in found] == ["推客小李"]
    assert (found[0]["orders"], found[0]["paid"], found[0]["state"]) == (1, 5990, "working")


def test_the_alliance_opens_at_midnight_and_closes(sit):
    shop = make_parties.merchant(alliance=False)
    owner, admin = sit(shop), sit(shop, Role.ADMIN)
    english = sit(shop, Role.FINANCE, english=True)
    assert "未开通" in owner.get("alliance").content.decode()
    assert not CHINESE.search(words_of(english.get("alliance")))
    with unchanged(*SEEN):
        assert admin.post("alliance-open").status_code == 403
        assert owner.post("alliance-close").status_code == 409
    owner.post("alliance-open")
    facts = merchant_facts([shop.id])[shop.id]
    assert facts.opened_from == next_midnight(clock.now())
    assert "起生效" in owner.get("alliance").content.decode()
    with unchanged(*SEEN):
        assert owner.post("alliance-open").status_code == 409
    owner.post("alliance-close")
    assert merchant_facts([shop.id])[shop.id].opened_from is None


class _Pay:
    def prepay(self, request):
        return Prepay(channel=request.channel, code_url=f"weixin://wxpay/bizpayurl?pr={request.out_trade_no}")


def test_an_external_shop_tops_up_and_waits_for_the_money(sit, monkeypatch):
    monkeypatch.setattr(start_payment.outside, "wechatpay", _Pay)
    one = alliance.alliance(source=Source.MINI_PROGRAM)
    finance, manager = sit(one.shop, Role.FINANCE), sit(one.shop, Role.PRODUCT_MANAGER)
    english = sit(one.shop, Role.ADMIN, english=True)
    alliance.topped_up(one, 10_000, now=NOON)
    assert "¥100.00" in finance.get("prepaid").content.decode()
    assert not CHINESE.search(words_of(english.get("prepaid")))
    with unchanged(*SEEN):
        assert manager.post("prepaid-pay", {"amount": "100"}).status_code == 403
        assert finance.post("prepaid-pay", {"other": "abc"}).status_code == 422
        assert finance.post("prepaid-pay", {"other": "0"}).status_code == 422
    shown = finance.post("prepaid-pay", {"amount": "¥500.00", "key": "top-1"}).content.decode()
    assert "¥500.00" in shown
    assert "data:image/svg+xml" in shown
    [(no,)] = rows.query("SELECT no FROM payments_intent WHERE state = 'open'")
    waiting = finance.get("prepaid-paid", no=no, htmx=True)
    assert "等待支付" in waiting.content.decode()
    assert "HX-Redirect" not in waiting.headers
    other = sit(make_parties.merchant(source=Source.MINI_PROGRAM))
    assert other.get("prepaid-paid", no=no).status_code == 404
    rows.run("UPDATE payments_intent SET state = 'paid', paid_at = now(), paid_fen = amount_fen WHERE no = %s", [no])
    assert finance.get("prepaid-paid", no=no, htmx=True).headers["HX-Redirect"]
    assert english.get("prepaid-paid", no=no).status_code == 303


def test_prepaid_stops_at_zero_and_says_so(sit, monkeypatch):
    one = alliance.alliance(source=Source.MINI_PROGRAM)
    alliance.reported(one, external_no="E1")  # nothing prepaid: its commission waits
    parties.note_prepaid(short=[one.shop.id], enough=[], now=NOON)
    page = sit(one.shop).get("prepaid").content.decode()
    assert "余额不足" in page
    stand = merchant_standing.prepaid(merchant_id=one.shop.id, now=NOON)
    assert (stand.balance_fen, stand.waiting_sales, stand.waiting_fen) == (0, 1, 1017)
    alliance.topped_up(one, 10_000, now=NOON + timedelta(hours=1))
    stand = merchant_standing.prepaid(merchant_id=one.shop.id, now=NOON + timedelta(hours=2))
    assert (stand.balance_fen, stand.waiting_fen, stand.spent_fen) == (8983, 0, 1017)
    assert stand.days_left == 61
    assert [top.amount_fen for top in stand.top_ups] == [10_000]


def test_a_mall_shop_pays_nothing_in_advance(owner):
    assert "无需预存" in owner.get("prepaid").content.decode()
    with unchanged(*SEEN):
        assert owner.post("prepaid-pay", {"amount": "100"}).status_code == 404


def test_dues_by_date_add_up_to_what_is_pending(owner, english, one):
    first = _order(one)
    _order(one)
    alliance.received(first, now=NOON + timedelta(days=1))
    found = merchant_standing.dues(merchant_id=one.shop.id)
    day = day_of(NOON + timedelta(days=1 + 1 + 27))  # shipped, received a day later, settled 27 days after
    assert [(due.day, due.commission_fen, due.released_fen) for due in found] == [
        (day, 1017, 4973),
        (None, 1017, 4973),
    ]
    pending = rows.query("SELECT sum(balance_fen)::bigint FROM ledger_account WHERE path LIKE '%%:pending'")
    assert sum(due.commission_fen for due in found) == pending[0][0]
    assert "应结佣金" in owner.get("dues").content.decode()
    days = owner.get("dues", {"part": "days"}, htmx=True).content.decode()
    assert "¥20.34" in days
    assert not CHINESE.search(words_of(english.get("dues")))
    assert not CHINESE.search(words_of(english.get("dues", {"part": "days"}, htmx=True)))


def test_dues_that_take_too_long_are_not_waited_for(owner, english, monkeypatch):
    def slow(**_: object) -> list:
        return rows.query("SELECT pg_sleep(5)")

    monkeypatch.setattr("tuike.doors.console.merchant.dues.SECONDS", 0.05)
    monkeypatch.setattr("tuike.doors.console.merchant.dues.merchant_standing.dues", slow)
    answer = owner.get("dues", {"part": "days"}, htmx=True)
    assert answer.status_code == 200
    assert "太多" in answer.content.decode()
    assert not CHINESE.search(words_of(english.get("dues", {"part": "days"}, htmx=True)))
