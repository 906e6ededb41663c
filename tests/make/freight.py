"""Makers of freight templates."""

import itertools
from datetime import UTC, datetime

from tuike.audit.types import OPERATOR_SHELL
from tuike.freight import service
from tuike.freight.types import Basis, NewTemplate, Row, TemplateShown

EARLY = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
_counter = itertools.count(1)


def terms(
    *rows: Row, basis: Basis = Basis.PIECE, not_to: tuple[str, ...] = (), name: str = "", fen: int = 800
) -> NewTemplate:
    """Return a template's terms: rows and one for everywhere else (¥8.00 the first piece, ¥3.00 each further one)."""
    elsewhere = () if any(not row.regions for row in rows) else (Row(first_fen=fen, next_fen=300),)
    return NewTemplate(name=name or f"模板{next(_counter)}", basis=basis, rows=(*rows, *elsewhere), not_to=not_to)


def template(merchant_id: int, given: NewTemplate | None = None) -> TemplateShown:
    """Add a template of a shop; the first one is its default."""
    return service.add_template(merchant_id=merchant_id, terms=given or terms(), actor=OPERATOR_SHELL, now=EARLY)
