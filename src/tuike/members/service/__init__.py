"""Changes of what is kept of members."""

from tuike.members.service.addresses import (
    add_address,
    change_address,
    remove_address,
)
from tuike.members.service.growing import (
    note_purchases,
    set_ladder,
)
from tuike.members.service.keeping import (
    add_favourite,
    clear_footprints,
    erase_member,
    remove_favourite,
    see_product,
    set_marketing_consent,
)
from tuike.members.service.sendings import (
    begin_sending,
    lock_sending,
    next_of_sending,
    note_outcomes,
)
from tuike.members.service.shops import (
    make_tag,
    remove_segment,
    remove_tag,
    save_segment,
    tag_members,
    untag_member,
)

__all__ = [
    "add_address",
    "add_favourite",
    "begin_sending",
    "change_address",
    "clear_footprints",
    "erase_member",
    "lock_sending",
    "make_tag",
    "next_of_sending",
    "note_outcomes",
    "note_purchases",
    "remove_address",
    "remove_favourite",
    "remove_segment",
    "remove_tag",
    "save_segment",
    "see_product",
    "set_ladder",
    "set_marketing_consent",
    "tag_members",
    "untag_member",
]
