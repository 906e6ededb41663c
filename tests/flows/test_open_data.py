"""The open data: what the files say is what the books say; only what changed is written anew; nothing half is seen."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from django.db import OperationalError, connection
from psycopg.errors import DiskFull as DatabaseFull

from tests import books, waiting
from tests.make import alliance as make
from tests.make.alliance import NOON
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.doors.jobs import open_data as jobs
from tuike.doors.web import open_data
from tuike.flows import write_open_data as flows
from tuike.flows.refresh_figures import refresh_figures
from tuike.insight.open_data import books as read
from tuike.insight.open_data import check, lake, parquet
from tuike.insight.open_data import write as writing
from tuike.insight.open_data.tables import TABLES
from tuike.kit import clock
from tuike.open_data import queries
from tuike.open_data.types import Problem, RunState
from tuike.risk import queries as risk
from tuike.settings import service as settings_service

pytestmark = pytest.mark.usefixtures("committed_db")
LATER = NOON + timedelta(days=40)
PERSONAL = (
    "phone",
    "openid",
    "unionid",
    "nickname",
    "address",
    "visitor",
    "ip_hash",
    "agent",
    "buyer",
    "person",
    "sealed",
)


@pytest.fixture
def root(tmp_path, settings):
    settings.OPEN_DATA_ROOT = str(tmp_path / "open_data")
    return tmp_path / "open_data"


@pytest.fixture
def story():
    """Orders of three days: one settled, one refunded in part, one just paid; with clicks, tiers and a leader."""
    one = make.alliance()
    make.touch(one, leader=True)
    settled = make.received(make.bought(one, pieces=(2, 1), freight_fen=800), now=NOON + timedelta(hours=1))
    half = make.bought(one, pieces=(1, 3), now=NOON + timedelta(days=1))
    make.refunded(half, (2, 2), now=NOON + timedelta(days=1, hours=2))
    make.bought(one, now=NOON + timedelta(days=2))
    make.matured(until=LATER)
    code = make.link(one).code
    link = rows.query("SELECT id, merchant_id, promoter_id FROM attribution_link WHERE code = %s", [code])[0]
    for i in range(3):
        rows.run(
            "INSERT INTO attribution_click (id, link_id, merchant_id, promoter_id, at, visitor, ip_hash, agent)"
            " VALUES (%s, %s, %s, %s, %s, 'v', '\\x00', 'a, \"quoted\"')",
            [i + 1, *link, NOON + timedelta(hours=i * 10)],
        )
    refresh_figures(now=LATER)
    return {"one": one, "settled": settled, "half": half}


def run(root, *, now=LATER, everything=False, keep_days=0, stopping=lambda: False, told=lambda _done, _whole: None):
    try:
        return writing.write(
            root=root, keep_days=keep_days, everything=everything, told=told, stopping=stopping, now=now
        )
    finally:
        connection.close()


def says(root, sql):
    return duckdb.sql(sql.replace("$", str(root / "current"))).fetchall()


def everything_said(root):
    """Each table's rows and sums as DuckDB reads its files."""
    found = {}
    for table in TABLES.values():
        if not list((root / "current" / table.name).glob("day=*/*.parquet")):
            found[table.name] = {}
            continue
        sums = [f"sum(abs({n.removeprefix('abs:')}))" if n[:4] == "abs:" else f"sum({n})" for n, _ in table.measures]
        per_day = says(
            root, f"SELECT day, count(*)::bigint{''.join(f', {s}::bigint' for s in sums)}"
            f" FROM read_parquet('$/{table.name}/*/*.parquet', hive_partitioning = true) GROUP BY 1"
        )  # fmt: skip
        found[table.name] = {day: tuple(rest) for day, *rest in per_day}
    return found


def everything_booked():
    with read.reading():
        return {
            table.name: {d: (s.rows, *s.sums.values()) for d, s in read.days(table, newer_than=None).items()}
            for table in TABLES.values()
        }


def test_the_files_are_the_books_as_duckdb_reads_them(root, story):
    written = run(root)
    said = everything_said(root)
    assert said == everything_booked()
    for name in ("orders", "sales", "sale_refunds", "accruals", "accrual_changes", "clicks", "refunds", "settlements"):
        assert said[name], name
    assert said["entries"] and said["daily_figures"] and said["products"] and said["parties"]
    facts = lake.manifest(lake.current(root))
    assert written.all_files == sum(len(one) for one in said.values()) == len(list(root.glob("current/*/*/*.parquet")))
    # The ledger as it was read: its accounts are what the entries of all days add up to, to the fen.
    grouped = says(root, "SELECT unit, owner_kind, sum(amount_fen)::bigint FROM '$/entries/*/*.parquet' GROUP BY 1, 2")
    balances = {(unit, kind): fen for unit, kinds in facts["ledger"]["balances"].items() for kind, fen in kinds.items()}
    assert {(unit, kind): fen for unit, kind, fen in grouped if fen} == balances
    held = rows.query("SELECT split_part(owner, ':', 1), sum(balance_fen)::bigint FROM ledger_account GROUP BY 1")
    assert {kind: fen for kind, fen in held if fen} == facts["ledger"]["balances"]["CNY"]
    assert facts["ledger"]["entries"] == rows.query("SELECT count(*) FROM ledger_entry")[0][0]
    books.check()


def test_types_and_days_are_what_the_schema_says(root, story):
    run(root)
    for table in TABLES.values():
        for file in root.glob(f"current/{table.name}/*/*.parquet"):
            assert parquet.pq.read_schema(file).equals(parquet.schema(table), check_metadata=False)
    [(day, paid_at, base, rate)] = says(
        root, "SELECT DISTINCT a.day, epoch_us(s.paid_at), a.base_fen, a.rate_bps FROM '$/accruals/*/*.parquet' a"
        " JOIN '$/sales/*/*.parquet' s USING (sale_id) WHERE a.role = 'direct' AND s.quantity = 2"
    )  # fmt: skip
    assert (day, base, rate) == (date(2026, 3, 2), 11_980, 1200)
    assert paid_at == (NOON + timedelta(minutes=1)).timestamp() * 1_000_000
    assert not [
        (table.name, column.name) for table in TABLES.values() for column in table.columns
        if column.name != "visitors" and any(word in column.name for word in PERSONAL)
    ]  # fmt: skip
    texts = b"".join(file.read_bytes() for file in root.glob("current/parties/*/*.parquet"))
    names = [name for (name,) in rows.query("SELECT name FROM parties_party WHERE kind = 'promoter'")]
    assert names and not any(name.encode() in texts for name in names)
    assert says(
        root, "SELECT count(*) FROM '$/parties/*/*.parquet' WHERE shop_name IS NOT NULL AND kind <> 'merchant'"
    ) == [(0,)]


def test_only_changed_days_are_written_anew_and_the_others_are_the_same_files(root, story):
    first = run(root)
    before = {file.relative_to(root / "current"): file.stat().st_ino for file in root.glob("current/*/*/*.parquet")}
    again = run(root, now=LATER + timedelta(hours=1))
    assert (again.files, again.rows, again.all_files) == (0, 0, first.all_files)
    # A refund forty days later changes accruals and sales of the old day, and nothing else of theirs.
    make.refunded(story["settled"], (1, 1), now=LATER + timedelta(hours=2))
    third = run(root, now=LATER + timedelta(hours=3))
    after = {file.relative_to(root / "current"): file.stat().st_ino for file in root.glob("current/*/*/*.parquet")}
    changed = {str(file.parent) for file, inode in after.items() if before.get(file) != inode}
    assert {"accruals/day=2026-03-02", "sales/day=2026-03-02", "sale_refunds/day=2026-03-02"} <= changed
    assert not {"accruals/day=2026-03-03", "sales/day=2026-03-04", "entries/day=2026-03-02"} & changed
    assert third.files == len(changed) < third.all_files
    assert everything_said(root) == everything_booked()


def test_a_change_that_adds_up_to_the_same_is_seen(root, story):
    run(root)
    rows.run("UPDATE orders_order SET close_reason = 'looked at' WHERE id = %s", [story["settled"].id])
    assert (run(root).files, everything_said(root) == everything_booked()) == (1, True)
    assert says(root, "SELECT count(*) FROM '$/orders/*/*.parquet' WHERE close_reason = 'looked at'") == [(1,)]


def test_what_an_open_transaction_wrote_before_the_reading_is_not_missed(root, story, test_database):
    import psycopg

    with psycopg.connect(test_database.server.url(test_database.name)) as other:
        other.execute("UPDATE orders_order SET close_reason = 'slow' WHERE id = %s", [story["half"].id])
        rows.run("UPDATE orders_order SET close_reason = 'quick' WHERE id = %s", [story["settled"].id])
        run(root)
        other.commit()
    assert says(root, "SELECT close_reason FROM '$/orders/*/*.parquet' WHERE close_reason IS NOT NULL") == [("quick",)]
    run(root)
    assert sorted(says(root, "SELECT close_reason FROM '$/orders/*/*.parquet' WHERE close_reason IS NOT NULL")) == [
        ("quick",), ("slow",)
    ]  # fmt: skip


def test_a_day_that_vanished_goes_and_a_damaged_or_foreign_edition_is_written_anew(root, story):
    first = run(root)
    rows.run("DELETE FROM figures_day WHERE day = '2026-03-04'")
    assert date(2026, 3, 4) in everything_said(root)["daily_figures"]
    run(root)
    assert date(2026, 3, 4) not in everything_said(root)["daily_figures"]
    damaged = root / "current" / "sales" / "day=2026-03-02" / "part-0.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    (root / "current" / "sales" / "day=2026-03-03" / "part-0.parquet").unlink()
    assert {one.object for one in check.check(root).findings} == {"sales 2026-03-02", "sales 2026-03-03"}
    connection.close()
    assert run(root).files == 2
    assert everything_said(root) == everything_booked()
    manifest = lake.current(root) / "manifest.json"
    facts = json.loads(manifest.read_text())
    facts["snapshot"]["cluster"] = "another"
    manifest.write_text(json.dumps(facts))
    assert run(root).files == first.all_files - 1
    assert run(root, everything=True).files == first.all_files - 1


def test_retention_leaves_old_days_of_events_out_and_keeps_how_things_stand(root, story):
    run(root, keep_days=38, now=LATER)  # of 11 April: from 4 March on
    said = everything_said(root)
    assert set(said["sales"]) == {date(2026, 3, 4)} and not said["sale_refunds"]
    assert said["products"] == everything_booked()["products"] and said["parties"] == everything_booked()["parties"]
    assert check.check(root).findings == ()
    connection.close()
    run(root, keep_days=0)
    assert everything_said(root) == everything_booked()


def test_check_names_a_file_that_differs_from_the_books(root, story):
    assert check.check(root) is None
    for _ in range(200):  # what others of the same server have open makes the newest rows look changed since
        run(root, everything=True)
        held = check.check(root)
        if not held.changed:
            break
        time.sleep(0.2)
    assert (held.findings, held.changed, held.compared) == ((), 0, held.files)
    manifest = lake.current(root) / "manifest.json"
    facts = json.loads(manifest.read_text())
    facts["tables"]["accruals"]["days"]["2026-03-02"]["sums"]["amount_fen"] += 1
    del facts["tables"]["orders"]["days"]["2026-03-03"]
    manifest.write_text(json.dumps(facts))
    found = check.check(root).findings
    assert {one.object for one in found} == {"accruals 2026-03-02", "orders 2026-03-03"}
    assert len(found) == 3  # the accruals' file differs from its manifest, the manifest from the books
    manifest.write_text(json.dumps(facts))
    make.refunded(story["half"], (1, 1), now=LATER)
    assert check.check(root).changed >= 2
    connection.close()


# ---------------------------------------------------------------- nothing half is seen


@pytest.mark.parametrize("after", [0, 1, 5])
def test_stopped_in_the_midst_the_last_edition_stays_whole(root, story, after):
    run(root)
    said, was = everything_said(root), (root / "current").readlink()
    make.refunded(story["settled"], (1, 1), now=LATER)
    asked = iter([False] * after)
    with pytest.raises(parquet.Stopped):
        run(root, everything=True, stopping=lambda: next(asked, True))
    assert (root / "current").readlink() == was
    assert everything_said(root) == said
    assert [one.name for one in (root / "editions").iterdir()] == [was.name]
    run(root)
    assert everything_said(root) == everything_booked()


KILLED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from datetime import datetime, UTC
from tuike.insight.open_data import lake, parquet, write
point, root = sys.argv[1], Path(sys.argv[2])
def die(*_args, **_named):
    os.kill(os.getpid(), signal.SIGKILL)
if point == "file":
    seen = []
    real = lake.sync
    lake.sync = lambda path: die() if len(seen) > 4 else (seen.append(path), real(path))
elif point == "manifest":
    lake.publish = die
elif point == "link":
    Path.rename = lambda self, to, real=Path.rename: die() if self.name == ".current" else real(self, to)
elif point == "tidy":
    real_tidy, seen = lake.tidy, []
    lake.tidy = lambda root: die() if seen else (seen.append(1), real_tidy(root))
write.write(root=root, keep_days=0, everything=True, told=lambda *_: None, stopping=lambda: False,
            now=datetime(2026, 4, 12, tzinfo=UTC))
"""


@pytest.mark.parametrize("point", ["file", "manifest", "link", "tidy"])
def test_killed_anywhere_the_folder_holds_a_whole_edition_and_the_next_run_heals(root, story, db_env, point):
    run(root)
    before = everything_said(root)
    make.refunded(story["settled"], (1, 1), now=LATER)
    env = {**db_env, "DJANGO_SETTINGS_MODULE": "tuike.config.settings", "TUIKE_SANDBOX": "0"}
    ended = subprocess.run([sys.executable, "-c", KILLED, point, str(root)], env=env, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    # Killed before the link was moved it is the old edition, after it the new one: never a mixture.
    assert everything_said(root) == (everything_booked() if point == "tidy" else before)
    run(root)
    assert everything_said(root) == everything_booked()
    assert len(list((root / "editions").iterdir())) <= 2
    assert not list(root.rglob("*.part"))


def test_two_runs_at_once_are_one(root, story):
    with lake.alone(root), pytest.raises(lake.AtWork):
        run(root)
    assert run(root).files


# ---------------------------------------------------------------- runs, cases, the job


def test_a_run_is_asked_for_once_and_says_what_it_wrote(root, story):
    first = flows.ask_open_data(actor=OPERATOR_SHELL, now=LATER)
    assert flows.ask_nightly(now=LATER) == first
    assert rows.query("SELECT action, object FROM audit_act ORDER BY id DESC LIMIT 1") == [
        ("open_data.ask", str(first))
    ]
    assert open_data.write_next().id == first and open_data.write_next() is None
    [one] = queries.latest()
    facts = lake.manifest(lake.current(root))
    assert (one.state, one.outcome.edition, one.outcome.rows) == (RunState.WRITTEN, 1, one.done)
    assert one.outcome.all_files == sum(len(table["days"]) for table in facts["tables"].values())
    settings_service.change(name="open_data_nightly", value=0, actor=OPERATOR_SHELL, now=LATER)
    assert flows.ask_nightly(now=LATER) is None


def test_a_full_disk_leaves_the_last_edition_and_a_case_that_closes_by_itself(root, story, monkeypatch):
    run(root)
    said = everything_said(root)
    with monkeypatch.context() as full:
        full.setattr(parquet, "RESERVE", shutil.disk_usage(root.parent).total * 2)
        flows.ask_open_data(everything=True, actor=OPERATOR_SHELL, now=LATER)
        open_data.write_next()
    [one] = queries.latest()
    assert (one.state, one.problem, one.open) == (RunState.FAILED, Problem.DISK_FULL, False)
    assert "MB of the disk are free" in one.detail
    assert everything_said(root) == said and len(list((root / "editions").iterdir())) == 1
    [case] = [row for row in risk.open_cases() if row.kind == "open_data"]
    assert case.facts["problem"] == "disk_full"
    flows.ask_open_data(actor=OPERATOR_SHELL, now=LATER)
    open_data.write_next()
    assert not [row for row in risk.open_cases() if row.kind == "open_data"]


@pytest.mark.parametrize("how", ["system", "database"])
def test_any_full_disk_is_one(root, story, monkeypatch, how):
    def fails(*_args, **_named):
        if how == "system":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise OperationalError from DatabaseFull("could not write to file")

    monkeypatch.setattr(parquet, "write_days", fails)
    with pytest.raises(writing.DiskFull):
        run(root)
    assert not (root / "current").exists() and not list((root / "editions").iterdir())


def test_a_file_that_differs_from_the_books_never_takes_effect(root, story, monkeypatch):
    real = parquet.said_by

    def off_by_one(path, table):
        count, sums = real(path, table)
        return count, {name: fen + (name == "amount_fen") for name, fen in sums.items()}

    monkeypatch.setattr(parquet, "said_by", off_by_one)
    flows.ask_open_data(actor=OPERATOR_SHELL, now=LATER)
    open_data.write_next()
    [one] = queries.latest()
    assert (one.problem, one.outcome) == (Problem.DIFFERS, None)
    assert "amount_fen" in one.detail and lake.current(root) is None


def test_a_stopped_run_is_given_back_and_one_whose_writers_die_is_given_up(root, story):
    asked = flows.ask_open_data(actor=OPERATOR_SHELL, now=clock.now())
    open_data.write_next(stopping=lambda: True)
    assert queries.latest()[0].state is RunState.ASKED
    at = clock.now()
    for nth in range(1, 4):
        assert flows.take_open_data(now=at + timedelta(minutes=3 * nth)).id == asked
        assert flows.take_open_data(now=at + timedelta(minutes=3 * nth + 1)) is None
    assert flows.take_open_data(now=at + timedelta(minutes=15)) is None
    assert queries.latest()[0].problem is Problem.GIVEN_UP
    assert [row.facts["problem"] for row in risk.open_cases() if row.kind == "open_data"] == ["given_up"]


def test_the_night_asks_and_the_worker_writes_in_a_process_of_its_own(story, db_env, tmp_path, monkeypatch):
    for name, value in {**db_env, "TUIKE_HOME": str(tmp_path), "TUIKE_SANDBOX": "0"}.items():
        monkeypatch.setenv(name, value)
    assert jobs.write_open_data_due(clock.now()) == {"runs": 0}
    assert jobs.ask_open_data(clock.now()) == {"asked": 1}
    assert jobs.write_open_data_due(clock.now()) == {"runs": 1}
    waiting.until(lambda: queries.latest()[0].state is RunState.WRITTEN, what="the end of the run")
    assert everything_said(tmp_path / "open_data") == everything_booked()


# ---------------------------------------------------------------- the document's questions


def questions():
    text = (Path(__file__).resolve().parents[2] / "docs" / "open-data.md").read_text()
    return re.findall(r"```sql\n(.*?)```", text, re.DOTALL)


def test_the_documents_questions_are_answered_as_the_books_would(root, story):
    run(root)
    top, by_category = (
        duckdb.sql(one.replace("open_data/current", str(root / "current"))).fetchall() for one in questions()
    )
    assert top == rows.query(
        "SELECT to_char(a.settled_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), p.no, count(*),"
        " sum(a.amount_fen)::bigint FROM commission_accrual a JOIN parties_party p ON p.id = a.payee_id"
        " WHERE a.payee_kind = 'promoter' AND a.state = 'settled' GROUP BY 1, 2 ORDER BY 1, 4 DESC, 2"
    )
    assert len(top) == 2 and top[0][1] == story["one"].promoter.no
    assert by_category == rows.query(
        """
        SELECT (s.paid_at AT TIME ZONE 'Asia/Shanghai')::date, c.name, sum(s.paid_fen - s.refunded_fen)::bigint,
            sum((SELECT sum(a.amount_fen) FROM commission_accrual a WHERE a.sale_id = s.id AND a.state <> 'cancelled'))
                ::bigint
        FROM commission_sale s JOIN orders_line l ON l.id = s.id JOIN catalog_category c ON c.id = l.category_id
        WHERE s.kind = 'goods' GROUP BY 1, 2 ORDER BY 1, 2
        """
    )
    assert [day for day, *_ in by_category] == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]
