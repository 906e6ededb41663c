"""The API's addresses."""

from django.urls import include, path

from tuike.doors.openapi import api

urlpatterns = [path("api/v1/", include((api.addresses(), "openapi"), namespace="openapi"))]
