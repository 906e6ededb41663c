"""The door's addresses."""

from django.urls import path, re_path

from tuike.doors.union import describe, door
from tuike.doors.union.registry import CALLS

app_name = "union"
urlpatterns = [
    *[path(call.path[1:], door.answering(call), name=call.name) for call in CALLS],
    path("union/openapi.json", describe.openapi, name="openapi"),
    re_path(r"^union/(?P<rest>.*)$", door.missing, name="missing"),
    re_path(r"^cgi-bin/(?P<rest>.*)$", door.missing, name="missing-cgi"),
]
