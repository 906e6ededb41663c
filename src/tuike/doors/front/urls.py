"""The first page's address."""

from django.urls import path

from tuike.doors.front import views

urlpatterns = [path("", views.front, name="front")]
