"""Addresses of the pages of this folder."""

from tuike.doors.console.freight import parcels, stock, templates
from tuike.doors.console.guard import page

urlpatterns = [
    page("merchant", "freight", "freight/", templates.page),
    page("merchant", "freight-new", "freight/new/", templates.new),
    page("merchant", "freight-row", "freight/row/", templates.row),
    page("merchant", "freight-regions", "freight/regions/", templates.regions),
    page("merchant", "freight-places", "freight/places/", templates.places),
    page("merchant", "freight-preview", "freight/preview/", templates.preview),
    page("merchant", "freight-edit", "freight/<str:no>/", templates.edit),
    page("merchant", "freight-default", "freight/<str:no>/default/", templates.default),
    page("merchant", "freight-delete", "freight/<str:no>/delete/", templates.delete),
    page("merchant", "stock", "stock/", stock.page),
    page("merchant", "stock-count", "stock/<str:no>/", stock.count),
    page("merchant", "ship-file", "shipping/", parcels.file),
    page("merchant", "ship-orders", "shipping/orders/", parcels.to_ship),
    page("merchant", "order-ship", "orders/<str:no>/ship/", parcels.ship),
    page("merchant", "order-parcel", "orders/<str:no>/parcels/<int:parcel>/", parcels.correct),
    page("merchant", "order-shipped", "orders/<str:no>/shipped/", parcels.end),
    page("merchant", "order-receive", "orders/<str:no>/receive/", parcels.receive),
    page("merchant", "order-address", "orders/<str:no>/address/", parcels.address),
]
