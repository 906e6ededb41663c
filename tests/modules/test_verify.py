"""Whatever the database's owner changes behind the product's back, `tuike verify` names it and exits 1."""

import json
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from django.db import transaction
from typer.testing import CliRunner

from tests import books
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make import plans as make_plans
from tests.make import settlement as make_settlement
from tests.make.alliance import NOON
from tests.modules.test_verify_appealed import TAMPERED as OF_APPEALS
from tests.modules.test_verify_buyers import CHECKS as OF_BUYERS
from tests.modules.test_verify_cooperation import TAMPERED as OF_COOPERATION
from tests.modules.test_verify_coupons import TAMPERED as OF_COUPONS
from tests.modules.test_verify_followers import TAMPERED as OF_FOLLOWERS
from tests.modules.test_verify_gifts import TAMPERED as OF_GIFTS
from tests.modules.test_verify_judged import TAMPERED as OF_RULES
from tests.modules.test_verify_network import TAMPERED as OF_NETWORK
from tests.modules.test_verify_points import CHECKS as OF_POINTS
from tests.modules.test_verify_rewards import TAMPERED as OF_REWARDS
from tests.modules.test_verify_settlement import TAMPERED as OF_SETTLEMENT
from tuike.audit import service as audit
from tuike.audit.types import OPERATOR_SHELL
from tuike.commission import service as commission
from tuike.commission.types import Payee
from tuike.config import env
from tuike.doors.cli.main import app
from tuike.insight import verify
from tuike.insight.verify import overdue
from tuike.kit import clock
from tuike.parties.types import Source
from tuike.settlement import service as settlement
from tuike.settlement.types import Heard

DAY = timedelta(days=1)
FIRST = "(SELECT min(id) FROM {})"


@dataclass(frozen=True)
class Tampering:
    """A change, the check that must name the row, what it names, and which other checks see it as well."""

    check: str
    names: str
    table: str
    set: str
    where: str = ""
    also: str = ""

    def __str__(self) -> str:
        return f"{self.check}-{self.table}-{self.set[:24]}"


T = Tampering
TAMPERED = [
    # an entry, a transfer and an act of the audit log, each in turn
    T("transfers", "transfer payment:", "ledger_entry", "amount_fen=amount_fen+1", also="balances digests entries"),
    T("digests", "transfer payment:", "ledger_transfer", "happened_at=happened_at+interval '1 second'"),
    T("digests", "transfer payment:", "ledger_transfer", "source='another'"),
    T("audit", "act ", "audit_act", "facts='{{}}'", "id = (SELECT max(act_id) FROM audit_link)"),
    T("audit", "act ", "audit_act", "facts='{{}}'", "id = (SELECT max(id) FROM audit_act)"),
    T("audit", "act ", "audit_act", "digest=set_byte(digest, 31, get_byte(digest, 31) # 1)"),
    T("audit", "act ", "audit_link", "digest=set_byte(digest, 0, get_byte(digest, 0) # 128)"),
    # one bit of a digest
    T("digests", "transfer payment:", "ledger_transfer", "digest=set_byte(digest, 7, get_byte(digest, 7) # 1)"),
    T("entries", "entry ", "ledger_entry", "balance_fen=balance_fen+1"),
    T("entries", "entry ", "ledger_entry", "version=version+1000", also=""),
    T("balances", "account outside:wechatpay", "ledger_account", "version=version+1", "path='outside:wechatpay'"),
    T(
        "balances",
        "account outside:wechatpay",
        "ledger_account",
        "balance_fen=balance_fen+1",
        "path='outside:wechatpay'",
        also="units",
    ),
    T("units", "unit CNY", "ledger_account", "balance_fen=balance_fen-1", "path='outside:bank'", also="balances"),
    T("floors", "account promoter:", "ledger_account", "floor_fen=-1", "path LIKE 'promoter:%%:available'"),
    T("floors", "account merchant:", "ledger_account", "ceiling_fen=10000000", "path LIKE 'merchant:%%:held'"),
    T("owners", "entry ", "ledger_entry", "owner='promoter:0'"),
    # accruals and what they are computed from
    T(
        "accruals",
        "has ",
        "commission_accrual",
        "amount_fen=amount_fen+1",
        "{settled}",
        also="changes explorer standing",
    ),
    T(
        "explorer",
        "promoter:",
        "commission_accrual",
        "amount_fen=amount_fen-1",
        "{settled}",
        also="accruals changes standing",
    ),
    T("accruals", "direct", "commission_accrual", "rate_bps=rate_bps+1", "{pending}"),
    T("accruals", "direct", "commission_accrual", "rate_id=rate_id+1", "{pending}"),
    T("accruals", "direct", "commission_accrual", "base_fen=base_fen+1", "{pending}"),
    T("accruals", "direct", "commission_accrual", "funder='platform'", "{pending}", also="funds held"),
    T("accruals", "tier2", "commission_accrual", "payee_id=payee_id+1", "{tier2}", also="explorer pending"),
    T(
        "accruals",
        "sale ",
        "commission_sale",
        "terms=jsonb_set(terms, '{{rate_bps}}', '1300')",
        "{sale}",
        also="rates_used",
    ),
    T("changes", "accrual ", "commission_accrual", "first_fen=first_fen+1", "{settled}"),
    T("changes", "accrual ", "commission_change", "clawed_fen=clawed_fen+1", "clawed_fen > 0"),
    T("changes", "accrual ", "commission_change", "delta_fen=delta_fen-1", "clawed_fen = 0"),
    T("turns", "accrual ", "commission_accrual", "turned_at=turned_at+interval '1 s'", "{turned}"),
    T("turns", "accrual ", "commission_accrual", "turned_at=NULL", "{turned}"),
    T("turns", "accrual ", "commission_accrual", "settled_at=settled_at+interval '1 s'", "{settled}"),
    T("turns", "turn ", "commission_turn", "many=many+1", "true"),
    T("refunded", "sale ", "commission_refund", "quantity=quantity-1", "quantity > 0"),
    T("refunded", "sale ", "commission_refund", "amount_fen=amount_fen+1"),
    T(
        "pending",
        "account promoter:",
        "ledger_account",
        "balance_fen=balance_fen+1",
        "path='promoter:{promoter}:pending'",
        also="balances units",
    ),
    T(
        "held",
        "account merchant:",
        "ledger_account",
        "balance_fen=balance_fen+1",
        "path='merchant:{shop}:held'",
        also="balances units",
    ),
    T("debts", "account promoter:", "commission_debt", "repaid_fen=repaid_fen+1"),
    T(
        "advance",
        "account platform:advance",
        "ledger_account",
        "balance_fen=1",
        "path='platform:advance'",
        also="balances units",
    ),
    # where they stand
    T("states", "accrual ", "commission_accrual", "state='waiting'", "{pending}", also="explorer pending"),
    T("states", "accrual ", "commission_accrual", "merchant_id=merchant_id+1", "{pending}"),
    T("states", "accrual ", "commission_sale", "waiting=false", "waiting"),
    T("due", "sale ", "commission_sale", "due_at=due_at+interval '1 second'", "{sale_settled}"),
    T("due", "sale ", "commission_sale", "received_at=NULL", "{sale_settled}"),
    T("due", "accrual ", "commission_accrual", "review='held', held_at=accrued_at", "{settled}"),
    T("due", "accrual ", "commission_accrual", "settled_at=NULL", "{settled}"),
    T("batch_lines", "batch S", "settlement_batch", "sales=sales+1"),
    T("batch_lines", "batch S", "settlement_batch", "accruals=accruals-1"),
    # who earns, and at which rates
    T("claims", "line ", "attribution_claim", "kind='none'", "promoter_id IS NOT NULL"),
    T("claims", "line ", "attribution_claim", "id=-id", "reason <> ''"),
    T("touches", "line ", "attribution_link", "promoter_id={recruiter}"),
    T("touches", "line ", "attribution_touch", "touched_at=touched_at+interval '90 days'"),
    T("touches", "line ", "attribution_touch", "touched_at=touched_at-interval '90 days'"),
    T("touches", "line ", "attribution_link", "expires_at=issued_at"),
    T("touches", "line ", "attribution_link", "product_id=product_id+1"),
    T("claims", "line ", "attribution_claim", "leader_id=NULL", "leader_id IS NOT NULL", also="terms"),
    T("terms", "sale ", "attribution_claim", "service_bps=service_bps+1", "leader_id IS NOT NULL"),
    T("terms", "sale ", "attribution_claim", "reason='window_passed'", "reason = 'no_touch'"),
    T("terms", "sale ", "attribution_claim", "promoter_id={recruiter}", "promoter_id IS NOT NULL", also="touches"),
    T("rates", "rate ", "plans_rate", "valid=tstzrange(lower(valid)+interval '1 second', NULL)", "{category_rate}"),
    T("rates", "rate ", "plans_rate", "valid=tstzrange(lower(valid)-interval '1 day', NULL)", "{category_rate}"),
    T("rates", "rate ", "plans_rate", "valid=tstzrange(lower(valid), NULL, '()')", "{category_rate}"),
    T("rates", "rate ", "plans_rate", "written_at=lower(valid)", "{category_rate}"),
    T("rates", "rate ", "plans_rate", "written_at=lower(valid)+interval '1 second'", "layer='campaign'"),
    T("rates_used", "sale ", "plans_rate", "rate_bps=rate_bps+1", "{category_rate}"),
    T(
        "rates_used",
        "sale ",
        "plans_rate",
        "valid=tstzrange(lower(valid), '2026-01-03 00:00+08')",
        "{category_rate}",
    ),
    T("places", "promoter ", "attribution_place_count", "places=places+1"),
    # orders, payments, goods
    T("orders", "order O", "orders_order", "goods_fen=goods_fen+1, discount_fen=discount_fen+1", "discount_fen > 0"),
    T(
        "orders",
        "order O",
        "orders_order",
        "payable_fen=payable_fen+1, goods_fen=goods_fen+1",
        "{paid_order}",
        also="paid",
    ),
    T("sales", "is paid but no sale", "commission_sale", "kind='freight'", "{sale}"),
    T("sales", "freight of order O", "commission_sale", "refunded_fen=1", "kind='freight'", also="refunded standing"),
    T("sales", "line ", "orders_line", "refunded_quantity=1", "{sale}", also="after_sales"),
    T("discounts", "line ", "orders_discount", "amount_fen=amount_fen-1"),
    T("order_states", "order O", "orders_order", "state='shipped'", "state='completed'"),
    T("order_states", "order O", "orders_order", "paid_at=placed_at-interval '6 minutes'", "{paid_order}"),
    T("paid", "checkout C", "payments_intent", "amount_fen=amount_fen+1", "purpose LIKE 'checkout:%%'"),
    T("paid", "checkout ", "payments_intent", "purpose='checkout:gone'", "purpose LIKE 'checkout:%%'"),
    T("payments", "transfer payment:", "payments_intent", "clearing_no='elsewhere'"),
    T("payments", "transfer refund_out:", "payments_refund", "state='processing'", "state='done'", also="clearing"),
    T("clearing", "account clearing:R", "payments_refund", "amount_fen=amount_fen+1", "state<>'done'", also="refunds"),
    T("refunds", "payment P", "payments_intent", "refunding_fen=refunding_fen-1", "refunding_fen > 0"),
    T("after_sales", "line ", "commission_sale", "open_after_sales=open_after_sales+1", "{sale}"),
    T("after_sales", "line ", "orders_line", "unsent_quantity=0", "unsent_quantity > 0"),
    T("after_sales", "freight ", "commission_sale", "open_after_sales=1", "kind='freight'"),
    T("after_sales", "order O", "orders_order", "freight_refunded_fen=1", "freight_fen > 0", also="sales"),
    T("after_sales", "line ", "orders_after_sale_line", "amount_fen=amount_fen-1"),
    T("stock", "sku ", "catalog_sku", "sold=sold+1"),
    T("parcels", "line ", "orders_line", "shipped_quantity=0", "shipped_quantity > 0"),
    T("parcels", "line ", "orders_parcel_line", "quantity=quantity+1"),
    T("stock_moves", "sku ", "catalog_sku", "free=free+1"),
    T("stock_moves", "sku ", "catalog_stock_move", "change=change-1", "why='placed'"),
    T("stock_moves", "sku ", "catalog_stock_move", "sku_id=sku_id+1000000", "why='placed'"),
    T("budgets", "campaign C", "plans_campaign", "reserved_fen=reserved_fen-1", "reserved_fen > 0"),
    # what parties and the platform have
    T("standing", "promoter:{promoter}", "commission_adjustment", "amount_fen=amount_fen+1", also="funds"),
    T(
        "funds",
        "account platform:promotion",
        "commission_accrual",
        "funder='merchant'",
        "funder='platform'",
        also="accruals held",
    ),
    T("tax", "account platform:tax", "settlement_withdrawal", "tax_fen=tax_fen+1", "state='paid'", also="withdrawals"),
]


def story() -> dict[str, object]:
    """Orders in every state, refunds before and after settling, a debt, a payout, a campaign of the operator's."""
    one = make.alliance()
    make_parties.bank_account(one.promoter)
    make.touch(one)
    settled = make.bought(one, pieces=(1, 2), coupon_fen=2_000, freight_fen=800, now=NOON + timedelta(hours=1))
    make.touch(one, leader=True, now=NOON + timedelta(hours=2))
    make.refunded(make.bought(one, now=NOON + timedelta(hours=3)), now=NOON + timedelta(hours=4))
    make.bought(one, buyer_id=make_people.person().id, now=NOON + timedelta(hours=3))  # nobody earns
    make.placed(one, now=NOON + timedelta(hours=4))  # nobody pays
    make.received(settled, now=NOON + DAY)
    make.matured(until=NOON + 29 * DAY)
    with transaction.atomic():
        has = make_settlement.stand(one.promoter, "available")["available"]
        no = make_settlement.sending(one.promoter, has, fee_fen=30, tax_fen=20).no
        paid = make_settlement.outcome(no, Heard.PAID, at=NOON + 30 * DAY)
        settlement.record_outcomes(outcomes=[paid], now=NOON + 30 * DAY)
    make.refunded(settled, (2, 1), now=NOON + 31 * DAY)  # more than is left: a debt
    later = NOON + 32 * DAY
    make.touch(one, now=later - 2 * DAY)
    ordinary = make.received(make.bought(one, now=later - DAY), now=later)
    make.refunded(make.bought(one, pieces=(3,), now=later - DAY), (1, 1), now=later, sent=False)
    elsewhere = make.alliance(source=Source.MINI_PROGRAM, beside=one)
    make.reported(elsewhere, external_no="E1", now=later - DAY)
    make.topped_up(elsewhere, 1_500, now=later)
    make.reported(elsewhere, external_no="E2", now=later - timedelta(hours=1))
    make_plans.campaign(None, 2_000, now=later, bonus_fen=100, budget_fen=100_000)
    make.touch(one, now=later)
    pending = make.bought(one, now=later + timedelta(hours=1))
    with transaction.atomic():
        asked = commission.ask_adjustment(
            payee=Payee("promoter", one.promoter.id),
            amount_fen=5,
            reason="补发",
            sale_id=None,
            actor=make_settlement.FIRST,
            now=later,
        )
        commission.approve_adjustment(no=asked, actor=make_settlement.SECOND, now=later)
    audit.seal()
    audit.record(actor=OPERATOR_SHELL, action="test.act", object_="X", facts={"after": "the seal"}, now=later)
    return {
        "promoter": one.promoter.id,
        "recruiter": one.recruiter.id,
        "shop": one.shop.id,
        "settled": f"id = {make.accruals(settled)['direct']}",
        "turned": "turned_at IS NOT NULL AND payee_kind = 'promoter'"
        " AND id IN (SELECT accrual_id FROM commission_change)",
        "pending": f"id = {make.accruals(ordinary)['direct']}",
        "tier2": f"id = {make.accruals(ordinary)['tier2']}",
        "sale": f"id = {ordinary.lines[0].id}",
        "sale_settled": f"id = {settled.lines[0].id}",
        "category_rate": "layer = 'category'",
        "paid_order": f"id = {pending.id}",
    }


@pytest.fixture
def tuike(monkeypatch):
    """Run the command line in this process, on this test's database."""
    for name, value in (("TUIKE_LANG", "en"), ("TUIKE_PROCESS", "test"), ("TUIKE_LOG_LEVEL", "WARNING")):
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(app, words)


@pytest.fixture
def ten_years_on(monkeypatch, tmp_path):
    """Let the product's clock run ten years ahead: whatever can be late is late."""
    ahead = tmp_path / "clock.offset"
    ahead.write_text(f"{3_650 * 86_400}\n")
    with monkeypatch.context() as here:
        here.setenv("TUIKE_CLOCK_FILE", str(ahead))
        yield
    clock.configure(env.home().clock_file)


@pytest.mark.usefixtures("committed_db")
def test_each_change_is_named_by_its_check(owner_sql, tuike):
    named = story()
    books.check()
    told = []
    for one in TAMPERED:
        undo = tampered(one, named, owner_sql)
        result = tuike("verify", "--json")
        broken = {c["name"]: c["findings"] for c in json.loads(result.stdout)["checks"] if c["findings"]}
        undo()
        wanted = one.names.format(**named)
        seen = any(wanted in f"{f['object']} {f['what']}" for f in broken.get(one.check, ()))
        if result.exit_code != 1 or not seen or set(broken) != {one.check, *one.also.split()}:
            told.append((str(one), result.exit_code, {n: f[0] for n, f in broken.items()}))
    books.check()
    assert told == [], told


@pytest.mark.usefixtures("committed_db")
def test_explain_says_that_a_transfer_or_a_batch_was_changed(owner_sql, tuike):
    one = make.alliance()
    make.received(make.bought(one), now=NOON + DAY)
    make.matured(until=NOON + 29 * DAY)
    batch = owner_sql("SELECT no FROM settlement_batch")[0][0]
    key = owner_sql("SELECT key FROM ledger_transfer WHERE kind = 'mature'")[0][0]
    assert tuike("explain", batch).exit_code == tuike("explain", key).exit_code == 0
    owner_sql("UPDATE settlement_part SET items = items + 1")
    owner_sql("UPDATE ledger_transfer SET source = 'another' WHERE kind = 'mature'")
    for no, said in ((batch, "not what its parts give ✗"), (key, "changed after posting ✗")):
        done = tuike("explain", no)
        assert done.exit_code == 1
        assert said in done.stdout


def tampered(one, named, owner_sql):
    """Change rows as the owner, the first one unless it is said which, and return how to undo it."""
    key = {"ledger_account": "id", "attribution_place_count": "promoter_id"}.get(one.table, "id")
    where = one.where.format(**named) or f"{key} = (SELECT min({key}) FROM {one.table})"
    columns = [
        name
        for (name,) in owner_sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [one.table],
        )
    ]
    ids = [
        id_
        for (id_,) in owner_sql(f"SELECT {key} FROM {one.table} WHERE {where.replace('%%', '%')} ORDER BY 1 LIMIT 1")
    ]
    assert ids, f"{one}: nothing to change"
    owner_sql("DROP TABLE IF EXISTS kept")
    owner_sql(f"CREATE TABLE kept AS SELECT * FROM {one.table} WHERE {key} = {ids[0]}")
    put_back = changed(f"UPDATE {one.table} SET {one.set.format(**named)} WHERE {key} = {ids[0]}", owner_sql)
    listed = ", ".join(columns)
    now = -ids[0] if one.set == "id=-id" else ids[0]

    def undo() -> None:
        owner_sql(f"UPDATE {one.table} SET ({listed}) = (SELECT {listed} FROM kept) WHERE {key} = {now}")
        owner_sql("DROP TABLE kept")
        if put_back:
            owner_sql(put_back)

    return undo


def changed(statement, owner_sql):
    """Run a change; where a constraint refuses it, take the constraint away first and return how to put it back."""
    try:
        owner_sql(statement)
    except psycopg.errors.CheckViolation as refused:
        table, name = refused.diag.table_name, refused.diag.constraint_name
        said = owner_sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])[0][0]
        owner_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        owner_sql(statement)
        return f"ALTER TABLE {table} ADD CONSTRAINT {name} {said}"
    return None


def test_every_check_is_tampered_with():
    told = (*OF_SETTLEMENT, *OF_COUPONS, *OF_FOLLOWERS, *OF_GIFTS, *OF_NETWORK, *OF_REWARDS, *OF_COOPERATION)
    told += tuple(OF_RULES)
    told += tuple(OF_APPEALS)
    elsewhere = {row[0] for row in told} | {*OF_BUYERS, *OF_POINTS}
    assert {one.check for one in TAMPERED} | elsewhere == set(verify.NAMES)


def printed(done, *names):
    """Fail unless these checks and no others were printed, in this order, and hold; return the lines."""
    assert done.exit_code == 0, done.stdout
    *lines, last = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["✓", name] for name in names]
    assert last.startswith(f"everything holds ({len(names)} checks, ")
    return lines


@pytest.mark.usefixtures("db")
def test_what_it_prints(tuike):
    """Each check in its order; what should have happened by now is left out unless it is asked for."""
    make.bought(make.alliance())
    timed = {check.name for check in overdue.CHECKS}
    lines = printed(tuike("verify"), *(name for name in verify.NAMES if name not in timed))
    (sales,) = (line for line in lines if line.startswith("✓ sales"))
    assert all(said in sales for said in ("1 rows", "¥59.90")), sales


@pytest.mark.usefixtures("db", "ten_years_on")
def test_what_it_prints_of_what_is_late(tuike):
    """`--late` looks at everything, by the product's clock."""
    make.bought(make.alliance())
    done = tuike("verify", "--late")
    assert done.exit_code == 1
    *lines, last = [line for line in done.stdout.splitlines() if not line.startswith("    ")]
    assert [line.split()[:2] for line in lines] == [["✗" if n == "unsealed" else "✓", n] for n in verify.NAMES]
    assert last.startswith(f"broken: unsealed ({len(verify.NAMES)} checks, ")
    audit.seal()
    printed(tuike("verify", "--late"), *verify.NAMES)
    printed(tuike("verify", "--only", "unsealed", "--only", "overdue"), "overdue", "unsealed")


@pytest.mark.usefixtures("db")
def test_only_some_checks(tuike):
    done = tuike("verify", "--only", "balances", "--only", "audit", "--json")
    assert [check["name"] for check in json.loads(done.stdout)["checks"]] == ["balances", "audit"]
    unknown = tuike("verify", "--only", "balance")
    assert unknown.exit_code == 2
    assert "balances" in unknown.stderr
    assert unknown.stdout == ""
