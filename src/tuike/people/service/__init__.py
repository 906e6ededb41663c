"""The verbs of people: who somebody is, the way in, sessions, scan challenges."""

from tuike.people.service.identities import (
    agree,
    bind_phone,
    erase_person,
    hold_person,
    rename,
    require_consent,
    require_phone,
    sign_in_by_wechat,
)
from tuike.people.service.scans import ask_scan, confirm_scan, decline_scan, scan, scan_state, use_scan
from tuike.people.service.sessions import (
    forget_old,
    open_session,
    person_of,
    renew_session,
    revoke_others,
    revoke_session,
    revoke_token,
)
from tuike.people.service.sign_in import (
    allow_scan,
    check_own_password,
    check_password_and_factor,
    check_second_factor,
    confirm_second_factor,
    remove_second_factor,
    set_password,
    start_second_factor,
)

__all__ = [
    "agree",
    "allow_scan",
    "ask_scan",
    "bind_phone",
    "check_own_password",
    "check_password_and_factor",
    "check_second_factor",
    "confirm_scan",
    "confirm_second_factor",
    "decline_scan",
    "erase_person",
    "forget_old",
    "hold_person",
    "open_session",
    "person_of",
    "remove_second_factor",
    "rename",
    "renew_session",
    "require_consent",
    "require_phone",
    "revoke_others",
    "revoke_session",
    "revoke_token",
    "scan",
    "scan_state",
    "set_password",
    "sign_in_by_wechat",
    "start_second_factor",
    "use_scan",
]
