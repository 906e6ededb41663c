"""The mall's home page and shops' pages."""

import json

from tuike.content.rules import pages as rules
from tuike.content.types import PageShown
from tuike.db import rows


def page_of(*, merchant_id: int | None) -> PageShown:
    """Return a shop's page (None: the mall's home page); the default blocks where none was ever published."""
    found = rows.planned(
        "SELECT draft::text, published::text, edition, published_at, picture, description FROM content_page"
        " WHERE merchant_id IS NOT DISTINCT FROM %s::bigint",
        [merchant_id],
    )
    default = rules.MALL_DEFAULT if merchant_id is None else rules.SHOP_DEFAULT
    if not found:
        return PageShown(default, default, 0, None, "", "")
    draft, published, edition, *rest = found[0]
    blocks = rules.read(json.loads(published)) if edition else default
    drafted = rules.read(json.loads(draft))
    return PageShown(drafted if drafted or edition else default, blocks, edition, *rest)
