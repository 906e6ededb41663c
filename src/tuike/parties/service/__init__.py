"""The verbs of parties: opening, certification, seats, the recruiters' tree, credentials, accounts, standing."""

from tuike.parties.service.accounts import (
    account_for_payout,
    bind_bank_account,
    open_account_details,
    open_accounts,
    verify_bank_account,
)
from tuike.parties.service.certification import decide_certification, file_certification, look_at_certification
from tuike.parties.service.credentials import ask_for_secret, make_secret, secret_of
from tuike.parties.service.opening import open_leader, open_merchant, open_operator, open_promoter
from tuike.parties.service.seats import add_seat, change_role, remove_seat, transfer_super_admin
from tuike.parties.service.standing import (
    close_alliance,
    note_prepaid,
    open_alliance,
    restore,
    set_binding,
    suspend,
)
from tuike.parties.service.tree import change_recruiter

__all__ = [
    "account_for_payout",
    "add_seat",
    "ask_for_secret",
    "bind_bank_account",
    "change_recruiter",
    "change_role",
    "close_alliance",
    "decide_certification",
    "file_certification",
    "look_at_certification",
    "make_secret",
    "note_prepaid",
    "open_account_details",
    "open_accounts",
    "open_alliance",
    "open_leader",
    "open_merchant",
    "open_operator",
    "open_promoter",
    "remove_seat",
    "restore",
    "secret_of",
    "set_binding",
    "suspend",
    "transfer_super_admin",
    "verify_bank_account",
]
