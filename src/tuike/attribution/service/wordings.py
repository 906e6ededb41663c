"""A promoter's own wording for what it promotes, kept for the material to come."""

from datetime import datetime

from django.db import transaction

from tuike.attribution import rules
from tuike.attribution.types import BadWording
from tuike.db import rows

MOST = 500
LINK = "{link}"
"""What stands for the link in a kept wording."""


@transaction.atomic
def keep_wording(
    *, promoter_id: int, merchant_id: int, product_id: int | None, text: str, link: str, now: datetime
) -> str:
    """Keep a promoter's wording for a product (None: the whole shop) and return the text as it goes out.

    `link` is the address in it; where the text has none it is put at the end (docs/rules.md §4).

    Raises:
        BadWording: empty, longer than 500 characters, or with invisible ones.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not rules.is_wording(text, most=MOST):
        raise BadWording(most=MOST)
    if link not in text:
        text = f"{text}\n{link}"
    rows.run(
        "INSERT INTO attribution_wording (promoter_id, merchant_id, product_id, text, saved_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT ON CONSTRAINT attribution_wording_one"
        " DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at",
        [promoter_id, merchant_id, product_id, text.replace(link, LINK), now],
    )
    return text


def forget_wording(*, promoter_id: int, merchant_id: int, product_id: int | None) -> None:
    """Let a promoter's own wording go; what is made from now on has the generated one."""
    rows.run(
        "DELETE FROM attribution_wording"
        " WHERE promoter_id = %s AND merchant_id = %s AND product_id IS NOT DISTINCT FROM %s",
        [promoter_id, merchant_id, product_id],
    )
