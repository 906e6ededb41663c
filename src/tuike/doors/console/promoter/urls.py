"""Addresses of the promoter's pages."""

from django.urls import URLPattern

from tuike.doors.console.guard import page
from tuike.doors.console.promoter import orders, places

urlpatterns: list[URLPattern] = [
    page("promoter", "places", "places/", places.page),
    page("promoter", "place-add", "places/add", places.add),
    page("promoter", "place-rename", "places/<slug:pid>/rename", places.rename),
    page("promoter", "place-delete", "places/<slug:pid>/delete", places.delete),
    page("promoter", "orders", "orders/", orders.page),
    page("promoter", "order", "orders/<int:accrual_id>", orders.explanation),
    page("promoter", "why-not", "orders/why-not", orders.why),
]
