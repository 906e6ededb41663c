"""A shop's own products by a few typed characters: for choosing them in a form."""

from collections.abc import Iterable
from dataclasses import dataclass

from tuike.db import rows

MOST = 12


@dataclass(frozen=True, slots=True)
class OwnProductFound:
    """A product as a picker shows it; `price_fen` is that of its cheapest choice."""

    product_id: int
    no: str
    title: str
    picture: str
    price_fen: int
    on_sale: bool


_FOUND = """
    SELECT p.id, p.no, p.title, coalesce(p.pictures[1], ''), p.min_price_fen, p.state = 'on_sale'
    FROM catalog_product p WHERE p.merchant_id = %s
"""


def search(*, merchant_id: int, text: str) -> list[OwnProductFound]:
    """Return a shop's products whose title holds `text` or whose number it is, newest first, at most `MOST`."""
    like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return _found("AND (p.title ILIKE %s OR p.no = %s) ORDER BY p.id DESC LIMIT %s", [merchant_id, like, text, MOST])


def by_number(*, merchant_id: int, nos: Iterable[str]) -> list[OwnProductFound]:
    """Return a shop's own products by their numbers, in that order; others are left out."""
    wanted = list(dict.fromkeys(nos))
    found = {one.no: one for one in _found("AND p.no = ANY(%s)", [merchant_id, wanted])}
    return [found[no] for no in wanted if no in found]


def _found(where: str, params: list) -> list[OwnProductFound]:
    return [OwnProductFound(*row) for row in rows.query(_FOUND + where, params)]
