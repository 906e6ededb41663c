"""Reads of the mall's extras, one file a kind."""

from tuike.marketing.queries.coupons import (
    MOST_SHOWN,
    TERMS,
    coupon_by_no,
    coupon_of,
    coupon_turns,
    coupons_for,
    coupons_of_products,
    held,
    lowers,
    minus_of,
    open_coupons,
    quote,
    terms_of,
    used_counts,
    voucher_of,
    vouchers_of,
)

__all__ = [
    "MOST_SHOWN",
    "TERMS",
    "coupon_by_no",
    "coupon_of",
    "coupon_turns",
    "coupons_for",
    "coupons_of_products",
    "held",
    "lowers",
    "minus_of",
    "open_coupons",
    "quote",
    "terms_of",
    "used_counts",
    "voucher_of",
    "vouchers_of",
]
