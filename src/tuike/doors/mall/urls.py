"""The mall's addresses: whatever is below `/m/` is a file of the build or a page of the app."""

from django.urls import path

from tuike.doors.mall import views

app_name = "mall"
urlpatterns = [path("m/", views.serve, name="home"), path("m/<path:name>", views.serve, name="page")]
