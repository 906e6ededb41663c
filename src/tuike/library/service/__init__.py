"""The library's verbs: marking and looking at products anew, the curated list, selection sets, accepted rules."""

from tuike.library.service.accepting import accept_rules
from tuike.library.service.choosing import choose, drop
from tuike.library.service.index import count_sales, refresh, work_off
from tuike.library.service.marking import mark, sweep
from tuike.library.service.picking import move_pick, pick, unpick

__all__ = [
    "accept_rules",
    "choose",
    "count_sales",
    "drop",
    "mark",
    "move_pick",
    "pick",
    "refresh",
    "sweep",
    "unpick",
    "work_off",
]
