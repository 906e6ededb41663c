"""Addresses of the promoter's pages."""

from django.urls import URLPattern

from tuike.doors.console.guard import page
from tuike.doors.console.promoter import home, library, material, orders, places, selection, sharing

urlpatterns: list[URLPattern] = [
    page("promoter", "home", "", home.page),
    page("promoter", "places", "places/", places.page),
    page("promoter", "place-add", "places/add", places.add),
    page("promoter", "place-rename", "places/<slug:pid>/rename", places.rename),
    page("promoter", "place-delete", "places/<slug:pid>/delete", places.delete),
    page("promoter", "orders", "orders/", orders.page),
    page("promoter", "order", "orders/<int:accrual_id>", orders.explanation),
    page("promoter", "why-not", "orders/why-not", orders.why),
    page("promoter", "library", "library/", library.page),
    page("promoter", "library-rules", "library/rules/<slug:source>/", library.rules),
    page("promoter", "selection", "library/set/", selection.page),
    page("promoter", "selection-clear", "library/set/clear", selection.clear),
    page("promoter", "selection-pack", "library/set/pack", selection.pack),
    page("promoter", "library-product", "library/<slug:product_no>/", library.product),
    page("promoter", "library-choose", "library/<slug:product_no>/choose", selection.change),
    page("promoter", "library-promote", "library/<slug:product_no>/promote", material.promote),
    page("promoter", "material", "material/<slug:code>/", material.show),
    page("promoter", "material-wording", "material/<slug:code>/wording", material.wording),
    page("promoter", "material-share", "material/<slug:code>/share", sharing.share),
    page("promoter", "material-poster", "material/<slug:code>/poster", material.poster),
    page("promoter", "material-code", "material/<slug:code>/code", material.code_image),
]
