"""`tuike open-data`: written, checked, and what it says when something is wrong."""

import shutil

import pytest
from typer.testing import CliRunner

from tests.make import alliance as make
from tests.make.alliance import NOON
from tests.waiting import until
from tuike.doors.cli.main import app
from tuike.insight.open_data import lake, parquet
from tuike.open_data import queries
from tuike.open_data.types import Problem

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def tuike(monkeypatch, tmp_path, settings):
    """Run the command line in this process, on this test's database and a folder of its own."""
    settings.OPEN_DATA_ROOT = str(tmp_path / "open_data")
    for name, value in (("TUIKE_LANG", "en"), ("TUIKE_PROCESS", "test"), ("TUIKE_LOG_LEVEL", "WARNING")):
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(app, ["open-data", *words])


def test_written_checked_and_only_what_changed_again(tuike, tmp_path):
    assert tuike("check").exit_code == 1
    one = make.alliance()
    make.touch(one)
    make.bought(one, now=NOON)
    done = tuike("write")
    assert done.exit_code == 0, done.output
    assert str(tmp_path / "open_data" / "editions" / "000001") in done.stdout
    files = queries.latest()[0].outcome.files
    assert files and f"{files:,} files" in tuike("check").stdout
    # What another database of the server had open meanwhile may have changed a row: written once more, then.
    until(lambda: "0 changed since" in tuike("check").stdout or not tuike("write"), what="nothing changed since")
    make.bought(one, now=NOON)
    checked = tuike("check")
    assert checked.exit_code == 0 and "0 changed since" not in checked.stdout
    assert tuike("write").exit_code == 0
    assert 0 < queries.latest()[0].outcome.files < files
    assert tuike("write", "--all").exit_code == 0
    assert queries.latest()[0].outcome.files == files
    next((tmp_path / "open_data" / "current" / "sales").glob("*/*.parquet")).unlink()
    broken = tuike("check")
    assert broken.exit_code == 1 and "sales 2026-03-02" in broken.stdout


def test_a_full_disk_and_another_writer_are_said(tuike, tmp_path, monkeypatch):
    make.alliance()
    with monkeypatch.context() as full:
        full.setattr(parquet, "RESERVE", shutil.disk_usage(tmp_path).total * 2)
        failed = tuike("write")
    assert failed.exit_code == 1 and "of the disk are free" in failed.output
    assert queries.latest()[0].problem is Problem.DISK_FULL
    with lake.alone(tmp_path / "open_data"):
        busy = tuike("write")
    assert busy.exit_code == 3
    assert queries.latest()[0].open, "it is the other one's, or the worker's next"
    assert tuike("work").exit_code == 0
    assert queries.latest()[0].outcome is not None
