"""A visitor logged in: what they saw before is the buyer's now, with the bindings that it makes."""

from django.db import transaction

from tuike.attribution import queries as attribution_queries
from tuike.attribution import service as attribution
from tuike.attribution.types import BindingPolicy
from tuike.db.retry import retry
from tuike.parties import queries as parties


@retry
def merge_visitor(*, visitor: str, buyer_id: int) -> int:
    """Move a visitor's touches to the buyer and return how many (docs/rules.md §4).

    Raises:
        BadVisitor: the visitor's mark is malformed.
    """
    with transaction.atomic(durable=True):
        return merge(visitor=visitor, buyer_id=buyer_id)


def merge(*, visitor: str, buyer_id: int) -> int:
    """Do what `merge_visitor` does, inside the caller's transaction."""
    shops = parties.merchant_facts(attribution_queries.merchants_touched(visitor=visitor))
    policies = {id_: BindingPolicy(mode=shop.binding_mode, days=shop.binding_days) for id_, shop in shops.items()}
    return attribution.merge_visitor(visitor=visitor, buyer_id=buyer_id, policies=policies)
