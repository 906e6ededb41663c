"""A shop's freight templates."""

from collections.abc import Sequence
from typing import Any

from tuike.db import rows
from tuike.freight.types import Basis, NewTemplate, Row, TemplateShown
from tuike.kit.errors import NotFound

_TEMPLATES = """
    SELECT t.id, t.no, t.merchant_id, t.name, t.basis, t.not_to, t.default,
           (SELECT count(*) FROM freight_assignment a WHERE a.template_id = t.id),
           (SELECT json_agg(json_build_array(r.regions, r.first_units, r.first_fen, r.next_units, r.next_fen,
                   r.free_from_fen, r.free_from_pieces) ORDER BY r.position)
            FROM freight_row r WHERE r.template_id = t.id)
    FROM freight_template t WHERE
"""


def templates_of(merchant_id: int) -> list[TemplateShown]:
    """Return a shop's templates, the default one first, then by name."""
    found = rows.query(f'{_TEMPLATES} t.merchant_id = %s ORDER BY t."default" DESC, t.name', [merchant_id])
    return [_shown(row) for row in found]


def own_template(*, merchant_id: int, no: str) -> TemplateShown:
    """Return a shop's own template.

    Raises:
        NotFound: no such template, or another shop's.
    """
    found = rows.query(f"{_TEMPLATES} t.merchant_id = %s AND t.no = %s", [merchant_id, no])
    if not found:
        raise NotFound
    return _shown(found[0])


def template_of_product(product_id: int) -> str:
    """Return the number of the template that a product names, "" for none."""
    found = rows.query(
        "SELECT t.no FROM freight_assignment a JOIN freight_template t ON t.id = a.template_id WHERE a.product_id = %s",
        [product_id],
    )
    return str(found[0][0]) if found else ""


def templates_by_id(template_ids: Sequence[int]) -> dict[int, NewTemplate]:
    """Return what templates charge, by id."""
    return {row[0]: _terms(row) for row in rows.planned(f"{_TEMPLATES} t.id = ANY(%s)", [list(template_ids)])}


def _shown(row: Sequence[Any]) -> TemplateShown:
    return TemplateShown(
        template_id=row[0], no=row[1], merchant_id=row[2], terms=_terms(row), default=row[6], products=row[7]
    )


def _terms(row: Sequence[Any]) -> NewTemplate:
    return NewTemplate(
        name=row[3],
        basis=Basis(row[4]),
        not_to=tuple(row[5]),
        rows=tuple(
            Row(
                regions=tuple(regions),
                first_units=first_units,
                first_fen=first_fen,
                next_units=next_units,
                next_fen=next_fen,
                free_from_fen=free_from_fen,
                free_from_pieces=free_from_pieces,
            )
            for regions, first_units, first_fen, next_units, next_fen, free_from_fen, free_from_pieces in row[8]
        ),
    )
