"""The operator's page of the open data: empty, asked for, written, failed; who may take a file; both languages."""

import io
import json
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from tests.console.unchanged import unchanged, words_of
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tuike.db import rows
from tuike.flows import write_open_data as flows
from tuike.insight.open_data import write as writing
from tuike.kit import clock
from tuike.open_data import queries
from tuike.open_data.types import Problem
from tuike.parties.types import Role


@pytest.fixture
def root(tmp_path, settings):
    settings.OPEN_DATA_ROOT = str(tmp_path / "open_data")
    return tmp_path / "open_data"


@pytest.fixture
def desk(sit, db, root):
    operator = make_parties.operator()
    return lambda role=Role.FINANCE, **rest: sit(operator, role, **rest)


@pytest.fixture
def written(desk, root):
    """An edition of one order that a promoter's touch brought."""
    one = make.alliance()
    make.touch(one)
    make.received(make.bought(one), now=NOON + timedelta(hours=1))
    done = writing.write(
        root=root, keep_days=0, everything=False, told=lambda *_: None, stopping=lambda: False, now=NOON
    )
    run = flows.take_open_data(now=NOON) if flows.ask_nightly(now=NOON) else None
    assert run is not None
    flows.record_open_data(run_id=run.id, outcome=done, now=NOON)
    return done


def test_empty_it_says_when_it_will_be_written(desk):
    page = words_of(desk().get("open-data"))
    assert "尚未写出" in page and "还没有写出过文件" in page and "2:30" in page
    assert "Nothing was written yet" in words_of(desk(english=True).get("open-data"))


def test_a_run_on_the_button_by_who_may(desk):
    who = desk()
    answer = who.post("open-data-ask")
    assert "排队中" in words_of(answer) and "已开始写出" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    [run] = queries.latest()
    assert run.asked_by == who.person_id and run.open
    state = who.get("open-data-state", htmx=True)
    assert "排队中" in words_of(state) and "HX-Refresh" not in state.headers
    assert "disabled" in state.content.decode()
    who.post("open-data-ask")
    assert len(queries.latest()) == 1
    assert rows.query("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'write_open_data'") == [(1,)]
    taken = flows.take_open_data(now=clock.now())
    flows.tell_open_data(run_id=taken.id, done=30, whole=120, now=clock.now())
    assert "写出中" in words_of(who.get("open-data")) and "25%" in words_of(who.get("open-data"))
    flows.record_open_data_failed(
        run_id=taken.id, problem=Problem.DISK_FULL, detail="12 MB of the disk are free", now=clock.now()
    )
    ended = who.get("open-data-state", htmx=True)
    assert ended.headers["HX-Refresh"] == "true"
    page = who.get("open-data")
    assert "磁盘空间不足" in words_of(page) and "失败" in words_of(page)
    assert "12 MB of the disk are free" in page.content.decode()
    [case] = rows.query("SELECT no FROM risk_case WHERE kind = 'open_data'")
    told = desk(Role.SUPER_ADMIN).get("case", no=case[0], htmx=True).content.decode()
    assert "开放数据没有写成" in told and "disk_full" in told


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR])
def test_who_only_reads_sees_and_takes_nothing(desk, written, role):
    who = desk(role)
    page = who.get("open-data", {"table": "sales"})
    assert "accruals" in words_of(page) and "立即写出" not in words_of(page) and "part-0" not in words_of(page)
    assert "下载" not in words_of(page)
    with unchanged("open_data_", "audit_"):
        assert who.post("open-data-ask").status_code == 403
        assert who.get("open-data-file", table="sales", day="2026-03-02").status_code == 403


def test_tables_days_and_sums_are_shown_and_a_file_is_taken(desk, written, root):
    who = desk()
    shown = words_of(who.get("open-data"))
    assert f"新写 {written.files} 个文件" in shown and "2026-03-02 12:00" in shown
    days = words_of(who.get("open-data", {"table": "sales"}))
    assert "支付日" in days and "实付（分） 5,990" in days and "2026-03-02" in days
    english = words_of(desk(english=True).get("open-data", {"table": "sales", "month": "2026-03"}))
    assert "what was paid, in fen 5,990" in english
    answer = who.get("open-data-file", table="accruals", day="2026-03-02")
    body = b"".join(answer.streaming_content)
    found = pq.read_table(io.BytesIO(body)).to_pylist()
    assert {(one["role"], one["amount_fen"]) for one in found} == set(
        rows.query("SELECT role, amount_fen FROM commission_accrual")
    )
    assert "accruals%202026-03-02.parquet" in answer.headers["Content-Disposition"].replace(" ", "%20")
    assert rows.query("SELECT action, object, facts ->> 'edition' FROM audit_act ORDER BY id DESC LIMIT 1") == [
        ("open_data.download", "accruals/2026-03-02", "000001")
    ]


@pytest.mark.parametrize(
    ("table", "day"),
    [("sales", "2026-03-01"), ("sales", "z"), ("nothing", "2026-03-02"), ("commission_sale", "2026-03-02")],
)
def test_what_was_not_written_is_not_there(desk, written, table, day):
    who = desk()
    with unchanged("open_data_"):
        assert who.get("open-data-file", table=table, day=day).status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_there(desk, written, root):
    (root / "current" / "sales" / "day=2026-03-02" / "part-0.parquet").unlink()
    assert desk().get("open-data-file", table="sales", day="2026-03-02").status_code == 404


def test_odd_questions_show_the_page(desk, written):
    for asked in ({"table": "z"}, {"table": "sales", "month": "'"}, {"table": "sales", "month": "1999-01"}):
        assert desk().get("open-data", asked).status_code == 200
