"""Reads of members."""

from tuike.members.queries.addresses import (
    address_of,
    addresses_of,
    saved_address_place,
)
from tuike.members.queries.keeping import (
    favourites_of,
    footprints_of,
    marked,
    marketing_consent_of,
)
from tuike.members.queries.levels import (
    bought_fen,
    ladder,
    standing_of,
    standings,
)
from tuike.members.queries.sendings import (
    sending_by_id,
    sending_of,
    sendings_of,
)
from tuike.members.queries.shops import (
    count_meant,
    meant_of,
    segment_of,
    segments_of,
    shop_member,
    shop_members,
    tags_of,
    tags_of_members,
)

__all__ = [
    "address_of",
    "addresses_of",
    "bought_fen",
    "count_meant",
    "favourites_of",
    "footprints_of",
    "ladder",
    "marked",
    "marketing_consent_of",
    "meant_of",
    "saved_address_place",
    "segment_of",
    "segments_of",
    "sending_by_id",
    "sending_of",
    "sendings_of",
    "shop_member",
    "shop_members",
    "standing_of",
    "standings",
    "tags_of",
    "tags_of_members",
]
