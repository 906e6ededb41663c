"""What is changed about deposits, recruiters and bans behind the product's back is named by verify."""

import pytest

from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tuike.flows import decide_deposits, govern_network
from tuike.insight import verify
from tuike.network.types import DecisionKind
from tuike.parties.types import Role

CHECKS = ("deposits", "line_changes", "network_standing")

# check, a part of what is wrong, the change, how it is undone
TAMPERED = [
    (
        "deposits",
        "holds 15000, deposits say 15001",
        "UPDATE network_deposit SET amount_fen = amount_fen + 1",
        "UPDATE network_deposit SET amount_fen = amount_fen - 1",
    ),
    (
        "deposits",
        "forfeits say 5000 of 4999",
        "UPDATE network_deposit SET forfeited_fen = forfeited_fen - 1",
        "UPDATE network_deposit SET forfeited_fen = forfeited_fen + 1",
    ),
    (
        "deposits",
        "is for nothing",
        "UPDATE ledger_transfer SET kind = 'accrual', key = 'accrual:x' WHERE kind = 'deposit'",
        "UPDATE ledger_transfer SET kind = 'deposit', key = source WHERE key = 'accrual:x'",
    ),
    (
        "deposits",
        "is of other content",
        "UPDATE network_decision SET amount_fen = amount_fen + 1",
        "UPDATE network_decision SET amount_fen = amount_fen - 1",
    ),
    (
        "line_changes",
        "is under nobody",
        "UPDATE parties_promoter SET recruiter_id = NULL WHERE party_id = {below}",
        "UPDATE parties_promoter SET recruiter_id = {top} WHERE party_id = {below}",
    ),
    (
        "line_changes",
        "doesn't follow on",
        "UPDATE parties_line_change SET nth = nth + 1",
        "UPDATE parties_line_change SET nth = nth - 1",
    ),
    (
        "network_standing",
        "is banned and may act",
        "UPDATE parties_party SET suspended_at = NULL WHERE id = {banned}",
        "UPDATE parties_party SET suspended_at = now() WHERE id = {banned}",
    ),
    (
        "network_standing",
        "which is active",
        "UPDATE parties_promoter SET standing = 'active' WHERE party_id = {banned}",
        "UPDATE parties_promoter SET standing = 'banned' WHERE party_id = {banned}",
    ),
    (
        "network_standing",
        "is under review, its promoter is active",
        "UPDATE parties_promoter SET standing = 'active' WHERE party_id = {joining}",
        "UPDATE parties_promoter SET standing = 'joining' WHERE party_id = {joining}",
    ),
]


@pytest.fixture
def world(committed_db):
    """A recruiter and a recruit with a deposit of which a quarter is forfeited, one who is banned, one who applies."""
    top = make_parties.promoter()
    below = make_parties.promoter(recruiter_id=top.id)
    deposit = make_network.paid(below)
    asker, judge = make_parties.operator_seat(Role.FINANCE), make_parties.operator_seat(Role.FINANCE)
    said = {"no": deposit.no, "kind": DecisionKind.FORFEIT, "amount_fen": 5_000, "reason": "刷单"}
    asked = decide_deposits.ask_decision(**said, actor=asker, now=NOON)
    decide_deposits.approve_decision(decision_id=asked.decision_id, actor=judge, now=NOON)
    banned = make_parties.promoter()
    by = make_parties.operator_seat()
    govern_network.ban_promoter(promoter_no=banned.no, reason="刷单", actor=by, now=NOON)
    make_network.form()
    joining = make_network.opened()
    make_network.applied(joining)
    return {"top": top.id, "below": below.id, "banned": banned.id, "joining": joining.id}


def found() -> dict[str, list[str]]:
    return {one.name: [finding.what for finding in one.findings] for one in verify.run(names=CHECKS)}


def test_each_change_is_named_and_nothing_else(world, owner_sql):
    assert found() == {name: [] for name in CHECKS}
    for check, part, change, undo in TAMPERED:
        owner_sql(change.format(**world))
        said = found()
        assert any(part in what for what in said[check]), (change, said)
        owner_sql(undo.format(**world))
        assert found() == {name: [] for name in CHECKS}, undo
