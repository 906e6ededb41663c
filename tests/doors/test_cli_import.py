"""`tuike import orders`: what it prints, where rejected rows go, its exit codes, in both languages."""

import csv
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tests import books
from tests.flows.test_import_orders import HISTORY, business
from tests.make import imports as make
from tuike.doors.cli.main import app
from tuike.imports.types import Reason
from tuike.kit import clock


@pytest.fixture
def english(monkeypatch):
    monkeypatch.setenv("TUIKE_LANG", "en")


@pytest.fixture
def files(db, tmp_path, monkeypatch):
    """Return a shop, a file of its history and a mapping for it; it is November 2026."""
    for name, value in (("TUIKE_PROCESS", "test"), ("TUIKE_LOG_LEVEL", "WARNING")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clock, "now", lambda: make.NOW)
    one = make.shop()
    mapping = tmp_path / "m.toml"
    mapping.write_text(make.MAPPING.replace("{promoters}", f'"{one.promoter.no}"').replace("{top_up}", "1000.00"))
    return one, make.file_of(tmp_path, HISTORY), mapping


def run(files, *more: str):
    one, path, mapping = files
    said = ["import", "orders", str(path), "--mapping", str(mapping), "--merchant", one.party.no, *more]
    return CliRunner().invoke(app, said)


def told(done) -> dict[str, str]:
    return dict(line.split("\t") for line in done.stdout.splitlines() if "\t" in line)


def test_an_import_tells_what_it_came_to_and_the_second_that_nothing_changed(files, english):
    done = run(files)
    assert done.exit_code == 0, done.output
    said = told(done)
    assert (said["orders"], said["lines"], said["goods"], said["freight"]) == ("3", "4", "¥164.26", "¥18.25")
    assert (said["refunds"], said["commission, refunds taken off"]) == ("¥91.26", "¥10.94")
    assert said["rejected rows"] == "10"
    assert said["  partly_unmatched"].startswith("1  Earlier purchases")
    books.check()
    again = run(files)
    assert again.exit_code == 0
    assert again.stdout.splitlines()[-1] == "this file was imported before: nothing changed"
    assert told(again)["orders"] == "3"


def test_rejected_rows_stand_in_a_file_with_line_and_reason(files):
    assert run(files).exit_code == 0
    path = files[1].with_name("orders.csv.rejected.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert [(row["line"], row["reason"]) for row in found][:2] == [("9", "partly_unmatched"), ("10", "unmatched")]
    assert found[0]["matched"] == "4"
    assert found[1]["sentence"] == Reason.UNMATCHED.sentence("zh-hans")
    elsewhere = files[1].with_name("left-out.csv")
    assert run(files, "--rejected", str(elsewhere)).exit_code == 0
    assert elsewhere.read_bytes() == path.read_bytes()


def test_a_cell_that_a_spreadsheet_would_compute_is_text(files):
    one, path, mapping = files
    path.write_text(make.text_of([["=1+1", "a1", "Mug", "x", "now", "1", "7", "UK"]]))
    assert run((one, path, mapping)).exit_code == 0
    assert "'=1+1" in path.with_name("orders.csv.rejected.csv").read_text()


def test_a_dry_run_tells_the_same_and_writes_nothing(files, english):
    before = business()
    done = run(files, "--dry-run")
    assert done.exit_code == 0, done.output
    assert business() == before
    assert done.stdout.splitlines()[-1] == "a dry run: nothing was written"
    tried = told(done)
    said = told(run(files))
    assert {name: tried[name] for name in ("orders", "lines", "goods", "freight", "refunds", "rejected rows")} == {
        name: said[name] for name in ("orders", "lines", "goods", "freight", "refunds", "rejected rows")
    }


@pytest.mark.parametrize(
    ("wrong", "code", "name"),
    [
        ("mapping", 2, "import_mapping_invalid"),
        ("no_mapping", 2, "m.toml"),
        ("header", 2, "import_file_unreadable"),
        ("no_file", 2, "import_file_unreadable"),
        ("merchant", 5, "not_found"),
        ("folder", 2, "/proc"),
    ],
)
def test_what_is_refused_is_named_and_nothing_is_written(files, english, wrong, code, name):
    one, path, mapping = files
    before = business()
    more = []
    if wrong == "mapping":
        mapping.write_text(mapping.read_text().replace('rate = "9.125"', "rate = 9.125"))
    elif wrong == "no_mapping":
        mapping.unlink()
    elif wrong == "header":
        path.write_text("bill;item\n1;2\n")
    elif wrong == "no_file":
        path.unlink()
    elif wrong == "merchant":
        more = ["--merchant", "M0"]
    elif wrong == "folder":
        more = ["--rejected", "/proc/none/x.csv"]
    done = run((one, path, mapping), *more)
    assert done.exit_code == code, done.output
    assert name in done.stderr
    if wrong == "mapping":
        line = next(i for i, text in enumerate(mapping.read_text().splitlines(), start=1) if "9.125" in text)
        assert f"line {line} (money.rate)" in done.stderr
    after = business()
    assert {k: v for k, v in after.items() if not k.startswith(("imports_", "audit_"))} == {
        k: v for k, v in before.items() if not k.startswith(("imports_", "audit_"))
    }


def test_the_help_names_an_example_and_exit_codes(english):
    done = CliRunner().invoke(app, ["import", "orders", "--help"])
    assert done.exit_code == 0
    assert "--mapping" in done.stdout
    assert "--dry-run" in done.stdout


def test_the_command_line_starts_before_django_is_set_up(tmp_path):
    """In a process of its own, where nobody has loaded the settings yet."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "TUIKE_"))}
    told = {"TUIKE_HOME": str(tmp_path), "TUIKE_LANG": "en"}
    program = [sys.executable, "-P", "-m", "tuike.doors.cli.main", "import", "orders"]
    helped = subprocess.run([*program, "--help"], env=clean | told, capture_output=True, text=True, check=False)
    assert (helped.returncode, helped.stderr) == (0, "")
    (tmp_path / "m.toml").write_text("")
    said = [*program, "x.csv", "--mapping", str(tmp_path / "m.toml"), "--merchant", "M1"]
    alone = subprocess.run(said, env=clean | told, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert alone.returncode == 4
    assert "tuike db start" in alone.stderr
