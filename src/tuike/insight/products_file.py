"""A merchant's products as the rows of a file that can be changed and brought back."""

from collections.abc import Iterator

from tuike.db import rows
from tuike.kit.money import plain_yuan

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""

COLUMNS = {
    "product_no": ("商品编号", "product no"),
    "sku_id": ("规格编号", "sku id"),
    "external_no": ("外部编号", "own no"),
    "title": ("标题", "title"),
    "subtitle": ("副标题", "subtitle"),
    "category": ("类目", "category"),
    "spec": ("规格", "choice"),
    "price": ("价格", "price"),
    "stock": ("库存", "stock"),
    "on_sale": ("状态", "state"),
    "pictures": ("图片", "pictures"),
    "path": ("小程序路径", "path"),
}
"""What each column is called, in Chinese and in English; a file may use either."""

_ROWS = """
    SELECT p.no, k.id, p.external_no, p.title, p.subtitle,
        (SELECT string_agg(a.name, '/' ORDER BY a.level) FROM catalog_category a WHERE a.id = ANY(c.path)), k.spec,
        k.price_fen, k.free, p.state, array_to_string(p.pictures, ' '), p.path
    FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id JOIN catalog_sku k ON k.product_id = p.id
    WHERE p.merchant_id = %s ORDER BY p.id DESC, k.id LIMIT %s
"""
_STATES = {"on_sale": "上架", "off_sale": "下架", "draft": ""}


def product_rows(merchant_id: int, *, limit: int) -> Iterator[list[str]]:
    """Yield a merchant's products choice by choice, the newest first, as texts in the order of `COLUMNS`; nothing in
    them is taken for a formula."""
    for no, sku, external, title, subtitle, category, spec, fen, free, state, pictures, path in rows.query(
        _ROWS, [merchant_id, limit]
    ):
        price = plain_yuan(fen)
        texts = (no, str(sku), external, title, subtitle, category, spec, price, str(free), _STATES[state], pictures)
        yield [f"'{one}" if one.lstrip().startswith(_FORMULA) else one for one in (*texts, path)]
