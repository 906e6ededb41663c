"""The mall's home page and shops' pages: edited as a draft, seen when published."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.content.rules import pages as rules
from tuike.content.types import Banners, Block, LinkKind, NotShown, Picks
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import queries as parties

_PUT = """
    INSERT INTO content_page (merchant_id, draft, published, edition, edited_at, picture, description)
    VALUES (%s, %s::jsonb, '[]', 0, %s, '', '')
    ON CONFLICT (merchant_id) DO UPDATE SET draft = EXCLUDED.draft, edited_at = EXCLUDED.edited_at
    RETURNING id
"""
_PUBLISH = """
    UPDATE content_page SET published = draft, edition = edition + 1, published_at = %s
    WHERE merchant_id IS NOT DISTINCT FROM %s RETURNING edition, jsonb_array_length(published)
"""
LONGEST_DESCRIPTION = 500


@transaction.atomic
def edit_page(*, merchant_id: int | None, blocks: Sequence[Block], now: datetime) -> None:
    """Keep the draft of a shop's page (None: of the mall's home page); nobody else sees it (docs/rules.md §10).

    Raises:
        BadBlock: see rules.check.
        NotFound: a product, category or shop that a block names doesn't exist; a shop picks its own products only.
    """
    rules.check(blocks)
    _check_named(merchant_id, blocks)
    rows.query(_PUT, [merchant_id, json.dumps(rules.written(blocks), ensure_ascii=False), now])


@transaction.atomic
def publish_page(*, merchant_id: int | None, actor: Actor, now: datetime) -> int:
    """Let everybody see the draft as it stands, and return the number of the edition.

    Raises:
        NotShown: there is no draft.
    """
    found = rows.query(_PUBLISH, [now, merchant_id])
    if not found:
        raise NotShown
    [(edition, blocks)] = found
    facts = {"merchant": merchant_id, "edition": edition, "blocks": blocks}
    audit.record(actor=actor, action="page.publish", object_=str(merchant_id or "mall"), facts=facts, now=now)
    return edition


@transaction.atomic
def describe_shop(*, merchant_id: int, picture: str, description: str, actor: Actor, now: datetime) -> None:
    """Say what a shop shows of itself: a picture (an address below /media/, "" for none) and up to 500 characters.

    Raises:
        Invalid: description.
    """
    if len(description) > LONGEST_DESCRIPTION:
        raise Invalid(field="description", reason_zh="最多 500 个字符", reason_en="at most 500 characters")
    rows.run(
        "INSERT INTO content_page (merchant_id, draft, published, edition, edited_at, picture, description)"
        " VALUES (%s, '[]', '[]', 0, %s, %s, %s)"
        " ON CONFLICT (merchant_id) DO UPDATE SET picture = EXCLUDED.picture, description = EXCLUDED.description",
        [merchant_id, now, picture, description.strip()],
    )
    facts = {"picture": picture, "description": description.strip()}
    audit.record(actor=actor, action="shop.describe", object_=str(merchant_id), facts=facts, now=now)


def _check_named(merchant_id: int | None, blocks: Sequence[Block]) -> None:
    """Refuse what isn't there, and in a shop's page other shops' goods."""
    links = [banner for block in blocks if isinstance(block, Banners) for banner in block.banners]
    numbers = {no for block in blocks if isinstance(block, Picks) for no in block.product_nos}
    numbers |= {one.to for one in links if one.link is LinkKind.PRODUCT}
    owners = catalog.owners_of(numbers)
    if owners.keys() != numbers or (merchant_id is not None and set(owners.values()) - {merchant_id}):
        raise NotFound
    categories = {int(one.to) for one in links if one.link is LinkKind.CATEGORY and one.to.isdecimal()}
    if len(catalog.category_nodes(categories)) < len(categories):
        raise NotFound
    for one in links:
        if one.link is LinkKind.SHOP and parties.find(one.to) is None:
            raise NotFound
