"""Rows of the promoters' console."""

from tuike.doors.console.access.seats import ADMINS, ANY_SEAT, Row

ROWS: dict[str, Row] = {
    # promoter: places, orders
    "promoter-places": {"GET": ANY_SEAT},
    "promoter-place-add": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-place-rename": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-place-delete": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    **{f"promoter-{one}": {"GET": ANY_SEAT} for one in ("appeals", "appeal", "appeal-picture")},
    **{f"promoter-appeal-{act}": {"GET": ADMINS, "POST": ADMINS} for act in ("new", "reply", "withdraw")},
    "promoter-orders": {"GET": ANY_SEAT},
    "promoter-order": {"GET": ANY_SEAT},
    "promoter-why-not": {"GET": ANY_SEAT},
    # promoter: product library, material
    "promoter-library": {"GET": ANY_SEAT},
    "promoter-library-rules": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-selection": {"GET": ANY_SEAT},
    "promoter-selection-clear": {"POST": ANY_SEAT},
    "promoter-selection-pack": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-library-product": {"GET": ANY_SEAT},
    "promoter-library-choose": {"POST": ANY_SEAT},
    "promoter-library-promote": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-material": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-material-wording": {"POST": ANY_SEAT},
    "promoter-material-poster": {"GET": ANY_SEAT},
    "promoter-material-code": {"GET": ANY_SEAT},
    **{f"promoter-{one}": {"GET": ANY_SEAT} for one in ("grade", "bonuses", "bonus")},
    # coupons, targeted plans, finding promoters
    "promoter-opportunities": {"GET": ANY_SEAT},
    "promoter-opportunity": {"GET": ANY_SEAT},
    "promoter-opportunity-apply": {"POST": ANY_SEAT},
    "promoter-cooperations": {"GET": ANY_SEAT},
    "promoter-cooperation": {"GET": ANY_SEAT},
    "promoter-cooperation-answer": {"POST": ANY_SEAT},
    "promoter-join": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-card": {"GET": ANY_SEAT, "POST": ADMINS},
    # leaders' activities, the curated pool
    "promoter-led-products": {"GET": ANY_SEAT},
    "promoter-led-product": {"GET": ANY_SEAT},
    "promoter-led-promote": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-pool": {"GET": ANY_SEAT},
    # home
    "promoter-home": {"GET": ANY_SEAT},
    # the network: own people, links, buyers who are bound
    **{f"promoter-hierarchy{one}": {"GET": ANY_SEAT} for one in ("", "-tree", "-branch", "-one")},
    **{f"promoter-recruiting{one}": {"GET": ANY_SEAT} for one in ("", "-link", "-poster")},
    **{f"promoter-recruiting-{act}": {"GET": ADMINS, "POST": ADMINS} for act in ("new", "close")},
    "promoter-bindings": {"GET": ANY_SEAT},
}
