"""What sending costs, by shop."""

from collections.abc import Sequence

from tuike.db import rows
from tuike.freight import rules
from tuike.freight.queries.regions import is_district, region_names
from tuike.freight.queries.templates import templates_by_id
from tuike.freight.types import FreightAsk, FreightQuote, NotDeliverable, UnknownRegion

_GOODS = """
    SELECT k.id, k.weight_g, p.title,
           coalesce(a.template_id,
                    (SELECT t.id FROM freight_template t WHERE t.merchant_id = p.merchant_id AND t.default))
    FROM catalog_sku k JOIN catalog_product p ON p.id = k.product_id
    LEFT JOIN freight_assignment a ON a.product_id = p.id
    WHERE k.id = ANY(%s)
"""


def quote(*, asks: Sequence[FreightAsk], region_code: str) -> dict[int, FreightQuote]:
    """Return by merchant what sending its goods to a district costs (docs/rules.md §5).

    `region_code` is a district's six digits; "" while nobody has chosen one: what most regions pay. Two queries at
    most, whatever the length; none of a template, one.

    Raises:
        UnknownRegion: no district has this code.
        NotDeliverable: a shop doesn't deliver some of it there; carries title, region, product_id, merchant_id.
    """
    if region_code and not is_district(region_code):
        raise UnknownRegion(region=region_code[:12])
    goods = {row[0]: row[1:] for row in rows.planned(_GOODS, [sorted({ask.sku_id for ask in asks})])}
    used = sorted({template for _, _, template in goods.values() if template is not None})
    templates = templates_by_id(used) if used else {}
    grouped: dict[int, dict[int, list[tuple[int, int, int]]]] = {ask.merchant_id: {} for ask in asks}
    for ask in asks:
        weight_g, title, template = goods.get(ask.sku_id, (0, "", None))
        if template is None:
            continue
        if not rules.delivered(templates[template], region_code):
            _refuse(ask, title, region_code)
        grouped[ask.merchant_id].setdefault(template, []).append((ask.quantity, weight_g, ask.amount_fen))
    return {
        merchant_id: rules.summed(
            [rules.part(templates[id_], region_code, sent) for id_, sent in sorted(by_template.items())]
        )
        for merchant_id, by_template in grouped.items()
    }


def _refuse(ask: FreightAsk, title: str, code: str) -> None:
    names = "".join(dict.fromkeys(region_names(rules.around(code))))
    raise NotDeliverable(title=title, region=names, product_id=ask.product_id, merchant_id=ask.merchant_id)
