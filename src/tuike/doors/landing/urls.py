"""The landing page's address."""

from django.urls import path

from tuike.doors.landing import views

app_name = "landing"
urlpatterns = [path("l/<str:code>", views.land, name="page")]
