"""Addresses of the pages of this folder."""

from django.urls import URLPattern

from tuike.doors.console.guard import party_page
from tuike.doors.console.party import exports

EVERY = ("promoter", "merchant", "operator")

urlpatterns: list[URLPattern] = [
    *party_page("exports", "exports/", exports.page, kinds=EVERY),
    *party_page("exports-start", "exports/start", exports.start, kinds=EVERY),
    *party_page("exports-state", "exports/<str:no>/state", exports.state, kinds=EVERY),
    *party_page("exports-file", "exports/<str:no>/file", exports.file, kinds=EVERY),
]
