"""The ASGI application that granian serves beside the web: the streams of the live boards, and nothing else."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuike.config.settings")
django.setup()

from tuike.doors.console.live.stream import Streams  # noqa: E402 models can be loaded only now
from tuike.runtime import garbage  # noqa: E402

application = Streams()
garbage.settle()
