"""Addresses of the way in and of the person's own pages."""

from tuike.doors.console.account import language, seats, sign_in
from tuike.doors.console.guard import page

urlpatterns = [
    page("open", "sign-in", "sign-in", sign_in.page),
    page("open", "sign-in-scan", "sign-in/scan", sign_in.scan),
    page("open", "sign-in-scan-state", "sign-in/scan/state", sign_in.scan_state),
    page("open", "sign-out", "sign-out", sign_in.leave),
    page("open", "language", "language", language.switch),
    page("open", "seats", "seats", seats.page),
    page("open", "seats-menu", "seats/menu", seats.menu),
]
