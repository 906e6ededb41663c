"""Where pictures are."""

from django.urls import re_path

from tuike.doors.media.views import picture

urlpatterns = [re_path(r"^media/(?P<name>[A-Za-z0-9_/-]+\.(?:webp|png|jpe?g))$", picture)]
