"""The verbs of parties: opening, certification, seats, the recruiters' tree, credentials, accounts, standing."""

from tuike.parties.rules import MAX_ADMINS, ROLES
from tuike.parties.service.accounts import (
    account_for_payout,
    ask_to_bind,
    bind_bank_account,
    bind_scanned,
    check_account,
    open_account_details,
    open_accounts,
    verify_bank_account,
)
from tuike.parties.service.certification import (
    certified_facts,
    decide_certification,
    file_certification,
    look_at_certification,
)
from tuike.parties.service.credentials import ask_for_secret, hold_app, make_secret, secret_of
from tuike.parties.service.handing_over import ask_to_hand_over, hand_over
from tuike.parties.service.invitations import (
    accept_invitation,
    ask_to_join,
    decline_invitation,
    invite,
    seat_scanned,
    withdraw_invitation,
)
from tuike.parties.service.opening import open_leader, open_merchant, open_operator, open_promoter
from tuike.parties.service.promoters import admit_promoter, ban_promoter, retire_promoter
from tuike.parties.service.seats import add_seat, change_role, remove_seat, transfer_super_admin
from tuike.parties.service.standing import (
    close_alliance,
    note_prepaid,
    open_alliance,
    restore,
    set_appid,
    set_binding,
    suspend,
    switch_function,
)
from tuike.parties.service.tree import change_recruiter

__all__ = [
    "MAX_ADMINS",
    "ROLES",
    "accept_invitation",
    "account_for_payout",
    "add_seat",
    "admit_promoter",
    "ask_for_secret",
    "ask_to_bind",
    "ask_to_hand_over",
    "ask_to_join",
    "ban_promoter",
    "bind_bank_account",
    "bind_scanned",
    "certified_facts",
    "change_recruiter",
    "change_role",
    "check_account",
    "close_alliance",
    "decide_certification",
    "decline_invitation",
    "file_certification",
    "hand_over",
    "hold_app",
    "invite",
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
    "retire_promoter",
    "seat_scanned",
    "secret_of",
    "set_appid",
    "set_binding",
    "suspend",
    "switch_function",
    "transfer_super_admin",
    "verify_bank_account",
    "withdraw_invitation",
]
