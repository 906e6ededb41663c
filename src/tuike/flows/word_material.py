"""A promoter's own wording: kept for a product or shop and put on the material at hand, or let go again."""

from datetime import datetime

from django.db import transaction

from tuike.attribution import queries as links_of
from tuike.attribution import service as attribution
from tuike.attribution.types import LinkDress, LinkFacts, LinkNotFound
from tuike.db.retry import retry
from tuike.flows.make_material import generated_wording, short_link


@retry
def save_wording(*, promoter_id: int, code: str, text: str, now: datetime) -> str:
    """Keep a promoter's wording for what its link is for, put it on the link, and return it as it goes out
    (docs/rules.md §4). Material made later has it, too.

    Raises:
        LinkNotFound: no such link, or somebody else's.
        BadWording: empty, too long, or with invisible characters.
    """
    with transaction.atomic(durable=True):
        link = _own(promoter_id, code)
        told = attribution.keep_wording(
            promoter_id=promoter_id,
            merchant_id=link.merchant_id,
            product_id=link.product_id,
            text=text,
            link=short_link(link),
            now=now,
        )
        attribution.dress_links(dresses=[LinkDress(link_id=link.link_id, wording=told)])
        return told


@retry
def reset_wording(*, promoter_id: int, code: str) -> str:
    """Let a promoter's own wording go, put the generated one on the link, and return it.

    Raises:
        LinkNotFound: no such link, or somebody else's.
    """
    with transaction.atomic(durable=True):
        link = _own(promoter_id, code)
        attribution.forget_wording(promoter_id=promoter_id, merchant_id=link.merchant_id, product_id=link.product_id)
        told = generated_wording(promoter_id=promoter_id, code=code)
        attribution.dress_links(dresses=[LinkDress(link_id=link.link_id, wording=told)])
        return told


def _own(promoter_id: int, code: str) -> LinkFacts:
    link = links_of.links_by_code([code]).get(code)
    if link is None or link.promoter_id != promoter_id:
        raise LinkNotFound
    return link
