"""The development clock: an offset in a file, zero where there is none."""

from datetime import timedelta
from pathlib import Path

import pytest

from tuike.kit import clock


@pytest.fixture
def file(tmp_path: Path):
    place = tmp_path / "clock.offset"
    former = clock._offset_file
    clock.configure(place)
    yield place
    clock.configure(former)


def test_who_moves_it_is_followed_at_once(file: Path):
    assert clock.offset_seconds() == 0
    for seconds in (27 * 86_400, 27 * 86_400 + 1, 5, 60):  # one right after the other, within one tick of the files'
        file.write_text(f"{seconds}\n")
        assert clock.offset_seconds() == seconds
        assert timedelta(seconds=seconds - 60) < clock.now() - clock.real_now() <= timedelta(seconds=seconds)
    file.unlink()
    assert clock.offset_seconds() == 0


def test_in_production_there_is_nothing_to_follow(file: Path):
    file.write_text("60\n")
    clock.configure(None)
    assert clock.offset_seconds() == 0
