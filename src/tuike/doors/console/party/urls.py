"""Addresses of the pages of this folder."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
