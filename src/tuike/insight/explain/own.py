"""The receipt of an accrual as its payee may read it: nothing of anybody whom the payee doesn't know anyway."""

from dataclasses import replace

from tuike.commission.types import Payee
from tuike.db import rows
from tuike.insight.explain import facts, sales
from tuike.insight.explain.facts import Book, Sale
from tuike.insight.explain.types import Receipt, UnknownNumber

HIDDEN = "•••"
"""Stands for a name that isn't the reader's to see."""


def own_accrual(accrual_id: int, payee: Payee) -> Receipt:
    """Return the receipt of a payee's own accrual (docs/rules.md §1, §4).

    A promoter sees its recruiter and whom it recruited, the leader whose activity it promoted, and of the touches its
    own; a recruiter sees who sold, not by which place. Another's accrual looks like one that isn't there.

    Raises:
        UnknownNumber: no such accrual of this payee.
    """
    found = rows.query(
        "SELECT sale_id FROM commission_accrual WHERE id = %s AND payee_kind = %s AND payee_id = %s",
        [accrual_id, payee.kind, payee.id],
    )
    if not found:
        raise UnknownNumber(no=f"A{accrual_id}")
    book = facts.book([found[0][0]])
    veil(book, book.sales[0], payee)
    return sales.told(book, accrual_id)


def veil(book: Book, sale: Sale, payee: Payee) -> None:
    """Take out of a book what isn't the payee's to see."""
    known = {payee.id, sale.merchant_id} | _line(sale, payee)
    leader = sale.claim.leader_id if sale.claim else None
    for party_id in set(book.names) | _tiers(sale):
        if party_id not in known and party_id != leader:
            book.names[party_id] = HIDDEN
    if sale.claim is None:
        return
    own = [touch for touch in sale.claim.facts.get("touches", ()) if touch["promoter"] == payee.id]
    claim = replace(sale.claim, facts={**sale.claim.facts, "touches": own})
    if sale.terms.get("promoter_id") != payee.id:
        claim = replace(claim, place="", pid="", code="", expires_at=None, touched_at=None)
    sale.claim = claim


def _line(sale: Sale, payee: Payee) -> set[int]:
    """Return whom of the line of a sale the payee knows: the next one above, paid or not, and everybody below."""
    line = [sale.terms["promoter_id"]] if "promoter_id" in sale.terms else []
    line += sale.above[:2] or [sale.terms[tier][0] for tier in ("tier2", "tier3") if tier in sale.terms]
    if payee.id not in line:
        return set(line[:1])
    return set(line[: line.index(payee.id) + 2])


def _tiers(sale: Sale) -> set[int]:
    return {sale.terms[tier][0] for tier in ("tier2", "tier3") if tier in sale.terms}
