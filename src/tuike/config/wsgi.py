"""The WSGI application that granian serves: the short link's door, and Django for everything else."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuike.config.settings")

django = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 models can be loaded only now

from tuike.doors.go.app import beside  # noqa: E402
from tuike.doors.web.calls import calls  # noqa: E402
from tuike.runtime import garbage  # noqa: E402

get_resolver().check()  # loads every door's pages: else the first visitor would wait for it
application = beside(django)
calls.begin()
garbage.settle()
