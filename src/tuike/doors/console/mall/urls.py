"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page
from tuike.doors.console.mall import functions

urlpatterns = [
    page("merchant", "functions", "functions/", functions.page),
    page("merchant", "function-switch", "functions/<str:function>/", functions.switch),
]
