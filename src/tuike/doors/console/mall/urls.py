"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page
from tuike.doors.console.mall import bargains, functions, red_packets

urlpatterns = [
    page("merchant", "functions", "functions/", functions.page),
    page("merchant", "function-switch", "functions/<str:function>/", functions.switch),
    page("merchant", "bargains", "bargains/", bargains.page),
    page("merchant", "bargain-new", "bargains/new/", bargains.new),
    page("merchant", "bargain", "bargains/<str:no>/", bargains.drawer),
    page("merchant", "bargain-stop", "bargains/<str:no>/stop/", bargains.stop),
    page("merchant", "red-packets", "red-packets/", red_packets.page),
    page("merchant", "red-packet-new", "red-packets/new/", red_packets.new),
    page("merchant", "red-packet", "red-packets/<str:no>/", red_packets.drawer),
]
