"""Who may do what in the consoles: the one table. What has no row here is refused.

Roles are those of docs/rules.md §1. A row is the route's name without `console:` and says for each method which seats
may use it. Foreign objects look absent (404); the own party without the role is a 403 that says which role is needed;
nobody signed in leads to the sign-in.
"""

from tuike.parties.types import Role

ANYBODY: frozenset[str] = frozenset({"anybody"})
"""Signed in or not."""
SIGNED_IN: frozenset[str] = frozenset({"signed_in"})
"""Signed in, whatever the seat: pages that belong to the person, not to a party."""

SUPER = frozenset({Role.SUPER_ADMIN})
ADMINS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
PRODUCTS = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.PRODUCT_MANAGER})
MONEY = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE})
SENDERS = frozenset({Role.SUPER_ADMIN, Role.FINANCE})
"""Seats of a shop that give its money away."""
ANY_SEAT = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.PRODUCT_MANAGER, Role.FINANCE})
"""Every seat of a merchant, promoter or leader."""

OPERATORS = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR})
FINANCE = frozenset({Role.FINANCE})
READERS = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR})
"""Every seat of the operator."""
DESK = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR, Role.FINANCE})
"""Every seat of the operator that does something: auditors only read."""

CERTIFIED = ("promoter", "merchant", "leader")
"""Kinds of party that prove who they are, and have pages for it, for their seats, money and account."""

Row = dict[str, frozenset[Role] | frozenset[str]]

ACCESS: dict[str, Row] = {
    # ------------------------------------------------------------------ the way in, and what belongs to the person
    "sign-in": {"GET": ANYBODY, "POST": ANYBODY},
    "sign-in-scan": {"POST": ANYBODY},
    "sign-in-scan-state": {"POST": ANYBODY},
    "sign-out": {"POST": SIGNED_IN},
    "language": {"POST": ANYBODY},
    "seats": {"GET": SIGNED_IN},
    "seats-menu": {"GET": SIGNED_IN},
    "scan-address": {"GET": ANYBODY},
    "account-profile": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account-security": {"GET": SIGNED_IN},
    "account-password": {"POST": SIGNED_IN},
    "account-factor-start": {"POST": SIGNED_IN},
    "account-factor-confirm": {"POST": SIGNED_IN},
    "account-factor-remove": {"POST": SIGNED_IN},
    "account-devices": {"GET": SIGNED_IN},
    "account-device-revoke": {"POST": SIGNED_IN},
    "account-open-promoter": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account-open-merchant": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account-open-leader": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    # ------------------------------------------------------------------ around every page of a party
    **{f"{kind}-bell": {"GET": ANY_SEAT} for kind in CERTIFIED},
    **{f"{kind}-bell-menu": {"GET": ANY_SEAT} for kind in CERTIFIED},
    **{f"{kind}-bell-seen": {"POST": ANY_SEAT} for kind in CERTIFIED},
    **{f"{kind}-help": {"GET": ANY_SEAT} for kind in CERTIFIED},
    "operator-bell": {"GET": READERS},
    "operator-bell-menu": {"GET": READERS},
    "operator-bell-seen": {"POST": READERS},
    "operator-help": {"GET": READERS},
    # ------------------------------------------------------------------ promoter: places, orders
    "promoter-places": {"GET": ANY_SEAT},
    "promoter-place-add": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-place-rename": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-place-delete": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-orders": {"GET": ANY_SEAT},
    "promoter-order": {"GET": ANY_SEAT},
    "promoter-why-not": {"GET": ANY_SEAT},
    # ------------------------------------------------------------------ promoter: product library, material
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
    # ------------------------------------------------------------------ operator: curated list
    "operator-library-curated": {"GET": READERS},
    "operator-library-curated-add": {"GET": OPERATORS, "POST": OPERATORS},
    **{f"operator-library-curated-{act}": {"POST": OPERATORS} for act in ("remove", "move")},
    # ------------------------------------------------------------------ parties: certification, seats, money, account
    "account-invitations": {"GET": SIGNED_IN},
    "account-invitation-accept": {"POST": SIGNED_IN},
    "account-invitation-decline": {"POST": SIGNED_IN},
    **{
        f"{kind}-{name}": row
        for kind, seats in (*((kind, ANY_SEAT) for kind in CERTIFIED), ("operator", READERS))
        for name, row in {
            "administrators": {"GET": seats},
            "administrator-invite": {"GET": SUPER, "POST": SUPER},
            "invitation-withdraw": {"POST": SUPER},
            "administrator-scan": {"GET": SUPER, "POST": SUPER},
            "administrator-scan-state": {"POST": SUPER},
            "administrator-role": {"GET": SUPER, "POST": SUPER},
            "administrator-remove": {"POST": SUPER},
            "hand-over": {"GET": SUPER, "POST": SUPER},
            "hand-over-state": {"POST": SUPER},
        }.items()
    },
    **{
        f"{kind}-{name}": row
        for kind in CERTIFIED
        for name, row in {
            "certification": {"GET": ANY_SEAT, "POST": SUPER},
            "certification-documents": {"POST": SUPER},
            "certification-document-remove": {"POST": SUPER},
            "certification-picture": {"GET": SUPER},
            "funds": {"GET": MONEY},
            "ledger": {"GET": MONEY},
            "withdrawals": {"GET": MONEY},
            "withdrawal": {"GET": MONEY},
            "withdraw": {"GET": MONEY, "POST": MONEY},
            "withdrawal-cancel": {"POST": MONEY},
            "statements": {"GET": MONEY},
            "statement-pdf": {"GET": MONEY},
            "statement-csv": {"GET": MONEY},
            "bank": {"GET": SUPER, "POST": SUPER},
            "bank-state": {"POST": SUPER},
            "account": {"GET": ANY_SEAT},
            "notices": {"POST": ANY_SEAT},
            "secret": {"GET": SUPER, "POST": SUPER},
            "secret-state": {"POST": SUPER},
            "exports": {"GET": ANY_SEAT},
            "exports-start": {"POST": ANY_SEAT},
            "exports-state": {"GET": ANY_SEAT},
            "exports-file": {"GET": ANY_SEAT},
            "credentials": {"GET": ADMINS},
            "token-add": {"GET": ADMINS, "POST": ADMINS},
            "token": {"GET": ADMINS},
            "token-revoke": {"POST": ADMINS},
            "calls": {"GET": ADMINS},
            "call": {"GET": ADMINS},
            "limits": {"GET": ADMINS},
            "webhooks": {"GET": ADMINS},
            "webhook": {"GET": ADMINS},
            "webhook-add": {"GET": ADMINS, "POST": ADMINS},
            "webhook-edit": {"GET": ADMINS, "POST": ADMINS},
            "webhook-switch": {"POST": ADMINS},
            "webhook-rotate": {"GET": ADMINS, "POST": ADMINS},
            "webhook-test": {"POST": ADMINS},
            "webhook-delete": {"GET": ADMINS, "POST": ADMINS},
            "webhook-deliveries": {"GET": ADMINS},
            "webhook-delivery": {"GET": ADMINS},
            "webhook-redeliver": {"POST": ADMINS},
            "webhook-redeliver-failed": {"GET": ADMINS, "POST": ADMINS},
        }.items()
    },
    # ------------------------------------------------------------------ merchant: alliance, products, rates, orders
    "merchant-products": {"GET": ANY_SEAT},
    "merchant-product": {"GET": ANY_SEAT},
    "merchant-product-new": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-product-edit": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-product-sku": {"GET": PRODUCTS},
    "merchant-product-picture": {"POST": PRODUCTS},
    "merchant-products-import": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-products-template": {"GET": PRODUCTS},
    "merchant-products-sell": {"POST": PRODUCTS},
    "merchant-products-unsell": {"POST": PRODUCTS},
    "merchant-products-exclude": {"POST": PRODUCTS},
    "merchant-products-include": {"POST": PRODUCTS},
    "merchant-alliance": {"GET": ANY_SEAT},
    "merchant-alliance-open": {"POST": SUPER},
    "merchant-alliance-close": {"POST": SUPER},
    "merchant-alliance-appid": {"GET": SUPER, "POST": SUPER},
    "merchant-prepaid": {"GET": ANY_SEAT},
    "merchant-prepaid-pay": {"POST": MONEY},
    "merchant-prepaid-paid": {"GET": MONEY},
    "merchant-rates": {"GET": ANY_SEAT},
    "merchant-rate-set": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-rate-history": {"GET": ANY_SEAT},
    "merchant-mains": {"GET": ANY_SEAT},
    "merchant-main-set": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-main-search": {"GET": PRODUCTS},
    "merchant-campaigns": {"GET": ANY_SEAT},
    "merchant-campaign-new": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-campaign": {"GET": ANY_SEAT},
    "merchant-campaign-stop": {"POST": PRODUCTS},
    "merchant-campaign-budget": {"POST": PRODUCTS},
    "merchant-functions": {"GET": ANY_SEAT},
    "merchant-function-switch": {"POST": ADMINS},
    "merchant-policy": {"GET": ANY_SEAT},
    "merchant-policy-tiers": {"POST": PRODUCTS},
    "merchant-policy-self": {"POST": PRODUCTS},
    "merchant-policy-binding": {"POST": SUPER},
    "merchant-orders": {"GET": ANY_SEAT},
    "merchant-promoted": {"GET": ANY_SEAT},
    "merchant-refunds": {"GET": ANY_SEAT},
    "merchant-reports": {"GET": ANY_SEAT},
    "merchant-ship-file": {"GET": ADMINS, "POST": ADMINS},
    "merchant-refund-approve": {"POST": MONEY},
    "merchant-refund-reject": {"POST": MONEY},
    "merchant-refund-receive": {"POST": MONEY},
    "merchant-refunds-agree": {"GET": MONEY, "POST": MONEY},
    "merchant-order": {"GET": ANY_SEAT},
    "merchant-order-ship": {"POST": ADMINS},
    "merchant-order-receive": {"POST": ADMINS},
    "merchant-ship-orders": {"POST": ADMINS},
    "merchant-order-parcel": {"POST": ADMINS},
    "merchant-order-shipped": {"POST": ADMINS},
    "merchant-order-address": {"POST": ADMINS},
    "merchant-freight": {"GET": ANY_SEAT},
    "merchant-freight-new": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-freight-row": {"GET": PRODUCTS},
    "merchant-freight-regions": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-freight-places": {"GET": ANY_SEAT},
    "merchant-freight-preview": {"POST": ANY_SEAT},
    "merchant-freight-edit": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-freight-default": {"POST": PRODUCTS},
    "merchant-freight-delete": {"POST": PRODUCTS},
    "merchant-stock": {"GET": ANY_SEAT},
    "merchant-stock-count": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-order-explained": {"GET": ANY_SEAT},
    "merchant-promoters": {"GET": ANY_SEAT},
    "merchant-promoter": {"GET": ANY_SEAT},
    "merchant-promoter-block": {"POST": ADMINS},
    "merchant-promoter-unblock": {"POST": ADMINS},
    "merchant-dues": {"GET": ANY_SEAT},
    # (merchant rows end)
    # ------------------------------------------------------------------ bargains, red packets
    "merchant-bargains": {"GET": ANY_SEAT},
    "merchant-bargain-new": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-bargain": {"GET": ANY_SEAT},
    "merchant-bargain-stop": {"POST": PRODUCTS},
    "merchant-red-packets": {"GET": ANY_SEAT},
    "merchant-red-packet-new": {"GET": SENDERS, "POST": SENDERS},
    "merchant-red-packet": {"GET": ANY_SEAT},
    # ------------------------------------------------------------------ members, goods for points
    **{
        f"merchant-{name}": {"GET": ANY_SEAT}
        for name in ("members", "member", "member-groups", "sendings", "points-goods", "points-good")
    },
    **{
        f"merchant-{name}": {"GET": PRODUCTS, "POST": PRODUCTS}
        for name in (
            *("member-tag", "member-untag", "tag-remove", "segment-new", "segment-remove", "sending-new"),
            *("points-good-new", "points-good-stop"),
        )
    },
    "merchant-member-phone": {"GET": ADMINS, "POST": ADMINS},
    # ------------------------------------------------------------------ coupons, targeted plans, finding promoters
    "merchant-pick": {"GET": PRODUCTS},
    **{f"merchant-mall-page{act}": {"GET": ANY_SEAT} for act in ("", "-preview")},
    **{f"merchant-mall-page-{act}": {"POST": PRODUCTS} for act in ("move", "remove", "publish")},
    **{f"merchant-mall-page-{act}": {"GET": PRODUCTS, "POST": PRODUCTS} for act in ("block", "describe")},
    **{f"merchant-review-{act}": {"GET": PRODUCTS, "POST": PRODUCTS} for act in ("answer", "hide")},
    "merchant-reviews": {"GET": ANY_SEAT},
    "merchant-coupons": {"GET": ANY_SEAT},
    "merchant-coupon-new": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-coupon": {"GET": ANY_SEAT},
    "merchant-coupon-stock": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-coupon-stop": {"POST": PRODUCTS},
    "merchant-targeted": {"GET": ANY_SEAT},
    "merchant-targeted-new": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-targeted-preview": {"POST": PRODUCTS},
    "merchant-targeted-plan": {"GET": ANY_SEAT},
    "merchant-targeted-edit": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-targeted-edit-preview": {"POST": PRODUCTS},
    "merchant-plan-decide": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-plan-invite": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-plan-remove": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-plan-stop": {"POST": PRODUCTS},
    "merchant-requests": {"GET": ANY_SEAT},
    "merchant-request-new": {"GET": PRODUCTS, "POST": PRODUCTS},
    "merchant-request": {"GET": ANY_SEAT},
    "merchant-request-close": {"POST": PRODUCTS},
    "merchant-directory": {"GET": PRODUCTS},
    "merchant-directory-card": {"GET": PRODUCTS},
    "merchant-directory-invite": {"POST": PRODUCTS},
    "promoter-opportunities": {"GET": ANY_SEAT},
    "promoter-opportunity": {"GET": ANY_SEAT},
    "promoter-opportunity-apply": {"POST": ANY_SEAT},
    "promoter-cooperations": {"GET": ANY_SEAT},
    "promoter-cooperation": {"GET": ANY_SEAT},
    "promoter-cooperation-answer": {"POST": ANY_SEAT},
    "promoter-join": {"GET": ANY_SEAT, "POST": ANY_SEAT},
    "promoter-card": {"GET": ANY_SEAT, "POST": ADMINS},
    "join": {"GET": SIGNED_IN},
    # (finding promoters ends)
    # ------------------------------------------------------------------ home
    "promoter-home": {"GET": ANY_SEAT},
    "merchant-home": {"GET": ANY_SEAT},
    "leader-home": {"GET": ANY_SEAT},
    "operator-home": {"GET": READERS},
    # ------------------------------------------------------------------ files of lists: each person their own
    "operator-exports": {"GET": READERS},
    "operator-exports-start": {"POST": READERS},
    "operator-exports-state": {"GET": READERS},
    "operator-exports-file": {"GET": READERS},
    # ------------------------------------------------------------------ the operator's desk
    "operator-certifications": {"GET": READERS},
    "operator-certification": {"GET": READERS},
    "operator-certification-look": {"POST": OPERATORS},
    "operator-certification-document": {"GET": OPERATORS},
    "operator-certification-pass": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-certification-reject": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-accounts": {"GET": READERS},
    "operator-account": {"GET": READERS},
    "operator-account-look": {"POST": OPERATORS},
    "operator-account-verify": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-withdrawals": {"GET": READERS},
    "operator-withdrawals-approve": {"POST": FINANCE},
    "operator-withdrawal": {"GET": READERS},
    "operator-withdrawal-approve": {"GET": FINANCE, "POST": FINANCE},
    "operator-withdrawal-reject": {"GET": FINANCE, "POST": FINANCE},
    "operator-by-hand": {"GET": READERS},
    "operator-by-hand-ask": {"GET": FINANCE, "POST": FINANCE},
    "operator-by-hand-one": {"GET": READERS},
    "operator-by-hand-approve": {"GET": FINANCE, "POST": FINANCE},
    "operator-by-hand-reject": {"GET": FINANCE, "POST": FINANCE},
    "operator-payouts": {"GET": READERS},
    "operator-payouts-make": {"POST": FINANCE},
    "operator-payouts-file": {"POST": FINANCE},
    "operator-payouts-outcomes": {"GET": FINANCE, "POST": FINANCE},
    "operator-held": {"GET": READERS},
    "operator-held-hold": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-held-release": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-held-reject": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-accrual": {"GET": READERS},
    **{f"operator-{one}": {"GET": READERS} for one in ("mall-page", "mall-page-preview", "moderation")},
    **{f"operator-mall-page-{act}": {"POST": OPERATORS} for act in ("move", "remove", "publish")},
    **{f"operator-{one}": {"GET": OPERATORS, "POST": OPERATORS} for one in ("mall-page-block", "moderation-decide")},
    "operator-words": {"GET": READERS, "POST": OPERATORS},
    "operator-cases": {"GET": READERS},
    "operator-case": {"GET": READERS},
    "operator-case-close": {"GET": DESK, "POST": DESK},
    "operator-disputes": {"GET": READERS},
    "operator-dispute": {"GET": READERS},
    "operator-dispute-decide": {"GET": DESK, "POST": DESK},
    "operator-adjustments": {"GET": READERS},
    "operator-adjustment-ask": {"GET": MONEY, "POST": MONEY},
    "operator-adjustment": {"GET": READERS},
    "operator-adjustment-approve": {"GET": MONEY, "POST": MONEY},
    "operator-adjustment-reject": {"GET": MONEY, "POST": MONEY},
    "operator-categories": {"GET": READERS},
    "operator-category-add": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-category-change": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-benchmark": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-members": {"GET": READERS},
    "operator-levels": {"GET": READERS},
    **{f"operator-level-{verb}": {"GET": OPERATORS, "POST": OPERATORS} for verb in ("add", "change", "remove")},
    "operator-coupons": {"GET": READERS},
    "operator-coupon-new": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-coupon": {"GET": READERS},
    "operator-coupon-stock": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-coupon-stop": {"POST": OPERATORS},
    "operator-grades": {"GET": READERS},
    "operator-grade-add": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-grade-put": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-grade-change": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-settings": {"GET": READERS},
    "operator-setting-change": {"GET": ADMINS, "POST": ADMINS},
    "operator-setting-history": {"GET": READERS},
    "operator-wechat": {"GET": ADMINS},
    "operator-wechat-change": {"GET": SUPER, "POST": SUPER},
    "operator-wechat-try": {"POST": SUPER},
    "operator-wechat-template": {"GET": ADMINS, "POST": ADMINS},
    "operator-parties": {"GET": READERS},
    "operator-party": {"GET": READERS},
    "operator-party-suspend": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-party-quota": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-party-restore": {"GET": OPERATORS, "POST": OPERATORS},
    "operator-party-look": {"POST": READERS},
    "operator-look-end": {"POST": READERS},
    "operator-audit": {"GET": READERS},
    "operator-audit-verify": {"POST": READERS},
    "operator-audit-chain": {"GET": READERS},
    "operator-act": {"GET": READERS},
    "operator-books": {"GET": READERS},
    "operator-accounts-of": {"GET": READERS},
    "operator-entries": {"GET": READERS},
    "operator-transfer": {"GET": READERS},
    "operator-explain": {"GET": READERS},
    "operator-checkups": {"GET": READERS},
    "operator-checkup-ask": {"POST": READERS},
    "operator-checkup-state": {"GET": READERS},
    "operator-checkup": {"GET": READERS},
}

OPEN_UNCERTIFIED: frozenset[str] = frozenset(
    f"{kind}-{name}"
    for kind in CERTIFIED
    for name in (
        *("certification", "certification-documents", "certification-document-remove", "certification-picture"),
        *("bell", "bell-menu", "bell-seen", "help"),
    )
)
"""Routes of a party that are open before its certification has passed: its pages and help (docs/rules.md §1)."""

NOT_LOOKED_AT: frozenset[str] = frozenset(f"{kind}-certification-picture" for kind in CERTIFIED)
"""Routes that an operator who looks at a party read-only doesn't see."""
