"""Which of a buyer's vouchers take most off a checkout (docs/rules.md §10). Pure."""

from collections.abc import Mapping, Sequence

from tuike.kit.errors import Refusal
from tuike.marketing.rules.coupons import check_ticket, lowered
from tuike.marketing.types import CouponTerms, Item, Lowered, OneVoucherAShop


def best_vouchers(
    vouchers: Sequence[tuple[str, CouponTerms]], items: Sequence[Item], ticketed: Sequence[bool]
) -> list[Lowered]:
    """Return the vouchers, at most one a shop and one of the platform, that together take most off the items.

    Of equal ones the earlier in `vouchers` is taken. It is exact without trying combinations: a shop's voucher lowers
    its own goods only, the platform's lowers all of what is left, asks for its threshold before the shops' vouchers,
    and loses at most the fen that a shop's gains; so the best of each shop are the best for all.
    """
    chosen: dict[int, Lowered] = {}
    for no, terms in vouchers:
        found = None if terms.merchant_id is None else _tried(no, terms, items, ticketed, {})
        if found is None or terms.merchant_id is None:
            continue
        if terms.merchant_id not in chosen or found.minus_fen > chosen[terms.merchant_id].minus_fen:
            chosen[terms.merchant_id] = found
    of_shops = list(chosen.values())
    before = taken_before(of_shops)
    platform: Lowered | None = None
    for no, terms in vouchers:
        found = _tried(no, terms, items, ticketed, before) if terms.merchant_id is None else None
        if found is not None and (platform is None or found.minus_fen > platform.minus_fen):
            platform = found
    return [*of_shops, *([platform] if platform else [])]


def lower_all(vouchers: Sequence[tuple[str, CouponTerms]], items: Sequence[Item]) -> list[Lowered]:
    """Return what vouchers take off the items together: those of shops first, then the platform's on what is left.

    Raises:
        OneVoucherAShop: two of one shop, or two of the platform.
        CouponLowersNothing, CouponBelowThreshold: see `lowered`.
    """
    if len({terms.merchant_id for _, terms in vouchers}) < len(vouchers):
        raise OneVoucherAShop
    done: list[Lowered] = []
    for no, terms in sorted(vouchers, key=lambda pair: pair[1].merchant_id is None):
        done.append(lowered(no, terms, items, before=taken_before(done)))
    return done


def taken_before(done: Sequence[Lowered]) -> dict[int, int]:
    """Return what vouchers have taken off the items, by position."""
    taken: dict[int, int] = {}
    for one in done:
        for i, part in one.parts.items():
            taken[i] = taken.get(i, 0) + part
    return taken


def _tried(
    no: str, terms: CouponTerms, items: Sequence[Item], ticketed: Sequence[bool], before: Mapping[int, int]
) -> Lowered | None:
    try:
        check_ticket(terms, items, ticketed)
        return lowered(no, terms, items, before=before)
    except Refusal:
        return None
