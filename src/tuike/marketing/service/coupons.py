"""Coupons made and stopped; vouchers taken, used at placement, given back when an order closes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number
from tuike.marketing import queries, rules
from tuike.marketing.models import Coupon
from tuike.marketing.types import (
    CouponLimit,
    CouponNotOpen,
    CouponPhase,
    CouponScope,
    CouponShown,
    CouponTakenUp,
    Item,
    Lowered,
    NewCoupon,
    OneVoucherAShop,
    StockOnlyGrows,
    VoucherEnding,
    VoucherNotGood,
    VoucherShown,
)
from tuike.messages import service as messages
from tuike.outbox import service as outbox

# The coupon's row is locked by what it takes: takers of one coupon come one after the other, so counting is exact.
_TAKE = """
    UPDATE marketing_coupon SET taken = taken + 1
    WHERE id = %s AND taken < stock AND stopped_at IS NULL AND starts_at <= %s AND ends_at > %s
    RETURNING limit_each, stock - taken
"""
_ADD = """
    INSERT INTO marketing_voucher (id, no, coupon_id, buyer_id, nth, taken_at, usable_until)
    SELECT %(id)s, %(no)s, %(coupon)s, %(buyer)s, count(*) + 1, %(now)s, %(until)s FROM marketing_voucher
    WHERE coupon_id = %(coupon)s AND buyer_id = %(buyer)s HAVING count(*) < %(limit)s RETURNING id
"""
_USE = f"""
    UPDATE marketing_voucher v SET used_at = %s FROM marketing_coupon c
    WHERE v.no = ANY(%s) AND v.buyer_id = %s AND v.used_at IS NULL AND v.usable_until > %s AND c.id = v.coupon_id
    RETURNING v.no, {queries.TERMS}
"""
TELL = """
WITH due AS (
    SELECT id FROM marketing_voucher
    WHERE used_at IS NULL AND told_at IS NULL AND usable_until > %(now)s AND usable_until <= %(until)s
      AND usable_until - taken_at > %(before)s
    ORDER BY usable_until, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE marketing_voucher v SET told_at = %(now)s FROM due, marketing_coupon c
WHERE v.id = due.id AND c.id = v.coupon_id AND v.told_at IS NULL
RETURNING v.no, v.buyer_id, c.merchant_id, c.name, v.usable_until
"""
"""Marks as told what is due; whoever comes second finds nothing."""

VOUCHER_TOLD_BEFORE = timedelta(days=2)
"""How long before a voucher ends its buyer is told (docs/rules.md §10)."""


@transaction.atomic
def create_coupon(*, merchant_id: int | None, coupon: NewCoupon, actor: Actor, now: datetime) -> CouponShown:
    """Make a coupon of a shop, or (None) of the platform. It can be taken from its start (at once where that has
    passed); its terms never change (docs/rules.md §10).

    Raises:
        Invalid: a field that makes no sense.
        NotFound: a product that isn't the shop's, or a category that doesn't exist.
    """
    rules.check(coupon, now, of_platform=merchant_id is None)
    targets = list(dict.fromkeys(coupon.target_ids))
    _check_targets(merchant_id, coupon.scope, targets)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('marketing_coupon', 'id'))")[0][0]
    made = Coupon.objects.create(
        id=id_,
        no=number("K", id_, now),
        merchant_id=merchant_id,
        channel=coupon.channel.value,
        name=coupon.name.strip(),
        kind=coupon.kind.value,
        threshold_fen=coupon.threshold_fen,
        minus_fen=coupon.minus_fen,
        off_bps=coupon.off_bps,
        most_fen=coupon.most_fen,
        scope=coupon.scope.value,
        target_ids=targets,
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        use_days=coupon.use_days,
        stock=coupon.stock,
        limit_each=coupon.limit_each,
        created_at=now,
    )
    facts = {"kind": made.kind, "minus_fen": made.minus_fen, "off_bps": made.off_bps, "stock": made.stock}
    audit.record(actor=actor, action="coupon.create", object_=made.no, facts=facts, now=now)
    return queries.coupon_of(merchant_id=merchant_id, no=made.no)


@transaction.atomic
def stop_coupon(*, merchant_id: int | None, no: str, actor: Actor, now: datetime) -> CouponShown:
    """Let nobody take any more, at once; vouchers that are out stay good.

    Raises:
        NotFound: not a coupon of the shop.
        CouponNotOpen: it is over, or was stopped before.
    """
    coupon = _locked(merchant_id, no)
    if coupon.phase(now) in (CouponPhase.STOPPED, CouponPhase.OVER):
        raise CouponNotOpen
    rows.run("UPDATE marketing_coupon SET stopped_at = %s WHERE id = %s", [now, coupon.coupon_id])
    audit.record(actor=actor, action="coupon.stop", object_=no, facts={"taken": coupon.taken}, now=now)
    return queries.coupon_of(merchant_id=merchant_id, no=no)


@transaction.atomic
def raise_stock(*, merchant_id: int | None, no: str, stock: int, actor: Actor, now: datetime) -> CouponShown:
    """Give out more of a coupon: `stock` in all.

    Raises:
        NotFound: not a coupon of the shop.
        Invalid: stock. StockOnlyGrows: fewer than now. CouponNotOpen: it is over, or was stopped.
    """
    if stock > rules.MAX_STOCK:
        raise Invalid(field="stock", reason_zh="数量不能超过 100 万", reason_en="at most 1,000,000")
    coupon = _locked(merchant_id, no)
    if coupon.phase(now) in (CouponPhase.STOPPED, CouponPhase.OVER):
        raise CouponNotOpen
    if stock < coupon.stock:
        raise StockOnlyGrows(stock=coupon.stock)
    rows.run("UPDATE marketing_coupon SET stock = %s WHERE id = %s", [stock, coupon.coupon_id])
    facts = {"from": coupon.stock, "to": stock}
    audit.record(actor=actor, action="coupon.stock", object_=no, facts=facts, now=now)
    return queries.coupon_of(merchant_id=merchant_id, no=no)


@transaction.atomic
def take(*, coupon: CouponShown, buyer_id: int, now: datetime) -> VoucherShown:
    """Let a buyer take a voucher: stock and window are held by the statement that takes, the limit by the one that
    adds. That the buyer came by a ticket is the caller's to know.

    Raises:
        CouponTakenUp, CouponNotOpen, CouponLimit: what it isn't given for.
    """
    got = rows.query(_TAKE, [coupon.coupon_id, now, now])
    if not got:
        raise CouponTakenUp if _again(coupon).phase(now) is CouponPhase.TAKEN_UP else CouponNotOpen
    limit, left = got[0]
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('marketing_voucher', 'id'))")[0][0]
    until = rules.usable_until(taken_at=now, ends_at=coupon.ends_at, use_days=coupon.use_days)
    no = number("V", id_, now)
    names = {"id": id_, "no": no, "coupon": coupon.coupon_id, "buyer": buyer_id, "now": now, "until": until}
    if not rows.query(_ADD, names | {"limit": limit}):
        raise CouponLimit(limit=limit)
    if not left:
        _tell_out(coupon, now)
    return VoucherShown(no, coupon.no, coupon.terms, now, until, None)


def use(*, vouchers: Sequence[str], buyer_id: int, items: Sequence[Item], now: datetime) -> list[Lowered]:
    """Use a buyer's vouchers on what is being placed, at most one a shop and one of the platform, and return what each
    takes off, the shops' first.

    The one statement that marks them is the check that they are the buyer's, unused and good: nothing is used twice.

    Raises:
        NotFound: a voucher that isn't the buyer's.
        VoucherNotGood: one is used, or its time has passed.
        OneVoucherAShop: two of one shop or of the platform, or one twice.
        CouponLowersNothing, CouponBelowThreshold: see `rules.lowered`.
    """
    if len(set(vouchers)) < len(vouchers):
        raise OneVoucherAShop
    found = rows.planned(_USE, [now, list(vouchers), buyer_id, now])
    terms = {no: queries.terms_of(row) for no, *row in found}
    for no in vouchers:
        if no not in terms:
            queries.voucher_of(buyer_id=buyer_id, no=no)
            raise VoucherNotGood(voucher=no)
    return rules.lower_all([(no, terms[no]) for no in vouchers], items)


def give_back(*, vouchers: Iterable[str]) -> int:
    """Give vouchers back whose order came to nothing, and return how many; those whose time has passed expire."""
    return rows.run(
        "UPDATE marketing_voucher SET used_at = NULL WHERE no = ANY(%s) AND used_at IS NOT NULL",
        [sorted(set(vouchers))],
    )


@transaction.atomic
def vouchers_to_tell(*, now: datetime, limit: int = 500) -> list[VoucherEnding]:
    """Return, once for each, unused vouchers that end within `VOUCHER_TOLD_BEFORE`, and mark them as told of; one that
    has ended, or was good for no longer than that to begin with, isn't told of."""
    found = rows.query(
        TELL,
        {"now": now, "until": now + VOUCHER_TOLD_BEFORE, "before": VOUCHER_TOLD_BEFORE, "limit": limit},
    )
    return sorted((VoucherEnding(*row) for row in found), key=lambda one: one.no)


def _tell_out(coupon: CouponShown, now: datetime) -> None:
    """Tell the shop, and whoever shows alliance coupons beside products, that the last one is taken."""
    shop = coupon.terms.merchant_id
    if shop is None:
        return
    facts = {"title": coupon.terms.name}
    messages.tell(party_id=shop, kind="coupon_out", facts=facts, object_=coupon.no, now=now)
    outbox.put(topic="coupon.changed", events=[(coupon.no, {"merchant_id": shop})], now=now)


def _check_targets(merchant_id: int | None, scope: CouponScope, targets: Sequence[int]) -> None:
    if scope is CouponScope.PRODUCT:
        owners = catalog.merchants_of(targets)
        if any(owners.get(product) != merchant_id for product in targets):
            raise NotFound
    if scope is CouponScope.CATEGORY:
        known = {node.category_id for node in catalog.categories()}
        if not known.issuperset(targets):
            raise NotFound


def _locked(merchant_id: int | None, no: str) -> CouponShown:
    rows.query(
        "SELECT id FROM marketing_coupon WHERE merchant_id IS NOT DISTINCT FROM %s AND no = %s FOR UPDATE",
        [merchant_id, no],
    )
    return queries.coupon_of(merchant_id=merchant_id, no=no)


def _again(coupon: CouponShown) -> CouponShown:
    return queries.coupon_of(merchant_id=coupon.terms.merchant_id, no=coupon.no)
