"""Order history out of a file: to the fen, by name what isn't taken, once whatever happens."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests import books
from tests.make import imports as make
from tests.make import parties as make_parties
from tests.make.imports import NOW
from tests.waiting import until
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows.import_orders import batches
from tuike.flows.mature_lines import mature_lines
from tuike.imports import queries as staged
from tuike.imports import service as imports
from tuike.imports.types import BadImportPromoter, FileUnreadable, ImportRunning, MappingChanged
from tuike.kit.errors import NotFound
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.orders.types import NotAnExternalShop
from tuike.parties import queries as parties
from tuike.parties import service as party_verbs
from tuike.parties.types import Source
from tuike.plans.types import WrittenOutOfOrder

AT = "2020-07-01 10:0{}:00"
LOCKS = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def sold(bill, item, pieces, each, who="7", *, at=0, name="Mug"):
    return [bill, item, name, pieces, AT.format(at), each, who, "UK"]


HISTORY = [
    sold("100", "a1", 3, "1.00", at=0),  # 2737.5 → 2738 fen
    sold("101", "b2", 1, "10.00", "8", at=1),  # 9125
    sold("100", "POST", 1, "2.00", at=0),  # 1825 freight, its order's other lines around it
    sold("100", "A1", 3, "1.00", at=0),  # the same product again, in another case: 2738
    sold("102", "a1", 2, "1.00", at=2),  # 1825
    sold("C103", "a1", -4, "1.00", at=3),  # 2 of 102, 2 of the later line of 100
    sold("C104", "POST", -1, "2.00", at=4),
    sold("C105", "a1", -9, "1.00", at=5),  # 4 are left, 5 find nothing
    sold("C106", "b2", -1, "10.00", at=6),  # another customer's
    sold("107", "b2", 1, "10.00", "", at=6),
    sold("108", "b2", 1, "0.00", at=6),
    sold("109", "b2", -1, "10.00", at=6),
    sold("110", "m", 1, "10.00", at=6),
    sold("111", "POST", 1, "2.00", at=6),
    sold("112", "b2", 1, "ten", at=6),
    ["113", "b2"],
    sold("100", "b2", 1, "10.00", "8", at=6),
]


def tables() -> dict[str, list[tuple]]:
    """Return what an import has written, without ids and numbers that differ from run to run."""
    questions = {
        "orders": "SELECT external_no, state, goods_fen, discount_fen, freight_fen, freight_refunded_fen, payable_fen,"
        " placed_at, paid_at, received_at FROM orders_order ORDER BY 1",
        "lines": "SELECT o.external_no, l.no, p.external_no, l.title, l.quantity, l.price_fen, l.discount_fen,"
        " l.paid_fen, l.refunded_fen, l.refunded_quantity FROM orders_line l JOIN orders_order o ON o.id = l.order_id"
        " JOIN catalog_product p ON p.id = l.product_id ORDER BY 1, 2",
        "discounts": "SELECT o.external_no, l.no, d.kind, d.funded_by, d.amount_fen FROM orders_discount d"
        " JOIN orders_line l ON l.id = d.line_id JOIN orders_order o ON o.id = l.order_id ORDER BY 1, 2",
        "claims": "SELECT o.external_no, l.no, c.kind, c.reason, c.promoter_id, (c.facts ->> 'row')::int"
        " FROM attribution_claim c JOIN orders_line l ON l.id = c.id JOIN orders_order o ON o.id = l.order_id"
        " ORDER BY 1, 2",
        "accruals": "SELECT o.external_no, l.no, a.role, a.payee_id, a.base_fen, a.first_fen, a.amount_fen, a.state"
        " FROM commission_accrual a JOIN orders_line l ON l.id = a.sale_id JOIN orders_order o ON o.id = l.order_id"
        " ORDER BY 1, 2, 3",
        "sales": "SELECT kind, paid_fen, refunded_fen, refunded_quantity, due_at, waiting FROM commission_sale"
        " ORDER BY 1, 2, 3, 4, 5",
        "balances": "SELECT path, balance_fen FROM ledger_account WHERE balance_fen <> 0 ORDER BY 1",
        "rates": "SELECT layer, rate_bps, valid FROM plans_rate ORDER BY 1, 2",
        "intents": "SELECT channel, amount_fen, state FROM payments_intent",
        "rows": "SELECT id & 4294967295, kind, document_no, no, reason, matched FROM imports_row ORDER BY 1",
        "acts": "SELECT action, count(*) FROM audit_act WHERE starts_with(action, 'import.') GROUP BY 1 ORDER BY 1",
    }
    return {name: rows.query(question) for name, question in questions.items()}


def business() -> dict[str, int]:
    """Return how many rows every table holds, but those of imports."""
    names = rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {name: rows.query(f"SELECT count(*) FROM {name}")[0][0] for (name,) in names}


def rejected(one: make.Shop, path: Path, **rest) -> dict[int, str]:
    found: list[tuple] = []
    make.run(one, path, rejected=found.extend, **rest)
    return {line: str(reason) for line, _, reason, _, _ in found}


@pytest.fixture
def one(db) -> make.Shop:
    return make.shop()


def test_a_history_is_booked_to_the_fen(one, tmp_path):
    done = make.run(one, make.file_of(tmp_path, HISTORY))
    books.check()
    found = tables()
    assert [
        (no, state, goods - less, freight, back) for no, state, goods, less, freight, back, *_ in found["orders"]
    ] == [
        ("100", "completed", 5_476, 1_825, 1_825),
        ("101", "completed", 9_125, 0, 0),
        ("102", "completed", 1_825, 0, 0),
    ]
    assert [(row[0], row[1], row[2], *row[4:]) for row in found["lines"]] == [
        ("100", 1, "A1", 3, 913, 1, 2_738, 2_738, 3),
        ("100", 2, "A1", 3, 913, 1, 2_738, 2_738, 3),
        ("101", 1, "B2", 1, 9_125, 0, 9_125, 0, 0),
        ("102", 1, "A1", 2, 913, 1, 1_825, 1_825, 2),
    ]
    assert [row[2:] for row in found["discounts"]] == [("rounding", "merchant", 1)] * 3
    assert found["accruals"] == [
        ("100", 1, "direct", one.promoter.id, 0, 273, 0, "cancelled"),
        ("100", 1, "tier2", one.recruiter.id, 0, 54, 0, "cancelled"),
        ("100", 2, "direct", one.promoter.id, 0, 273, 0, "cancelled"),
        ("100", 2, "tier2", one.recruiter.id, 0, 54, 0, "cancelled"),
        ("101", 1, "direct", one.promoter.id, 9_125, 912, 912, "pending"),
        ("101", 1, "tier2", one.recruiter.id, 9_125, 182, 182, "pending"),
        ("102", 1, "direct", one.promoter.id, 0, 182, 0, "cancelled"),
        ("102", 1, "tier2", one.recruiter.id, 0, 36, 0, "cancelled"),
    ]
    assert {row[2:5] for row in found["claims"]} == {("imported", "", one.promoter.id)}
    assert found["balances"] == [
        (f"merchant:{one.party.id}:prepaid", 100_000 - 912 - 182),
        ("outside:bank", -100_000),
        (f"promoter:{one.recruiter.id}:pending", 182),
        (f"promoter:{one.promoter.id}:pending", 912),
    ]
    figures = done.file.figures
    assert (figures["orders"], figures["lines"], figures["goods_fen"], figures["freight_fen"]) == (3, 4, 16_426, 1_825)
    assert (figures["refund_fen"], figures["commission_fen"], figures["returned_fen"]) == (9_126, 1_966, 872)


def test_due_days_after_receipt_and_settled_like_any_sale(one, tmp_path):
    make.run(one, make.file_of(tmp_path, HISTORY))
    (placed, received), *_ = rows.query("SELECT placed_at, received_at FROM orders_order ORDER BY external_no")
    assert received - placed == timedelta(days=7)
    assert rows.query("SELECT count(*) FROM commission_sale WHERE due_at <> received_at + interval '27 days'") == [(0,)]
    assert mature_lines(until=NOW, now=NOW).amount_fen == 912 + 182
    books.check()


def test_every_row_that_is_not_taken_has_a_line_and_a_name(one, tmp_path):
    assert rejected(one, make.file_of(tmp_path, HISTORY)) == {
        9: "partly_unmatched",
        10: "unmatched",
        11: "no_customer",
        12: "price_not_positive",
        13: "negative_without_cancellation",
        14: "adjustment",
        15: "freight_without_goods",
        16: "unreadable",
        17: "columns",
        18: "other_customer",
    }
    assert rows.query("SELECT matched FROM imports_row WHERE reason = 'partly_unmatched'") == [(4,)]


def test_a_second_run_changes_nothing_and_says_so(one, tmp_path):
    path = make.file_of(tmp_path, HISTORY)
    assert make.run(one, path).changed
    before = tables(), business()
    again = make.run(one, path, now=NOW + timedelta(days=1))
    assert not again.changed
    assert (tables(), business()) == before


@pytest.mark.parametrize("form", ["gzip", "crlf", "bom", "renamed"])
def test_the_form_of_a_file_makes_no_difference(one, tmp_path, form):
    make.run(one, make.file_of(tmp_path, HISTORY))
    first = tables()
    if form == "gzip":
        path = make.file_of(tmp_path, HISTORY, name="orders.csv.gz")
    elif form == "crlf":
        path = make.file_of(tmp_path, HISTORY, ends="\r\n")
    elif form == "bom":
        path = tmp_path / "bom.csv"
        path.write_text("\ufeff" + make.text_of(HISTORY))
    else:
        path = make.file_of(tmp_path, HISTORY, name="again.csv")
    again = make.run(one, path)
    if form in {"gzip", "renamed"}:  # the same content: the same file
        assert not again.changed
        assert tables() == first
    else:  # other bytes, the same documents: known before
        assert again.changed
        kept = {"rows", "acts"}
        assert {k: v for k, v in tables().items() if k not in kept} == {k: v for k, v in first.items() if k not in kept}
        assert set(again.planned.rejected) >= {"known_before"}
    books.check()


def test_a_file_of_other_line_ends_is_read_alike(one, tmp_path):
    done = make.run(one, make.file_of(tmp_path, HISTORY, ends="\r\n"))
    assert done.planned.lines == 4


def test_a_quoted_line_end_counts_as_a_line_of_the_file(one, tmp_path):
    history = [sold("100", "a1", 1, "1.00", name="two\nlines"), sold("101", "a1", 1, "free")]
    assert rejected(one, make.file_of(tmp_path, history)) == {4: "unreadable"}


def test_a_later_file_cancels_what_an_earlier_one_sold(one, tmp_path):
    make.run(one, make.file_of(tmp_path, [sold("100", "a1", 3, "1.00"), sold("C101", "a1", -1, "1.00", at=1)]))
    later = make.file_of(tmp_path, [sold("C102", "a1", -3, "1.00", at=2)], name="later.csv")
    assert rejected(one, later) == {2: "partly_unmatched"}
    assert rows.query("SELECT refunded_quantity, refunded_fen FROM orders_line") == [(3, 2_738)]
    books.check()


def test_what_was_given_back_otherwise_meanwhile_is_not_given_back_twice(one, tmp_path):
    from tuike.flows import reporting
    from tuike.orders.types import AfterSaleDraft

    make.run(one, make.file_of(tmp_path, [sold("100", "a1", 3, "1.00")]))
    (order_id,) = rows.query("SELECT id FROM orders_order")[0]
    draft = AfterSaleDraft(order_id=order_id, reason="by hand")
    reporting.give_back(merchant_id=one.party.id, drafts=[draft], at=[NOW], actor=OPERATOR_SHELL, now=NOW)
    later = make.file_of(tmp_path, [sold("C102", "a1", -3, "1.00", at=2)], name="later.csv")
    assert rejected(one, later) == {2: "nothing_left"}
    books.check()


def test_an_order_that_lies_ahead_is_left_out(one, tmp_path):
    ahead = [*sold("101", "a1", 1, "1.00")]
    ahead[4] = "2026-11-23 04:00:00"
    path = make.file_of(tmp_path, [sold("100", "a1", 1, "1.00"), ahead])
    assert rejected(one, path) == {3: "ahead"}
    assert rows.query("SELECT external_no FROM orders_order") == [("100",)]
    books.check()


def test_an_order_that_the_shop_has_reported_itself_is_left_as_it_is(one, tmp_path):
    from tests.make import catalog as make_catalog
    from tuike.flows.report_orders import report_orders
    from tuike.flows.reported import ReportedLine, ReportedOrder

    sku_id = make_catalog.sku(merchant_id=one.party.id, external_no="A1")
    told = ReportedOrder(
        external_no="100", placed_at=NOW, lines=[ReportedLine(sku_id=sku_id, quantity=1, price_fen=500)], paid_at=NOW
    )
    report_orders(merchant_id=one.party.id, reports=[told], now=NOW)
    path = make.file_of(
        tmp_path,
        [sold("100", "a1", 1, "1.00"), sold("101", "a1", 1, "1.00"), sold("C102", "a1", -2, "1.00", at=1)],
    )
    assert rejected(one, path) == {2: "known_before", 4: "nothing_left"}
    assert rows.query("SELECT external_no, goods_fen, refunded_quantity FROM orders_order o JOIN orders_line l"
                      " ON l.order_id = o.id ORDER BY 1") == [("100", 500, 0), ("101", 913, 1)]  # fmt: skip
    books.check()


def test_a_short_prepaid_balance_lets_commission_wait_and_a_top_up_lets_it_go_on(one, tmp_path):
    from tuike.flows import prepaid

    history = [sold("100", "a1", 1, "100.00"), sold("101", "a1", 1, "100.00", at=1)]  # 9125 + 1825 fen each
    make.run(one, make.file_of(tmp_path, history), one.mapping(top_up="150.00"))
    assert rows.query("SELECT waiting FROM commission_sale ORDER BY placed_at") == [(False,), (True,)]
    assert parties.merchant_facts([one.party.id])[one.party.id].prepaid_short
    books.check()
    paid = {"merchant_id": one.party.id, "amount_fen": 10_000, "reference": "B2", "key": "bank:B2", "now": NOW}
    assert prepaid.pay_in(**paid, paid_at=NOW)
    assert not prepaid.pay_in(**paid, paid_at=NOW)
    assert rows.query("SELECT count(*) FROM commission_sale WHERE waiting") == [(0,)]
    assert ledger.balances(refs=[chart.merchant(one.party.id, "prepaid")]) == {
        f"merchant:{one.party.id}:prepaid": 25_000 - 2 * 10_950
    }
    books.check()


def test_more_waiting_sales_than_one_booking_takes_all_go_on(one, tmp_path, monkeypatch):
    from tuike.flows import prepaid

    monkeypatch.setattr(prepaid, "STEP", 2)
    history = [sold(str(100 + i), "a1", 1, "100.00") for i in range(5)]
    make.run(one, make.file_of(tmp_path, history), one.mapping(top_up="1.00"))
    assert rows.query("SELECT count(*) FROM commission_sale WHERE waiting") == [(5,)]
    prepaid.pay_in(merchant_id=one.party.id, amount_fen=100_000, reference="B2", key="bank:B2", paid_at=NOW, now=NOW)
    assert rows.query("SELECT count(*) FROM commission_sale WHERE waiting") == [(0,)]
    assert not parties.merchant_facts([one.party.id])[one.party.id].prepaid_short
    books.check()


def test_customers_are_spread_over_promoters_and_some_came_by_themselves(one, tmp_path):
    text = make.MAPPING.replace("nobody_bps = 0", "nobody_bps = 2500")
    history = [sold(str(100 + i), "a1", 1, "1.00", str(i)) for i in range(200)]
    history += [sold(str(400 + i), "a1", 1, "1.00", str(i)) for i in range(200)]
    make.run(one, make.file_of(tmp_path, history), one.mapping(text, both=True))
    count = dict(rows.query("SELECT coalesce(promoter_id, 0), count(*) FROM attribution_claim GROUP BY 1"))
    assert set(count) == {0, one.promoter.id, one.recruiter.id}
    assert 50 < count[0] < 150
    # A customer stays with whom they are: both their orders say the same.
    said = dict(rows.query("SELECT o.external_no, c.promoter_id FROM attribution_claim c"
                           " JOIN orders_order o ON o.no = c.order_no"))  # fmt: skip
    assert all(said[str(100 + i)] == said[str(400 + i)] for i in range(200))
    assert rows.query("SELECT DISTINCT kind, reason FROM attribution_claim ORDER BY 1") == [
        ("imported", ""),
        ("none", "no_touch"),
    ]
    books.check()


def test_an_order_whose_receipt_lies_ahead_is_on_its_way(one, tmp_path):
    path = make.file_of(tmp_path, [sold("100", "a1", 1, "1.00")])
    make.run(one, path, now=NOW.replace(year=2020, month=7, day=3))
    assert rows.query("SELECT state, received_at, receive_by - placed_at FROM orders_order") == [
        ("shipped", None, timedelta(days=10))
    ]
    assert rows.query("SELECT due_at FROM commission_sale") == [(None,)]


def test_products_come_as_drafts_once_and_rates_as_written_then(one, tmp_path):
    make.run(one, make.file_of(tmp_path, HISTORY))
    page = catalog.merchant_products(merchant_id=one.party.id)
    assert {(p.external_no, p.state.value, p.min_price_fen, p.free) for p in page.products} == {
        ("A1", "draft", 912, 0),
        ("B2", "draft", 9_125, 0),
    }
    assert [node.name for node in catalog.categories()] == ["家居", "礼品"]
    assert rows.query(
        "SELECT layer, rate_bps, lower(valid) = '2020-01-02 00:00+08', written_at = '2020-01-01 12:00+08'"
        " FROM plans_rate ORDER BY 1"
    ) == [("default", 1000, True, True), ("tier", 200, True, True)]


def test_a_try_tells_the_same_and_leaves_nothing(one, tmp_path):
    path = make.file_of(tmp_path, HISTORY)
    before = business()
    found: list[tuple] = []
    tried = make.run(one, path, dry=True, rejected=found.extend)
    assert business() == before
    done = make.run(one, path)
    assert tried.planned == done.planned
    assert {line: str(reason) for line, _, reason, _, _ in found} == {
        line: str(reason) for line, _, reason, _, _ in staged.rejected(done.file.id)
    }


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ("shop", NotFound),
        ("promoter_as_shop", NotFound),
        ("mall", NotAnExternalShop),
        ("promoter", BadImportPromoter),
        ("suspended", BadImportPromoter),
        ("header", FileUnreadable),
        ("encoding", FileUnreadable),
        ("cut", FileUnreadable),
        ("none", FileUnreadable),
        ("quotes", FileUnreadable),
        ("rates", WrittenOutOfOrder),
    ],
)
@pytest.mark.parametrize("dry", [False, True])
def test_what_cannot_be_imported_is_refused_and_nothing_is_booked(one, tmp_path, wrong, refusal, dry):
    path, merchant_no, mapping = make.file_of(tmp_path, HISTORY), one.party.no, one.mapping()
    if wrong == "shop":
        merchant_no = "M0"
    elif wrong == "promoter_as_shop":
        merchant_no = one.promoter.no
    elif wrong == "mall":
        merchant_no = make_parties.merchant(source=Source.MINI_STORE).no
    elif wrong == "promoter":
        mapping = one.mapping(make.MAPPING.replace("{promoters}", f'"{one.party.no}"'))
    elif wrong == "suspended":
        party_verbs.suspend(party_id=one.promoter.id, reason="x", actor=OPERATOR_SHELL, now=NOW)
    elif wrong == "header":
        path = make.file_of(
            tmp_path, HISTORY, header=("bill", "item", "name", "pieces", "when", "each", "whom", "land")
        )
    elif wrong == "encoding":
        path.write_bytes(make.text_of(HISTORY).encode() + b"\xff\xfe\n")
    elif wrong == "cut":
        path = make.file_of(tmp_path, HISTORY * 50, name="orders.csv.gz")
        path.write_bytes(path.read_bytes()[:-20])
    elif wrong == "none":
        path = tmp_path / "none.csv"
    elif wrong == "quotes":
        path.write_text(make.text_of(HISTORY) + '"' + "x" * 200_000)
    elif wrong == "rates":
        from tests.make import plans as make_plans

        make_plans.distribution(one.party.id, {1: 700}, now=NOW)
    before = {name: count for name, count in business().items() if not name.startswith(("imports_", "audit_"))}
    verb = make.try_import if dry else make.import_orders
    with pytest.raises(refusal):
        verb(path=path, mapping=mapping, merchant_no=merchant_no, actor=OPERATOR_SHELL, now=NOW)
    after = {name: count for name, count in business().items() if not name.startswith(("imports_", "audit_"))}
    assert after == before


def test_another_mapping_for_a_file_that_was_begun_is_refused(one, tmp_path):
    path = make.file_of(tmp_path, HISTORY)
    make.run(one, path)
    before = tables()
    with pytest.raises(MappingChanged):
        make.run(one, path, one.mapping(make.MAPPING.replace("9.125", "9.126")))
    assert tables() == before


def test_two_imports_of_one_shop_do_not_run_side_by_side(committed_db, test_database, tmp_path):
    import psycopg

    one = make.shop()
    path = make.file_of(tmp_path, HISTORY)
    with psycopg.connect(test_database.server.url(test_database.name)) as other:
        other.execute("SELECT pg_advisory_lock(%s, hashint8(%s))", [7_301, one.party.id])
        with pytest.raises(ImportRunning):
            make.run(one, path)
        assert rows.query("SELECT count(*) FROM imports_file") == [(0,)]
        # Said, not left to the server, which notices the end of a session when it comes round to it.
        other.execute("SELECT pg_advisory_unlock_all()")
    assert make.run(one, path).changed


def test_a_batch_that_another_session_has_booked_is_not_booked_again(one, tmp_path):
    done = make.run(one, make.file_of(tmp_path, HISTORY))
    before = tables()
    with pytest.raises(ImportRunning):
        imports.advance(file=done.file, after=0, to=done.file.documents, booked={"orders": 1})
    assert tables() == before


def test_two_files_that_were_begun_side_by_side_take_nothing_twice(one, tmp_path, monkeypatch):
    """The first is cut off before it books; a second one, with its documents and more, is booked; the first goes on."""
    history = [sold("100", "a1", 4, "1.00"), sold("C101", "a1", -1, "1.00", at=1)]
    first = make.file_of(tmp_path, history, name="first.csv")

    def cut(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(batches, "book_next", cut)
        with pytest.raises(KeyboardInterrupt):
            make.run(one, first)
    second = make.file_of(tmp_path, [*history, sold("102", "a1", 1, "1.00", at=2)], name="second.csv")
    assert rejected(one, second) == {}
    assert rejected(one, first) == {2: "known_before", 3: "known_before"}
    assert rows.query("SELECT external_no, refunded_quantity FROM orders_order o JOIN orders_line l"
                      " ON l.order_id = o.id ORDER BY 1") == [("100", 1), ("102", 0)]  # fmt: skip
    books.check()


@pytest.mark.slow
def test_a_run_that_is_killed_anywhere_goes_on_to_the_same_end(committed_db, db_env, tmp_path):
    """Killed at every step by SIGKILL, in a process of its own; the books in the end are those of one clean run."""
    history = [
        sold(f"{100 + i % 90}", f"a{i % 7}", 1 + i % 3, f"{1 + i % 5}.0{i % 10}", str(i % 90 % 11)) for i in range(240)
    ]
    history += [sold(f"C{i}", f"a{i % 7}", -1, f"{1 + i % 5}.0{i % 10}", str(i % 90 % 11), at=9) for i in range(40)]
    one = make.shop()
    path = make.file_of(tmp_path, history, name="orders.csv.gz")
    text = make.MAPPING.replace("{promoters}", f'"{one.promoter.no}"').replace("{top_up}", "10000.00")
    (tmp_path / "m.toml").write_text(text)
    seen: list[str] = []
    while "end" not in seen and len(seen) < 200:
        allowed = (1, 2, 0, 3, 5)[len(seen) % 5]
        seen.append(_run_until(allowed, path, tmp_path / "m.toml", one.party.no, db_env))
    assert {"in stage", "in advance", "read", "book", "end"} <= set(seen)
    assert len(seen) > 15
    killed = tables()
    books.check()
    second = make.shop()
    clean = make.run(second, path, second.mapping(text.replace(one.promoter.no, second.promoter.no)))
    assert clean.file.figures == staged.file_by_id(clean.file.id - 1).figures
    same = {one.promoter.id: second.promoter.id, one.recruiter.id: second.recruiter.id}
    whole = tables()
    for name, who in (("lines", None), ("discounts", None), ("accruals", 3), ("claims", 4)):
        mine = [tuple(same[value] if i == who else value for i, value in enumerate(row)) for row in killed[name]]
        assert sorted(map(repr, [*killed[name], *mine])) == sorted(map(repr, whole[name])), name
    books.check()


def _run_until(step: int, path: Path, mapping: Path, merchant_no: str, env: dict[str, str]) -> str:
    """Run the import in a process that stops before its `step`-th piece of work, kill it there; return where it was."""
    program = [sys.executable, "-m", "tests.flows.import_killed", str(step), str(path), str(mapping), merchant_no]
    root = Path(__file__).resolve().parents[2]
    full = {**os.environ, **env, "PYTHONPATH": f"{root / 'src'}:{root}"}
    process = subprocess.Popen(program, env=full, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    if said != "end":
        process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    process.stdout.close()
    # The server notices that the session is gone, and with it its lock.
    until(lambda: rows.query(LOCKS) == [(0,)], what="no lock of the killed run")
    return said
