"""Which pages of the consoles are measured: those of a party alone, and those of one object, taken out of the data."""

from collections.abc import Iterator

SUMMED = ("orders", "promoted", "products", "accruals", "withdrawals", "audit", "parties", "accounts", "held", "ledger",
          "certifications", "cases", "adjustments", "refunds", "places", "promoters", "entries", "accounts-of", "by-hand",
          "campaigns", "coupons", "targeted", "requests", "directory", "opportunities", "cooperations", "mains",
          "disputes", "explorer", "members", "bargains", "red-packets", "points-goods", "stock", "sendings")  # fmt: skip
"""Lists: their sums and counts are measured, too."""

SHOP_ORDER = "SELECT l.order_no FROM attribution_claim l WHERE merchant_id = {party} AND promoter_id > 0 ORDER BY id DESC LIMIT 1"
SHOP_PRODUCT = "SELECT no FROM catalog_product WHERE merchant_id = {party} ORDER BY id DESC LIMIT 1"
LIBRARY_PRODUCT = (
    "SELECT p.no FROM library_item i JOIN catalog_product p ON p.id = i.product_id ORDER BY i.id DESC LIMIT 1"
)
LINK = "SELECT code FROM attribution_link WHERE promoter_id = {party} ORDER BY id LIMIT 1"
PLACE = "SELECT pid FROM attribution_place WHERE promoter_id = {party} ORDER BY id LIMIT 1"
SEATED = (
    "SELECT u.no FROM parties_seat s JOIN people_person u ON u.id = s.person_id WHERE s.party_id = {party}"
    " AND s.role <> 'super_admin' LIMIT 1"
)
OWN_WITHDRAWAL = "SELECT no FROM settlement_withdrawal WHERE party_id = {party} ORDER BY id DESC LIMIT 1"
ASKED = "SELECT no FROM settlement_withdrawal WHERE state = 'requested' ORDER BY id DESC LIMIT 1"
FILED = "SELECT no FROM parties_certification WHERE state = 'filed' ORDER BY id LIMIT 1"
BY_HAND = "SELECT id FROM settlement_hand_booking ORDER BY id LIMIT 1"
PROMOTER = "SELECT no FROM parties_party WHERE name = '大推客'"
CATEGORY = "SELECT id FROM catalog_category ORDER BY id LIMIT 1"
MONTH = "SELECT to_char(month, 'YYYY-MM') FROM settlement_statement ORDER BY month DESC LIMIT 1"
CASE = "SELECT no FROM risk_case WHERE closed_at IS NULL ORDER BY id LIMIT 1"
ADJUSTMENT = "SELECT no FROM commission_adjustment WHERE state = 'asked' ORDER BY id LIMIT 1"
PLAN = "SELECT no FROM plans_targeted WHERE merchant_id = {party} ORDER BY id LIMIT 1"
REQUEST = "SELECT no FROM matching_request WHERE merchant_id = {party} ORDER BY id LIMIT 1"
COUPON = "SELECT no FROM marketing_coupon WHERE merchant_id = {party} ORDER BY id LIMIT 1"
ACCOUNT = "SELECT id FROM parties_bank_account WHERE verified_at IS NULL ORDER BY id LIMIT 1"
MEMBER = "SELECT person_id FROM members_purchase WHERE merchant_id = {party} ORDER BY id LIMIT 1"
SEGMENT = "SELECT no FROM members_segment WHERE merchant_id = {party} ORDER BY id LIMIT 1"
POINTS_GOOD = "SELECT no FROM marketing_points_good WHERE merchant_id = {party} ORDER BY id LIMIT 1"
REVIEW = "SELECT no FROM content_review WHERE merchant_id = {party} ORDER BY id LIMIT 1"
BLOCK = "SELECT 0 FROM content_page LIMIT 1"
PLATFORM_COUPON = "SELECT no FROM marketing_coupon WHERE merchant_id IS NULL ORDER BY id LIMIT 1"
DISPUTE = "SELECT no FROM orders_after_sale WHERE state = 'disputed' ORDER BY id LIMIT 1"
LEVEL = "SELECT growth_needed FROM members_level ORDER BY 1 LIMIT 1"
SETTING = "SELECT 'settle_days.mini_store'"

ONE = {
    "promoter-explorer-row": "SELECT id FROM commission_accrual WHERE payee_id = {party} AND state = 'settled' LIMIT 1",
    "merchant-explorer-row": "SELECT id FROM commission_accrual WHERE merchant_id = {party} LIMIT 1",
    "operator-explorer-row": "SELECT id FROM commission_accrual ORDER BY id DESC LIMIT 1",
    "promoter-place-rename": PLACE,
    "promoter-place-delete": PLACE,
    "promoter-order": "SELECT id FROM commission_accrual WHERE payee_kind = 'promoter' AND payee_id = {party} LIMIT 1",
    "promoter-library-rules": "SELECT 'mini_store'",
    "promoter-library-product": LIBRARY_PRODUCT,
    "promoter-library-promote": LIBRARY_PRODUCT,
    "promoter-material": LINK,
    "promoter-administrator-role": SEATED,
    "promoter-withdrawal": OWN_WITHDRAWAL,
    "promoter-statement-pdf": MONTH,
    "promoter-statement-csv": MONTH,
    "promoter-opportunity": "SELECT no FROM matching_request ORDER BY id DESC LIMIT 1",
    "promoter-cooperation": "SELECT no FROM plans_targeted ORDER BY id LIMIT 1",
    "merchant-product": SHOP_PRODUCT,
    "merchant-product-edit": SHOP_PRODUCT,
    "merchant-campaign": "SELECT no FROM plans_campaign WHERE merchant_id = {party} ORDER BY id LIMIT 1",
    "merchant-order": SHOP_ORDER,
    "merchant-order-explained": SHOP_ORDER,
    "merchant-promoter": PROMOTER,
    "merchant-administrator-role": SEATED,
    "merchant-withdrawal": OWN_WITHDRAWAL,
    "merchant-statement-pdf": MONTH,
    "merchant-statement-csv": MONTH,
    "merchant-coupon": COUPON,
    "merchant-coupon-stock": COUPON,
    "merchant-bargain": "SELECT no FROM marketing_bargain_offer WHERE merchant_id = {party} ORDER BY id LIMIT 1",
    "merchant-red-packet": "SELECT no FROM marketing_packet WHERE merchant_id = {party} ORDER BY id LIMIT 1",
    "merchant-freight-edit": "SELECT no FROM freight_template WHERE merchant_id = {party} ORDER BY id LIMIT 1",
    "merchant-stock-count": SHOP_PRODUCT,
    "merchant-points-good": POINTS_GOOD,
    "merchant-points-good-stop": POINTS_GOOD,
    **{f"merchant-member{act}": MEMBER for act in ("", "-phone", "-tag", "-untag")},
    **{f"merchant-segment-{act}": SEGMENT for act in ("edit", "remove")},
    "merchant-tag-remove": "SELECT no FROM members_tag WHERE merchant_id = {party} ORDER BY id LIMIT 1",
    **{f"merchant-review-{act}": REVIEW for act in ("answer", "hide")},
    "merchant-mall-page-block": BLOCK,
    "merchant-targeted-plan": PLAN,
    "merchant-targeted-edit": PLAN,
    "merchant-plan-decide": PLAN,
    "merchant-plan-invite": PLAN,
    "merchant-plan-remove": PLAN,
    "merchant-request": REQUEST,
    "merchant-directory-card": "SELECT promoter_id FROM matching_card ORDER BY promoter_id LIMIT 1",
    "operator-certification": FILED,
    "operator-certification-pass": FILED,
    "operator-certification-reject": FILED,
    "operator-account": ACCOUNT,
    "operator-account-verify": ACCOUNT,
    "operator-withdrawal": ASKED,
    "operator-withdrawal-approve": ASKED,
    "operator-withdrawal-reject": ASKED,
    "operator-by-hand-ask": "SELECT no FROM settlement_withdrawal WHERE state = 'sending' ORDER BY id DESC LIMIT 1",
    "operator-by-hand-one": BY_HAND,
    "operator-by-hand-approve": BY_HAND,
    "operator-by-hand-reject": BY_HAND,
    "operator-payouts-outcomes": "SELECT batch_file_no FROM settlement_withdrawal WHERE state = 'sending' LIMIT 1",
    "operator-accrual": "SELECT id FROM commission_accrual WHERE review = 'held' ORDER BY id LIMIT 1",
    "operator-coupon": PLATFORM_COUPON,
    "operator-coupon-stock": PLATFORM_COUPON,
    "operator-dispute": DISPUTE,
    "operator-dispute-decide": DISPUTE.replace("no FROM", "no, 'refund' FROM"),
    **{f"operator-level-{act}": LEVEL for act in ("change", "remove")},
    "operator-mall-page-block": BLOCK,
    "operator-moderation-decide": "SELECT 'reviews'",
    "operator-wechat-template": "SELECT 'order_shipped'",
    "operator-case": CASE,
    "operator-case-close": CASE,
    "operator-adjustment": ADJUSTMENT,
    "operator-adjustment-approve": ADJUSTMENT,
    "operator-adjustment-reject": ADJUSTMENT,
    "operator-category-change": CATEGORY,
    "operator-benchmark": "SELECT id, 'individual' FROM catalog_category ORDER BY id LIMIT 1",
    "operator-setting-change": SETTING,
    "operator-setting-history": SETTING,
    "operator-party": PROMOTER,
    "operator-party-suspend": PROMOTER,
    "operator-act": "SELECT id FROM audit_act ORDER BY id DESC LIMIT 1",
    "operator-accounts-of": "SELECT 'promoter', 'available', 'CNY'",
    "operator-entries": "SELECT id FROM ledger_account WHERE path = 'outside:bank'",
    "operator-transfer": "SELECT id FROM ledger_entry ORDER BY id DESC LIMIT 1",
}

_SLICES = tuple(
    f"{slice_}{part}"
    for slice_ in (
        "state=settled",
        "role=direct&paid_at_from=2026-11-01&paid_at_to=2026-11-03",
        "paid_at_from=2026-10-01&paid_at_to=2026-10-31",
        "review=held",
        "amount_min=20",
        "order_no={order}",
        "by=role",
        "by=product",
        "by=paid_at_day&by=state",
    )
    for part in ("", "&part=totals")
)
ASKED_OF = {
    **{f"{kind}-explorer": _SLICES for kind in ("promoter", "merchant", "operator")},
    "promoter-orders": ("state=settled", "sort=-final"),
    "promoter-library": ("q=盖碗", "sort=sales"),
    "promoter-why-not": ("q={order}",),
    "promoter-funds": ("part=coming",),
    "merchant-products": ("promotion=no", "promotion=excluded", "sort=price"),
    "merchant-orders": ("state=closed", "promoted=no"),
    "merchant-promoted": ("state=closed", "state=waiting", "state=nobody"),
    "merchant-promoters": ("span=3650",),
    "operator-withdrawals": ("state=requested", "state=cancelled", "sort=-amount"),
    "operator-books": ("part=balance",),
    "operator-audit": ("noun=withdrawal", "noun=seat"),
    "operator-parties": ("q=推客199",),
    "operator-explain": ("q={order}",),
}
"""Questions beside the first page of a list."""


def addresses(kind: str, party_id: int, no: str) -> Iterator[tuple[str, str]]:
    """Yield name and address of each page of a console, with an object of the data where it needs one."""
    from django.urls import NoReverseMatch, reverse

    from tuike.db import rows
    from tuike.doors.console.access import ACCESS

    own = "WHERE promoter_id = %s" if kind == "promoter" else "WHERE promoter_id IS DISTINCT FROM %s"
    [(order,)] = rows.query(f"SELECT order_no FROM attribution_claim {own} ORDER BY made_at DESC LIMIT 1", [party_id])
    for name, row in sorted(ACCESS.items()):
        if not name.startswith(f"{kind}-") or "GET" not in row:
            continue
        try:
            found = rows.query(ONE[name].format(party=party_id), []) if name in ONE else [()]
            url = reverse(f"console:{name}", args=[no, *found[0]])
        except (NoReverseMatch, IndexError):  # it is about an object that there isn't
            continue
        yield name, url
        if name.removeprefix(f"{kind}-") in SUMMED:
            yield f"{name} (sums)", f"{url}?part=totals"
            yield f"{name} (q=OB77)", f"{url}?q=OB77"
        for asked in ASKED_OF.get(name, ()):
            yield f"{name} ({asked.format(order='…')})", f"{url}?{asked.format(order=order)}"
