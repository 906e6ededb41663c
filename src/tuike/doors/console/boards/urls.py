"""Addresses of the boards."""

from tuike.doors.console.boards import pages, rows
from tuike.doors.console.guard import PARTIES, party_page

urlpatterns = [
    *party_page("boards", "boards/", pages.page, kinds=PARTIES),
    *party_page("board-lines", "boards/lines/", rows.lines, kinds=PARTIES),
    *party_page("board-traffic", "boards/traffic/", rows.traffic, kinds=PARTIES),
]
