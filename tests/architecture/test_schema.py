"""The schema as the database has it: types of money, the big tables, what the product's role may do."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tests.architecture.reading import COMMONS, MODULES, table
from tuike.db.roles import APP_ROLE, narrowed

OWNERS = {
    "attribution_claim": "merchant_id",
    "attribution_click": "merchant_id",
    "commission_accrual": "merchant_id",
    "commission_sale": "merchant_id",
    "ledger_account": "owner",
    "ledger_entry": "owner",
    "ledger_transfer": None,
    "orders_line": "merchant_id",
    "orders_order": "merchant_id",
    "settlement_part": "merchant_id",
}
"""The big tables with the column that says whose a row is; a transfer joins several owners."""

FOREIGN = ("auth_", "django_", "procrastinate_")
"""Beginnings of the names of tables that libraries own."""

NARROWED = {
    "alerts_firing": ("back_at", "back_value"),
    "appeals_note": (),
    "appeals_overdue": (),
    "appeals_said": (),
    "attribution_block": ("lifted_at", "lifted_by"),
    "attribution_claim": (),
    "attribution_click": (),
    "attribution_share": (),
    "attribution_open_account": (),
    "audit_act": (),
    "audit_link": (),
    "catalog_stock_move": (),
    "commission_change": (),
    "commission_refund": (),
    "commission_turn": (),
    "cooperation_access": ("closed_at", "closed_by"),
    "cooperation_counted_order": ("refunded_at",),
    "ledger_account": ("balance_fen", "version"),
    "ledger_entry": (),
    "ledger_transfer": (),
    "library_acceptance": (),
    "marketing_bargain_cut": (),
    "network_agent": (),
    "network_arrival": (),
    "network_decision": ("state", "decided_by", "decided_at", "note"),
    "network_form": (),
    "orders_after_sale_step": (),
    "marketing_points_move": (),
    "members_consent": (),
    "outbox_event": (),
    "parties_line_change": (),
    "people_consent": (),
    "plans_first_order": (),
    "plans_grade_move": (),
    "plans_rate": ("valid",),
    "plans_targeted_product": (),
    "review_version": (),
    "settings_access": (),
    "settings_value": (),
    "settlement_approval": (),
    "settlement_attempt": (),
    "settlement_batch": (),
    "settlement_hand_booking": ("state", "note", "decided_by", "decided_at"),
    "settlement_part": (),
    "settlement_statement": (),
    "settlement_withdrawal": (
        "state",
        "reason",
        "decided_at",
        "batch_file_no",
        "attempts",
        "ask_at",
        "provider_no",
        "confirm_package",
        "ended_at",
    ),
}
"""Tables whose rows the product can't change, with the columns it still may. This list may only grow."""


@pytest.fixture
def columns(db):
    """Return (table, column, type, identity, default) of every column of the product's tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, udt_name, is_identity, column_default FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, ordinal_position"
        )
        return [row for row in cursor.fetchall() if not row[0].startswith(FOREIGN)]


def test_every_table_is_a_model_of_the_module_that_it_is_named_after(columns):
    models = {model._meta.db_table: model._meta.app_label for model in apps.get_models(include_auto_created=True)}
    ours = {name: label for name, label in models.items() if label in MODULES | COMMONS}
    assert {row[0] for row in columns} == set(ours)
    assert {name: label for name, label in ours.items() if not name.startswith(f"{label}_")} == {}


def test_no_column_rounds(columns):
    rounding = {"float4", "float8", "numeric", "money", "_float4", "_float8", "_numeric", "_money"}
    assert [row for row in columns if row[2] in rounding] == []


def test_fen_are_bigint_and_rates_integers(columns):
    fen = [row for row in columns if row[1].endswith("_fen")]
    rates = [row for row in columns if row[1].endswith("_bps")]
    assert len(fen) > 40
    assert len(rates) > 5
    assert [row for row in fen if row[2] != "int8"] == []
    assert [row for row in rates if row[2] != "int4"] == []


def test_amounts_and_rates_are_named_by_their_unit(columns):
    """A column that sounds like money says that it is fen, or it isn't money."""
    words = ("amount", "price", "balance", "fee", "paid", "payable", "total")
    assert [row for row in columns if row[1].endswith(words) and row[2] in {"int2", "int4", "int8"}] == []


def test_big_tables_can_be_spread_by_owner(columns, db):
    by_table = {name: {row[1]: row for row in columns if row[0] == name} for name in OWNERS}
    for name, owner in OWNERS.items():
        _, _, udt, identity, default = by_table[name]["id"]
        assert (name, udt, identity, default) == (name, "int8", "NO", None)
        assert _primary_key(name) == ["id"]
        if owner:
            assert owner in by_table[name], name
            assert _not_null(name, owner), name


def test_the_document_lists_the_same_big_tables():
    said = {name: None if owner.startswith("none") else owner for name, owner in table("ARCHITECTURE.md", "big tables")}
    assert said == OWNERS


def test_what_is_booked_stays(db):
    """Held against the database: the role that the product runs as has no right to change or remove these rows."""
    missing = NARROWED.keys() - narrowed().keys()
    assert missing == set(), "a model lost its `append_only` or `updatable`"
    for name, updatable in narrowed().items():
        allowed = _allowed(name)
        assert {"SELECT", "INSERT"} <= allowed.keys(), name
        assert allowed.get("UPDATE", ()) == tuple(sorted(updatable)), name
        assert not {"DELETE", "TRUNCATE"} & allowed.keys(), name
    assert {name: columns for name, columns in narrowed().items() if NARROWED.get(name, columns) != columns} == {}
    assert narrowed().keys() == NARROWED.keys(), "a new append-only table: add it to the list"


def test_what_is_not_booked_may_change(db):
    """The control of the test above: the same question about an ordinary table finds the rights."""
    allowed = _allowed("orders_order")
    assert "DELETE" in allowed
    assert "state" in allowed["UPDATE"]


def test_the_migrations_say_what_the_models_say(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_product_owns_no_table(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(%s, tableowner, 'MEMBER')",
            [APP_ROLE],
        )
        assert cursor.fetchall() == []


def _allowed(name: str) -> dict[str, tuple[str, ...]]:
    """Return right → columns it holds for (empty for SELECT, INSERT, DELETE, TRUNCATE) of the product's role."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind FROM unnest(ARRAY['SELECT', 'INSERT', 'DELETE', 'TRUNCATE']) AS kind"
            " WHERE has_table_privilege(%s, %s, kind)",
            [APP_ROLE, name],
        )
        found: dict[str, tuple[str, ...]] = {kind: () for (kind,) in cursor.fetchall()}
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
            " AND has_column_privilege(%s, table_name::text, column_name::text, 'UPDATE') ORDER BY 1",
            [name, APP_ROLE],
        )
        updatable = tuple(sorted(column for (column,) in cursor.fetchall()))
        return found | ({"UPDATE": updatable} if updatable else {})


def _primary_key(name: str) -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.get_primary_key_columns(cursor, name)


def _not_null(name: str, column: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attnotnull FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s", [name, column]
        )
        return cursor.fetchone()[0]
