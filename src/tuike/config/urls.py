"""The URL map: each door mounts itself."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tuike.doors.landing.urls")),
    path("", include("tuike.doors.console.urls")),
    path("", include("tuike.doors.front.urls")),
    path("", include("tuike.doors.hooks.urls")),
    path("", include("tuike.doors.mall.urls")),
    path("", include("tuike.doors.media.urls")),
    path("", include("tuike.doors.openapi.urls")),
    path("", include("tuike.doors.storefront.urls")),
    path("", include("tuike.doors.union.urls")),
]

handler404 = "tuike.doors.console.missing.page"
