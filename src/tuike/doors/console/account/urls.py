"""Addresses of the way in and of the person's own pages."""

from tuike.doors.console.account import (
    bell,
    devices,
    help,
    language,
    opening,
    profile,
    scan_address,
    seats,
    security,
    sign_in,
)
from tuike.doors.console.guard import PARTIES, page, party_page

urlpatterns = [
    page("open", "sign-in", "sign-in", sign_in.page),
    page("open", "sign-in-scan", "sign-in/scan", sign_in.scan),
    page("open", "sign-in-scan-state", "sign-in/scan/state", sign_in.scan_state),
    page("open", "sign-out", "sign-out", sign_in.leave),
    page("open", "language", "language", language.switch),
    page("open", "seats", "seats", seats.page),
    page("open", "seats-menu", "seats/menu", seats.menu),
    page("open", "scan-address", "scan/<str:ticket>", scan_address.page),
    page("account", "profile", "", profile.page),
    page("account", "security", "security/", security.page),
    page("account", "password", "security/password", security.password),
    page("account", "factor-start", "security/factor", security.start_factor),
    page("account", "factor-confirm", "security/factor/confirm", security.confirm_factor),
    page("account", "factor-remove", "security/factor/remove", security.remove_factor),
    page("account", "devices", "devices/", devices.page),
    page("account", "device-revoke", "devices/revoke", devices.revoke),
    page("account", "open-promoter", "open/promoter", opening.promoter),
    page("account", "open-merchant", "open/merchant", opening.merchant),
    page("account", "open-leader", "open/leader", opening.leader),
    *party_page("bell", "bell/", bell.page, kinds=PARTIES),
    *party_page("bell-menu", "bell/menu", bell.menu, kinds=PARTIES),
    *party_page("bell-seen", "bell/seen", bell.seen, kinds=PARTIES),
    *party_page("help", "help/", help.page, kinds=PARTIES),
]
