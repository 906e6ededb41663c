"""The API's addresses."""

from django.urls import path, re_path

from tuike.doors.storefront import api
from tuike.doors.web import described

urlpatterns = [
    path("api/docs/assets/<str:name>", described.asset, name="api-asset"),
    path("api/", api.api.urls),
    re_path(r"^api/(?P<rest>.*)$", api.missing, name="api-missing"),
]
