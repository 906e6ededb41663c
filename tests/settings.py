"""The product's settings in a data home of the tests' own: a developer's secrets, clock and sandbox stay untouched."""

import os

from tests.database import test_home

os.environ["TUIKE_HOME"] = str(test_home().root)
os.environ.pop("TUIKE_CLOCK_FILE", None)

from tuike.config.settings import *  # noqa: F403 after the home is named
