"""Addresses of the live boards."""

from tuike.doors.console.guard import PARTIES, party_page
from tuike.doors.console.live import pages

urlpatterns = [
    *party_page("live", "live/", pages.page, kinds=PARTIES),
    *party_page("live-wall", "live/wall", pages.wall, kinds=PARTIES),
    *party_page("live-data", "live/data", pages.data, kinds=PARTIES),
]
