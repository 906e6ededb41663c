"""Tuike's open API for software of promoters, merchants and leaders (docs/user/api.md of the product).

One class for each kind of party, with a method for each operation; answers are dictionaries whose shapes stand in
`tuike_client.shapes`. Amounts are whole fen, rates whole ten-thousandths, instants text with their offset.
"""

from tuike_client.clients import Leader, Merchant, Promoter
from tuike_client.errors import ApiError, BadWebhook, TuikeError, Unreachable
from tuike_client.paging import Feed, Pages
from tuike_client.webhooks import read_webhook

__all__ = [
    "ApiError",
    "BadWebhook",
    "Feed",
    "Leader",
    "Merchant",
    "Pages",
    "Promoter",
    "TuikeError",
    "Unreachable",
    "read_webhook",
]
