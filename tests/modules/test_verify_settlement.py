"""What the database's owner changes behind the product's back is named by verify, change by change."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.make import commission as make_commission
from tests.make import parties as make_parties
from tests.make import settlement as make
from tests.make.settlement import NOW, check, outcome
from tuike.insight import verify
from tuike.insight.verify import parties, settlement
from tuike.settlement import service
from tuike.settlement.types import Heard, Part

NAMES = [one.name for part in (settlement, parties) for one in part.CHECKS]
W = "UPDATE settlement_withdrawal SET"

# check, object, words of what is wrong, the change, and how it is undone
TAMPERED = [
    (
        "leaving",
        "account promoter:",
        "holds",
        f"{W} state='cancelled' WHERE no='{{open}}'",
        f"{W} state='requested' WHERE no='{{open}}'",
    ),
    (
        "withdrawals",
        "{open}",
        "is cancelled and came back 0",
        f"{W} state='cancelled' WHERE no='{{open}}'",
        f"{W} state='requested' WHERE no='{{open}}'",
    ),
    (
        "withdrawals",
        "{back}",
        "came back 1 times",
        f"{W} state='sending' WHERE no='{{back}}'",
        f"{W} state='returned' WHERE no='{{back}}'",
    ),
    (
        "withdrawals",
        "{open}",
        "is paid with 0 payouts",
        f"{W} state='paid' WHERE no='{{open}}'",
        f"{W} state='requested' WHERE no='{{open}}'",
    ),
    (
        "withdrawals",
        "{paid}",
        "paid out 870",
        f"{W} fee_fen=31 WHERE no='{{paid}}'",
        f"{W} fee_fen=30 WHERE no='{{paid}}'",
    ),
    (
        "withdrawals",
        "{open}",
        "501 asked for, 500 taken",
        f"{W} amount_fen=501 WHERE no='{{open}}'",
        f"{W} amount_fen=500 WHERE no='{{open}}'",
    ),
    (
        "withdrawals",
        "withdrawal:{paid}",
        "belongs to no withdrawal",
        f"{W} no='W0' WHERE no='{{paid}}'",
        f"{W} no='{{paid}}' WHERE no='W0'",
    ),
    (
        "approvals",
        "{paid}",
        "1 of 2 approvals",
        f"{W} approvals_needed=2 WHERE no='{{paid}}'",
        f"{W} approvals_needed=1 WHERE no='{{paid}}'",
    ),
    (
        "approvals",
        "{paid}",
        "by who asked",
        f"{W} asked_by=901 WHERE no='{{paid}}'",
        f"{W} asked_by=501 WHERE no='{{paid}}'",
    ),
    (
        "withdrawals",
        "{late}",
        "is paid with 1 payouts",
        f"{W} state='paid' WHERE no='{{late}}'",
        f"{W} state='returned' WHERE no='{{late}}'",
    ),
    (
        "withdrawals",
        "{late}",
        "was returned late with 700 of 700",
        "UPDATE ledger_entry SET amount_fen=amount_fen+1 WHERE amount_fen<0 AND transfer_id="
        "(SELECT id FROM ledger_transfer WHERE key='payout_return:{late}')",
        "UPDATE ledger_entry SET amount_fen=amount_fen-1 WHERE amount_fen<0 AND transfer_id="
        "(SELECT id FROM ledger_transfer WHERE key='payout_return:{late}')",
    ),
    (
        "by_hand",
        "hand booking",
        "is paid",
        f"{W} state='paid' WHERE no='{{late}}'",
        f"{W} state='returned' WHERE no='{{late}}'",
    ),
    (
        "by_hand",
        "payout_return:{late}",
        "nobody approved",
        "UPDATE settlement_hand_booking SET state='rejected'",
        "UPDATE settlement_hand_booking SET state='approved'",
    ),
    (
        "batches",
        "batch {batch}",
        "says 1",
        "UPDATE settlement_batch SET amount_fen=1",
        "UPDATE settlement_batch SET amount_fen=4990",
    ),
    (
        "batches",
        "batch {batch}",
        "was changed",
        "UPDATE settlement_part SET items=items+1",
        "UPDATE settlement_part SET items=items-1",
    ),
    (
        "parts",
        "part ",
        "booked 598",
        "UPDATE settlement_part SET amount_fen=599 WHERE payee_id=9",
        "UPDATE settlement_part SET amount_fen=598 WHERE payee_id=9",
    ),
    (
        "parts",
        "part ",
        "to promoter:10:available",
        "UPDATE settlement_part SET payee_id=19 WHERE payee_id=10",
        "UPDATE settlement_part SET payee_id=10 WHERE payee_id=19",
    ),
    (
        "parts",
        "part ",
        "has no transfer",
        "UPDATE settlement_part SET transfer_id=-transfer_id WHERE payee_id=9",
        "UPDATE settlement_part SET transfer_id=-transfer_id WHERE payee_id=9",
    ),
    (
        "statements",
        "2026-05",
        "was changed",
        "UPDATE settlement_statement SET digest=sha256('x') WHERE month='2026-05-01' AND owner='{owner}'",
        "{redo}",
    ),
    (
        "statements",
        "2026-06",
        "opens with 2",
        "UPDATE settlement_statement SET opening_fen=2, closing_fen=2+in_fen-out_fen"
        " WHERE month='2026-06-01' AND owner='{owner}'",
        "{redo}",
    ),
    (
        "statements",
        "2026-05",
        "differs from the entries",
        "UPDATE settlement_statement SET by_kind='{{\"fund\": 1}}' WHERE month='2026-05-01' AND owner='{owner}'",
        "{redo}",
    ),
    (
        "seats",
        "party {party}",
        "0 super",
        "UPDATE parties_seat SET role='admin' WHERE party_id={id} AND role='super_admin'",
        "UPDATE parties_seat SET role='super_admin' WHERE party_id={id}",
    ),
    (
        "seats",
        "party {party}",
        "counts 3 seats, there are 0",
        "UPDATE parties_party SET admins=3 WHERE id={id}",
        "UPDATE parties_party SET admins=0 WHERE id={id}",
    ),
    (
        "recruiters",
        "promoter {low}",
        "has the line {{}}",
        "UPDATE parties_promoter SET line='{{}}' WHERE party_id={low}",
        "UPDATE parties_promoter SET line='{{{mid},{top}}}' WHERE party_id={low}",
    ),
    (
        "recruiters",
        "promoter {top}",
        "circle",
        "UPDATE parties_promoter SET recruiter_id={low} WHERE party_id={top}",
        "UPDATE parties_promoter SET recruiter_id=NULL WHERE party_id={top}",
    ),
]


def story() -> dict[str, object]:
    """A matured batch, two closed months, withdrawals under way, paid, back, and returned late; a line of three."""
    line = make_parties.promoter_line(3)
    with transaction.atomic():
        make_commission.paid([make_commission.sale(1)])
        make_commission.service.mark_received(sale_ids=[1], received_at=make_commission.NOW, settle_days=27)
        batch_id, batch = service.open_batch(now=NOW)
        until = make_commission.NOW + timedelta(days=28)
        done = make_commission.service.mature(until=until, batch_id=batch_id, batch_no=batch, limit=9, now=until)
        parts = [
            Part(p.payee.kind, p.payee.id, p.merchant_id, p.items, p.amount_fen, p.transfer_id) for p in done.parts
        ]
        service.close_batch(
            batch_id=batch_id, no=batch, until=until, sales=done.sales, accruals=done.accruals, parts=parts, now=until
        )
    party = make.payee(5_000)
    with transaction.atomic():
        paid, back = (make.sending(party, fen, fee_fen=30).no for fen in (900, 800))
        service.record_outcomes(outcomes=[outcome(paid, Heard.PAID), outcome(back, Heard.RETURNED)], now=NOW)
        late = make.sending(party, 700).no
        service.record_outcomes(outcomes=[outcome(late, Heard.PAID)], now=NOW)
        filed = {"happened_at": NOW + timedelta(days=1), "reference": "TP1", "reason": "退票"}
        booking = service.ask_outcome(
            no=late, heard=Heard.RETURNED, actor=make.FIRST, now=NOW + timedelta(days=2), **filed
        )
        service.approve_outcome(booking_id=booking, actor=make.SECOND, now=NOW + timedelta(days=2))
        opened = make.asked(party, 500)
        make.fund(party, 70, now=NOW + timedelta(days=30))
        for month in (5, 6):
            service.close_month(month=NOW.date().replace(month=month), now=NOW + timedelta(days=90))
    return {
        "open": opened,
        "paid": paid,
        "back": back,
        "late": late,
        "batch": batch,
        "owner": f"promoter:{party.id}",
        "party": party.no,
        "id": party.id,
        **dict(zip(("top", "mid", "low"), (one.id for one in line), strict=True)),
    }


def findings(name: str) -> list[tuple[str, str]]:
    return [(f.object, f.what) for result in verify.run(names=[name]) for f in result.findings]


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named(owner_sql):
    named = story()
    check()
    kept = owner_sql("SELECT id, opening_fen, closing_fen, by_kind::text, digest FROM settlement_statement")
    for name, object_, what, change, undo in TAMPERED:
        owner_sql(change.format(**named))
        found = findings(name)
        where, said = object_.format(**named), what.format(**named)
        assert any(where in one and said in told for one, told in found), (name, change, found)
        if undo == "{redo}":
            for id_, opening, closing, by_kind, digest in kept:
                owner_sql(
                    "UPDATE settlement_statement SET opening_fen=%s, closing_fen=%s, by_kind=%s::jsonb, digest=%s"
                    " WHERE id=%s",
                    [opening, closing, by_kind, digest, id_],
                )
        else:
            owner_sql(undo.format(**named))
        assert findings(name) == [], (name, undo)
    check()
    assert {row[0] for row in TAMPERED} == set(NAMES)
