"""Rows of what every console has: the way in, what belongs to the person, and the pages of any party."""

from tuike.doors.console.access.seats import ADMINS, ANY_SEAT, ANYBODY, CERTIFIED, MONEY, READERS, SIGNED_IN, SUPER, Row

ROWS: dict[str, Row] = {
    # the way in, and what belongs to the person
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
    # around every page of a party
    **{f"{kind}-bell": {"GET": ANY_SEAT} for kind in CERTIFIED},
    **{f"{kind}-bell-menu": {"GET": ANY_SEAT} for kind in CERTIFIED},
    **{f"{kind}-bell-seen": {"POST": ANY_SEAT} for kind in CERTIFIED},
    **{f"{kind}-help": {"GET": ANY_SEAT} for kind in CERTIFIED},
    # parties: certification, seats, money, account
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
    # the explorer of accruals
    **{
        f"{kind}-{name}": row
        for kind, seats in (("promoter", ANY_SEAT), ("merchant", ANY_SEAT), ("leader", MONEY), ("operator", READERS))
        for name, row in {
            "explorer": {"GET": seats},
            "explorer-row": {"GET": seats},
            "explorer-columns": {"GET": seats, "POST": seats},
            "explorer-views": {"GET": seats},
            "explorer-view-save": {"GET": seats, "POST": seats},
            "explorer-view": {"POST": seats},
        }.items()
    },
    # coupons, targeted plans, finding promoters
    "join": {"GET": SIGNED_IN},
    "activity-shared": {"GET": SIGNED_IN},
}
