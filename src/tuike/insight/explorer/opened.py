"""A row of the explorer opened: how the accrual was computed, and the ledger's entries that its money stands in."""

from dataclasses import replace

from tuike.commission.types import Payee
from tuike.db import rows
from tuike.insight.explain import explain_accrual, words
from tuike.insight.explain.own import own_accrual
from tuike.insight.explain.types import Line, Receipt, Section, UnknownNumber, Words
from tuike.insight.explain.words import instant, joined, named
from tuike.insight.explorer.types import LEADER, MERCHANT, OPERATOR, PROMOTER

_BOOKS = Words("账本分录", "Entries in the ledger")
_OURS = "(SELECT 1 FROM commission_accrual WHERE id = %s AND merchant_id = %s AND funder <> 'platform')"
# A transfer moves what a payee got from one shop in a batch: the accrual's part of it is in the lines above.
_ENTRIES = """
    WITH one AS (
        SELECT a.*, s.booking, s.source FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
        WHERE a.id = %(accrual)s
    ), keys AS (
        SELECT concat_ws(':', 'accrual', booking, payee_kind, payee_id, merchant_id, source, funder) AS key FROM one
        UNION SELECT CASE WHEN c.cause LIKE 'reject:%%' THEN c.cause ELSE 'refund:' || c.cause END
        FROM one JOIN commission_change c ON c.accrual_id = one.id
        UNION SELECT t.key FROM one JOIN settlement_part p ON p.batch_id = one.batch_id
            AND p.payee_kind = one.payee_kind AND p.payee_id = one.payee_id AND p.merchant_id = one.merchant_id
        JOIN ledger_transfer t ON t.id = p.transfer_id
    )
    SELECT t.kind, t.key, t.posted_at, b.path, n.amount_fen, n.version
    FROM keys JOIN ledger_transfer t ON t.key = keys.key JOIN ledger_entry n ON n.transfer_id = t.id
    JOIN ledger_account b ON b.id = n.account_id
    WHERE starts_with(b.path, CASE WHEN %(asker)s = 'merchant' THEN 'merchant:' || %(party)s || ':'
        ELSE (SELECT CASE payee_kind WHEN 'platform' THEN 'platform:' ELSE payee_kind || ':' || payee_id || ':' END
            FROM one) END)
    ORDER BY t.posted_at, t.id, n.no
"""


def opened(accrual_id: int, *, asker: str, party_id: int) -> Receipt:
    """Return the receipt of an accrual as its asker may read it, with the entries on the asker's accounts (of the
    operator's: on the payee's) (docs/rules.md §1, §7).

    Raises:
        UnknownNumber: no such accrual that this asker sees.
    """
    if asker in (PROMOTER, LEADER):
        receipt = own_accrual(accrual_id, Payee(asker, party_id))
    else:
        if asker == MERCHANT and not rows.query(_OURS, [accrual_id, party_id]):
            raise UnknownNumber(no=f"A{accrual_id}")
        assert asker in (MERCHANT, OPERATOR)
        receipt = explain_accrual(accrual_id)
    found = rows.query(_ENTRIES, {"accrual": accrual_id, "asker": asker, "party": party_id})
    lines = tuple(
        Line(
            joined(named(words.KINDS, kind), instant(at), gap=" · "),
            amount_fen=fen,
            formula=joined(path, Words(f"第 {version} 笔", f"entry {version}"), key, gap=" · "),
        )
        for kind, key, at, path, fen, version in found
    )
    none = Words("还没有记入账本", "Not in the ledger yet")
    return replace(receipt, sections=(*receipt.sections, Section(_BOOKS, lines or (Line(none),))))
