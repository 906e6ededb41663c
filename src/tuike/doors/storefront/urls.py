"""The API's addresses."""

from django.urls import path, re_path

from tuike.doors.storefront import api

urlpatterns = [
    path("api/docs/assets/<str:name>", api.asset, name="api-asset"),
    path("api/", api.api.urls),
    re_path(r"^api/(?P<rest>.*)$", api.missing, name="api-missing"),
]
