"""The one browser of a test process: Playwright runs a single loop in a process, so everybody shares it."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MARKS = (
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium here: apt-get install chromium (make test does it where it may)"
    ),
)
"""What every test in a browser carries; one worker of pytest-xdist runs them all, so that one browser is started."""
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@contextlib.contextmanager
def running() -> Iterator["Browser"]:
    """Run Chromium without a window until the block ends; each test makes a context of its own and closes it."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in the tests' thread, beside Django's connection, which nobody awaits.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS), headless=True)
        yield started
        started.close()
