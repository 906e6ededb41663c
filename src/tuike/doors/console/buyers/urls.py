"""Addresses of this folder's pages."""

from django.urls import URLPattern

from tuike.doors.console.buyers import pages
from tuike.doors.console.guard import page, party_page

urlpatterns: list[URLPattern] = [
    *party_page("buyers", "buyers/", pages.page, kinds=("merchant", "operator")),
    page("operator", "buyers-count", "buyers/count", pages.count),
]
