"""Addresses of this folder's pages."""

from tuike.doors.console.guard import page
from tuike.doors.console.leader import home

urlpatterns = [
    page("leader", "home", "", home.page),
]
