"""The verbs of attribution, gathered from the files of this package."""

from tuike.attribution.rules import reported_touch
from tuike.attribution.service.bindings import release_by_buyer, release_by_merchant
from tuike.attribution.service.blocks import block_promoter, unblock_promoter
from tuike.attribution.service.claims import add_claims, claim, claim_each, foresee
from tuike.attribution.service.clicks import add_clicks, record_clicks
from tuike.attribution.service.links import dress_links, make_links
from tuike.attribution.service.places import add_place, delete_place, rename_place
from tuike.attribution.service.shares import record_share
from tuike.attribution.service.touches import merge_visitor, touch
from tuike.attribution.service.users import (
    bind_open_account,
    forget_user_info,
    keep_user_info,
)
from tuike.attribution.service.wordings import forget_wording, keep_wording
from tuike.attribution.tickets import issue_ticket, read_ticket

__all__ = [
    "add_claims",
    "add_clicks",
    "add_place",
    "bind_open_account",
    "block_promoter",
    "claim",
    "claim_each",
    "delete_place",
    "dress_links",
    "foresee",
    "forget_user_info",
    "forget_wording",
    "issue_ticket",
    "keep_user_info",
    "keep_wording",
    "make_links",
    "merge_visitor",
    "read_ticket",
    "record_clicks",
    "record_share",
    "release_by_buyer",
    "release_by_merchant",
    "rename_place",
    "reported_touch",
    "touch",
    "unblock_promoter",
]
