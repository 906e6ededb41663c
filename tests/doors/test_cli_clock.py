"""`tuike clock`: forwards, by steps or to an instant, never in production."""

import os
import subprocess
import sys
from datetime import datetime

import pytest

from tuike.kit import days


@pytest.fixture
def tuike(tmp_path):
    def run(*words, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TUIKE_", "DATABASE_"))}
        return subprocess.run(
            [sys.executable, "-P", "-m", "tuike.doors.cli.main", *words],
            env={**clean, "TUIKE_HOME": str(tmp_path), "TUIKE_LANG": "en", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def offset(tmp_path):
    path = tmp_path / "clock.offset"
    return lambda: int(path.read_text()) if path.exists() else 0


def test_steps_add_up(tuike, offset):
    assert "offset  +0d 00:00:00" in tuike("clock", "show").stdout
    done = tuike("clock", "set", "+27d")
    assert done.returncode == 0
    assert "offset  +27d 00:00:00" in done.stdout
    tuike("clock", "set", "+90m")
    assert offset() == 27 * 86_400 + 5_400


def test_an_instant_is_meant_in_shanghai(tuike):
    done = tuike("clock", "set", "2099-12-01T00:00")
    assert done.returncode == 0
    shown = next(line for line in done.stdout.splitlines() if line.startswith("product"))
    instant = datetime.fromisoformat(shown.removeprefix("product ").strip()).replace(tzinfo=days.SHANGHAI)
    wanted = datetime(2099, 12, 1, tzinfo=days.SHANGHAI)
    assert 0 <= (instant - wanted).total_seconds() + 1 <= 60


@pytest.mark.parametrize("words", [("set", "-1d"), ("set", "2000-01-01T00:00"), ("reset",)])
def test_going_back_must_be_said(tuike, offset, words):
    tuike("clock", "set", "+3d")
    before = offset()
    done = tuike("clock", *words)
    assert done.returncode == 6
    assert "clock_backwards" in done.stderr
    assert offset() == before
    assert tuike("clock", *words, "--back").returncode == 0
    assert offset() < before


@pytest.mark.parametrize("odd", ["tomorrow", "+27", "+1y", "27d", "2026-13-01"])
def test_what_cannot_be_read_changes_nothing(tuike, offset, odd):
    done = tuike("clock", "set", odd)
    assert done.returncode == 2
    assert offset() == 0


@pytest.mark.parametrize("words", [("show",), ("set", "+1d"), ("reset", "--back")])
def test_production_refuses(tuike, offset, words):
    done = tuike("clock", *words, TUIKE_ENV="production")
    assert done.returncode == 5
    assert "clock_in_production" in done.stderr
    assert offset() == 0
