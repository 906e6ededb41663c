"""Files that take a while: asked for, taken once, told how far, made or failed, kept for a while."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from tests.make.alliance import NOON
from tests.modules.test_lists import LIST, SHOP
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.doors.web import making
from tuike.exports import queries, service
from tuike.exports.types import ExportState, Made, TooManyExports
from tuike.flows import make_exports
from tuike.idempotency.types import KeyUsedForOther
from tuike.insight.lists import registry
from tuike.kit.errors import NotFound

WHAT = {"listing": "test", "scope": {"shop": SHOP}, "asked": {"state": "open"}, "zh": True}
MADE = Made(rows=3, sums={"fen": 7}, sha256="a" * 64, size=99)
ME = {"party_id": 5, "person_id": 7}


@pytest.fixture(autouse=True)
def known(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "every", lambda: {LIST.name: LIST})
    monkeypatch.setattr(settings, "EXPORTS_ROOT", tmp_path / "exports")


def ask(**other):
    given = {"kind": "csv", "title": ("列表", "List"), "what": WHAT, "now": NOON, **ME}
    return service.ask(**given | other)


def test_it_goes_from_asked_to_ready_and_is_its_askers(db):
    asked = ask()
    assert (asked.state, asked.what) == (ExportState.ASKED, WHAT)
    taken = service.take(now=NOON)
    assert (taken.no, taken.state) == (asked.no, ExportState.MAKING)
    assert service.take(now=NOON) is None
    service.progress(no=asked.no, done=2, whole=3, now=NOON)
    assert (queries.one(no=asked.no, **ME).done, queries.one(no=asked.no, **ME).whole) == (2, 3)
    service.finish(no=asked.no, made=MADE, now=NOON)
    ready = queries.one(no=asked.no, **ME)
    assert (ready.state, ready.rows, ready.sums, ready.sha256) == (ExportState.READY, 3, {"fen": 7}, "a" * 64)
    for other in ({"party_id": 6, "person_id": 7}, {"party_id": 5, "person_id": 8}):
        with pytest.raises(NotFound):
            queries.one(no=asked.no, **other)
        assert queries.mine(**other) == []


def test_the_sixth_waits_for_one_of_the_five(db):
    for _ in range(service.MOST_OPEN):
        ask()
    before = rows.query("SELECT count(*) FROM exports_export")
    with pytest.raises(TooManyExports):
        ask()
    assert rows.query("SELECT count(*) FROM exports_export") == before
    assert ask(person_id=8).state is ExportState.ASKED
    taken = service.take(now=NOON)
    service.fail(no=taken.no, problem="x" * 500, now=NOON)
    assert ask().state is ExportState.ASKED


def test_a_silent_makers_file_is_made_again_and_given_up_after_three(db):
    asked = ask()
    now = NOON
    for attempt in range(3):
        assert service.take(now=now).no == asked.no, attempt
        now += service.SILENT
        assert service.take(now=now) is None
        now += timedelta(seconds=1)
    assert service.take(now=now) is None
    assert queries.one(no=asked.no, **ME).state is ExportState.FAILED


def test_what_has_ended_stays_so(db):
    asked = ask()
    service.take(now=NOON)
    service.fail(no=asked.no, problem="no", now=NOON)
    service.finish(no=asked.no, made=MADE, now=NOON)
    service.progress(no=asked.no, done=1, whole=1, now=NOON)
    assert queries.one(no=asked.no, **ME).state is ExportState.FAILED


def test_files_go_after_three_days(db):
    asked = ask(at_once=True)
    service.finish(no=asked.no, made=MADE, now=NOON)
    assert service.forget_old(now=NOON + service.KEPT - timedelta(seconds=1)) == []
    assert service.forget_old(now=NOON + service.KEPT) == [f"{asked.no}.csv"]
    assert queries.one(no=asked.no, **ME).state is ExportState.GONE


def test_asking_leaves_an_act_and_the_same_key_asks_once(db):
    actor = Actor("person", 7, 5, "admin")
    given = {"actor": actor, "kind": "csv", "title": ("列表", "List"), "at_once": False, "now": NOON, **ME}
    one = make_exports.ask_export(what=WHAT, key="k", **given)
    assert make_exports.ask_export(what=WHAT, key="k", **given).no == one.no
    with pytest.raises(KeyUsedForOther):
        make_exports.ask_export(what={**WHAT, "asked": {}}, key="k", **given)
    assert rows.query("SELECT action, object FROM audit_act") == [("export.ask", one.no)]
    assert rows.query("SELECT count(*) FROM exports_export") == [(1,)]


def test_the_job_makes_what_waits_and_tells_what_fails(committed_db, monkeypatch):
    given = {"actor": Actor("person", 7), "title": ("列表", "List"), "at_once": False, "now": NOON, **ME}
    good = make_exports.ask_export(kind="csv", what=WHAT, key="1", **given)
    wide = make_exports.ask_export(kind="xlsx", what=WHAT, key="2", **given)
    bad = make_exports.ask_export(kind="csv", what={**WHAT, "asked": {"fen_min": "x"}}, key="3", **given)
    monkeypatch.setattr(making, "TOLD_SECONDS", 0.01)
    while making.make_next():
        pass
    for export in (good, wide):
        ready = queries.one(no=export.no, **ME)
        assert (ready.state, ready.rows) == (ExportState.READY, 33)
        assert making.place(ready).stat().st_size == ready.size
        assert making.place(ready).stat().st_mode & 0o077 == 0
    assert queries.one(no=bad.no, **ME).state is ExportState.FAILED
    assert sorted(Path(settings.EXPORTS_ROOT).iterdir()) == sorted(map(making.place, (good, wide)))
    making.remove([good.file, wide.file, "never.csv"])
    assert list(Path(settings.EXPORTS_ROOT).iterdir()) == []
