"""The audit log: an act with its change or neither, a chain, and every change of it named."""

import pytest
from django.db import transaction

from tests.make.settlement import FIRST, NOW
from tuike.audit import service
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import seal_audit as flow
from tuike.insight import verify


def act(object_: str, **facts: object) -> None:
    service.record(actor=FIRST, action="rate.change", object_=object_, facts=facts, now=NOW)


def broken() -> list[tuple[str, str]]:
    return [(f.object, f.what) for r in verify.run(names=["audit"]) for f in r.findings]


def test_an_act_says_who_did_what_to_which(db):
    act("P7", **{"from": 100, "to": 120})
    assert rows.query(
        "SELECT at, actor_kind, person_id, party_id, role, action, object, facts::text, request_id FROM audit_act"
    ) == [(NOW, "person", 901, None, "finance", "rate.change", "P7", '{"to": 120, "from": 100}', "test")]
    assert broken() == []


def test_a_list_of_acts_is_one_row_each(db):
    service.record_many(actor=OPERATOR_SHELL, action="payout.send", acts=[("W1", {}), ("W2", {"fen": 1})], now=NOW)
    service.record_many(actor=OPERATOR_SHELL, action="payout.send", acts=[], now=NOW)
    assert rows.query("SELECT object, facts->>'fen' FROM audit_act ORDER BY id") == [("W1", None), ("W2", "1")]


@pytest.mark.parametrize(
    "facts", [{7: "seat"}, {"a": (1, 2)}, {"b": None, "a": True}, {"汉": '字\n"引号"'}, {"n": 10**15}]
)
def test_facts_are_digested_as_they_are_stored(db, facts):
    service.record(actor=FIRST, action="rate.change", object_="P7", facts=facts, now=NOW)
    assert broken() == []


def test_no_act_without_its_change(db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        act("P7")
        raise ZeroDivisionError
    assert rows.query("SELECT count(*) FROM audit_act") == [(0,)]


@pytest.mark.parametrize("table", ["audit_act", "audit_link"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_product_cannot_change_the_log(db, table, verb):
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        rows.run(verb.format(table))


def test_sealing_goes_on_where_it_was_and_says_how_many(committed_db, monkeypatch):
    monkeypatch.setattr(flow, "STEP", 2)
    for no in range(5):
        act(f"P{no}")
    assert flow.seal_audit() == 5
    assert flow.seal_audit() == 0
    act("P5")
    assert broken() == []
    assert flow.seal_audit() == 1
    assert rows.query("SELECT l.id, a.object FROM audit_link l JOIN audit_act a ON a.id = l.act_id ORDER BY l.id") == [
        (n + 1, f"P{n}") for n in range(6)
    ]
    assert broken() == []


def test_every_tampering_is_named(committed_db, owner_sql):
    for no in range(4):
        act(f"P{no}", to=no)
    service.seal()
    act("P4", to=4)
    ids = [id_ for (id_,) in rows.query("SELECT id FROM audit_act ORDER BY id")]
    assert broken() == []
    changed = "was changed after it was written"
    for column, value in [
        ("at", "at + interval '1 second'"),
        ("actor_kind", "'job'"),
        ("person_id", "1"),
        ("party_id", "1"),
        ("role", "'operator'"),
        ("action", "'rate.look'"),
        ("object", "'P9'"),
        ("facts", "'{\"to\": 9}'"),
        ("request_id", "''"),
    ]:
        for victim in (ids[1], ids[4]):  # one in the chain, one that isn't sealed yet
            before = owner_sql(f"SELECT {column}::text FROM audit_act WHERE id = {victim}")[0][0]
            owner_sql(f"UPDATE audit_act SET {column} = {value} WHERE id = {victim}")
            assert broken() == [(f"act {victim}", changed)], column
            kind = owner_sql(f"SELECT pg_typeof({column})::text FROM audit_act LIMIT 1")[0][0]
            owner_sql(f"UPDATE audit_act SET {column} = %s::text::{kind} WHERE id = {victim}", [before])
    assert broken() == []
    # Who also writes the digest anew breaks the chain; who removes an act leaves a hole in it.
    owner_sql(f"UPDATE audit_act SET facts = '{{\"to\": 9}}', digest = sha256('x') WHERE id = {ids[2]}")
    assert any("link 3 does not follow" in what for _, what in broken())
    owner_sql(f"DELETE FROM audit_link WHERE act_id = {ids[2]}")
    owner_sql(f"DELETE FROM audit_act WHERE id = {ids[2]}")
    assert broken() == [(f"act {ids[3]}", "link 4 does not follow from the one before it")]
