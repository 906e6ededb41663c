"""Addresses of this folder's pages."""

from django.urls import URLPattern

from tuike.doors.console.behaviour import pages
from tuike.doors.console.guard import page

urlpatterns: list[URLPattern] = [
    *(page(kind, "behaviour", "behaviour/", pages.page) for kind in ("operator", "merchant", "leader", "promoter")),
    *(
        page(kind, "behaviour-promoter", "behaviour/<slug:promoter_no>/", pages.of_promoter)
        for kind in ("operator", "merchant", "leader")
    ),
    *(
        page(kind, "behaviour-place", "behaviour/places/<slug:pid>/", pages.of_place)
        for kind in ("operator", "merchant", "leader", "promoter")
    ),
]
