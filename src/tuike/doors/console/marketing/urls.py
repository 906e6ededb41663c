"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page
from tuike.doors.console.marketing import coupons, picking

urlpatterns = [
    page("merchant", "pick", "pick/", picking.pick),
    page("merchant", "coupons", "coupons/", coupons.page),
    page("merchant", "coupon-new", "coupons/new/", coupons.new),
    page("merchant", "coupon", "coupons/<str:no>/", coupons.drawer),
    page("merchant", "coupon-stock", "coupons/<str:no>/stock/", coupons.stock),
    page("merchant", "coupon-stop", "coupons/<str:no>/stop/", coupons.stop),
]
