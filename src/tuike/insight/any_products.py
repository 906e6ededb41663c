"""Products of every shop by a few typed characters: for choosing them in a form of the operator."""

from collections.abc import Iterable, Sequence
from typing import Any

from tuike.db import rows
from tuike.insight.own_products import MOST, OwnProductFound
from tuike.kit import grams

_FOUND = """
    SELECT p.id, p.no, p.title || ' · ' || m.name, coalesce(p.pictures[1], ''), p.min_price_fen, p.state = 'on_sale'
    FROM catalog_product p JOIN parties_party m ON m.id = p.merchant_id
"""


def search(*, text: str) -> list[OwnProductFound]:
    """Return products whose title or subtitle holds every term of `text`, or whose number it is, newest first, at most
    `MOST`; each title with its shop's name."""
    by_no = _found("WHERE p.no = %s", [text]) if text else []
    terms = grams.terms(text)
    if by_no or (text and not terms):
        return by_no
    holds, params = ["p.grams @> %s::text[]"] if terms else ["true"], [grams.needed(terms)] if terms else []
    for term in grams.loose(terms):
        holds.append("strpos(p.words, %s) > 0")
        params.append(term)
    return _found(f"WHERE {' AND '.join(holds)} ORDER BY p.id DESC LIMIT %s", [*params, MOST])


def by_number(*, nos: Iterable[str]) -> list[OwnProductFound]:
    """Return products by their numbers, in that order; numbers of nothing are left out."""
    wanted = list(dict.fromkeys(nos))
    found = {one.no: one for one in _found("WHERE p.no = ANY(%s)", [wanted])}
    return [found[no] for no in wanted if no in found]


def _found(where: str, params: Sequence[Any]) -> list[OwnProductFound]:
    # S608: the condition is one of this file's own.
    return [OwnProductFound(*row) for row in rows.query(_FOUND + where, params)]
