"""What `tuike doctor` looks at: each check says in words how one thing is and, where it is wrong, what to do.

No check needs the database to run or Django to start; what only Django knows is asked in a process of its own.
"""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import psycopg

from tuike.runtime import postgres, procs
from tuike.runtime.errors import Unusable
from tuike.runtime.home import CHECKOUT, Home
from tuike.runtime.house import recorded
from tuike.runtime.words import say

FACTS = ("ledger_transfer", "ledger_entry", "audit_act", "audit_link")
"""The tables whose rows nobody may change or remove once written, as the product's own role least of all."""
LEAST_FREE_BYTES = 1_000_000_000
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.M)
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class Level(StrEnum):
    """How a thing is: well, worth knowing, or wrong."""

    OK = "ok"
    HINT = "hint"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found. `advice` is what to do, empty where nothing is to be done."""

    name: str
    level: Level
    words: str
    advice: str = ""


def _ok(name: str, words: str) -> Finding:
    return Finding(name=name, level=Level.OK, words=words)


def _hint(name: str, words: str, advice: str = "") -> Finding:
    return Finding(name=name, level=Level.HINT, words=words, advice=advice)


def _wrong(name: str, words: str, advice: str) -> Finding:
    return Finding(name=name, level=Level.WRONG, words=words, advice=advice)


def python(version: tuple[int, int, int] | None = None) -> Finding:
    """Look at Python's own version."""
    found = version or sys.version_info[:3]
    words, name = ".".join(map(str, found)), "Python"
    if found < (3, 11, 0):
        return _wrong(
            name, words, say("需要 3.11 或更新：PYTHON=/路径/python3.11 make setup", "3.11 or newer is needed")
        )
    return _ok(name, words)


def packages(lock: Path = CHECKOUT / "requirements" / "run.txt") -> Finding:
    """Compare what is installed with the lock."""
    name = say("依赖", "packages")
    if not lock.exists():
        return _hint(name, say("没有锁文件可比", "no lock to compare with"))
    wanted = dict(_PINNED.findall(lock.read_text()))
    off = [
        f"{package} {_installed(package)} ≠ {version}"
        for package, version in wanted.items()
        if _installed(package) != version
    ]
    if off:
        return _wrong(
            name, say(f"与锁不同：{'，'.join(off[:5])}", f"not as locked: {', '.join(off[:5])}"), "make setup"
        )
    return _ok(name, say(f"{len(wanted)} 个，与锁相同", f"{len(wanted)}, as locked"))


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "—"


def home(where: Home, *, least_free: int = LEAST_FREE_BYTES) -> Finding:
    """Look whether the data home can be written and has space left."""
    name, there = say("数据文件夹", "data home"), where.root
    while not there.exists():
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return _wrong(
            name,
            say(f"{where.root} 不可写", f"{where.root} can't be written"),
            say("换用户，或用 TUIKE_HOME 指定别的文件夹", "run as its owner, or choose another with TUIKE_HOME"),
        )
    free = shutil.disk_usage(there).free
    words = say(f"{where.root}，剩余 {free / 1e9:.1f} GB", f"{where.root}, {free / 1e9:.1f} GB free")
    if free < least_free:
        return _wrong(
            name, words, say("请腾出空间：数据库写不下去会停", "make room: a database that can't write stops")
        )
    return _ok(name, words)


def secrets(where: Home, more: Mapping[str, Path]) -> Finding:
    """Look whether anybody else can read a secret; `more` are key files that lie elsewhere, by their variables."""
    name = say("密钥文件", "secret files")
    files = [path for folder in (where.secrets, where.sandbox) if folder.is_dir() for path in folder.rglob("*")]
    files = [path for path in (*files, *more.values()) if path.is_file() and not path.name.endswith((".log", ".pub"))]
    open_ = [path for path in files if _readable_by_others(path)]
    if open_:
        listed = " ".join(str(path) for path in open_[:5])
        return _wrong(name, say(f"其他人也能读：{listed}", f"others can read {listed}"), f"chmod 600 {listed}")
    return _ok(name, say(f"{len(files)} 个，只有所有者能读", f"{len(files)}, readable by their owner alone"))


def _readable_by_others(path: Path) -> bool:
    """Return whether mode bits of the file and of its folder let somebody else in."""
    if not path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return False
    return bool(path.parent.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH))


def port(number: int, *, host: str, where: Home) -> Finding:
    """Look whether the port is free, or held by this home's own product."""
    name = say(f"端口 {number}", f"port {number}")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as problem:
            return _held(name, number, problem, recorded(where.root))
    return _ok(name, say("空闲", "free"))


def _held(name: str, number: int, problem: OSError, known: dict) -> Finding:
    found = procs.holder(number)
    ours = {program["pid"] for program in (known.get("programs") or {}).values()}
    if found and ours & {found.pid, procs.session(found.pid)}:
        return _ok(
            name, say(f"正在运行的就是本产品（进程 {found.pid}）", f"held by this very product (pid {found.pid})")
        )
    who = f"{found.command[:80]} ({found.pid})" if found else str(problem)
    return _wrong(name, say(f"被占用：{who}", f"taken: {who}"), say("PORT=9000 make run 换一个", "PORT=9000 make run"))


def database(where: Home, *, url: str | None) -> list[Finding]:
    """Look at the database: does it run, does it keep what it acknowledged, what may the product's role do.

    `url` is `DATABASE_URL`, None for the embedded cluster.
    """
    name = say("数据库", "database")
    if not url:
        try:
            state = postgres.status(where)
        except Unusable as problem:
            return [_wrong(name, str(problem), "")]
        if not state.ready:
            words = say("内嵌 PostgreSQL 没有在运行", "the embedded PostgreSQL doesn't run")
            return [_hint(name, words, say("`tuike up` 会启动它", "`tuike up` starts it"))]
        url = postgres.url(where)
    try:
        with psycopg.connect(url, connect_timeout=3, autocommit=True) as connection:
            connection.execute("SET statement_timeout = '3s'")
            return [*_durable(connection), _rights(connection)]
    except psycopg.Error as problem:
        words = say(f"连不上（{type(problem).__name__}）", f"can't be reached ({type(problem).__name__})")
        return [
            _wrong(name, words, say("检查 DATABASE_URL、网络和权限", "look at DATABASE_URL, the network, the role"))
        ]


def _durable(connection: psycopg.Connection) -> list[Finding]:
    name = say("数据库", "database")
    version = connection.info.server_version // 10_000
    off = [each for each in _DURABLE if connection.execute(f"SHOW {each}").fetchone() == ("off",)]
    if off:
        advice = say("打开它们：断电会丢已确认的账", "switch them on: a power cut would lose acknowledged bookings")
        return [_wrong(name, f"PostgreSQL {version}: {', '.join(off)} off", advice)]
    return [_ok(name, f"PostgreSQL {version}; {', '.join(f'{each} on' for each in _DURABLE)}")]


def _rights(connection: psycopg.Connection) -> Finding:
    """Look whether the product's role could change a booked fact."""
    name = say("角色权限", "role's rights")
    role, over = connection.execute(
        "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user"
    ).fetchone() or ("?", False)
    rows = connection.execute(
        """SELECT t, has_table_privilege(oid, 'UPDATE') OR has_any_column_privilege(oid, 'UPDATE')
                  OR has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE')
           FROM unnest(%s::text[]) AS t JOIN pg_class ON oid = to_regclass(t)""",
        [list(FACTS)],
    ).fetchall()
    can = [table for table, may in rows if may]
    if over or can:
        words = say(
            f"{role} 可以改动已入账的事实：{', '.join(can)}", f"{role} could change booked facts: {', '.join(can)}"
        )
        advice = say(
            "给产品单独的角色（DATABASE_URL），迁移用 DATABASE_OWNER_URL，再运行 `tuike up`",
            "give the product a role of its own (DATABASE_URL), migrate with DATABASE_OWNER_URL, then `tuike up`",
        )
        return _wrong(name, words, advice)
    if len(rows) < len(FACTS):
        return _hint(name, say("表还没有建立", "the tables aren't there yet"), "tuike up")
    return _ok(name, say(f"{role} 不能改动已入账的事实", f"{role} can't change a booked fact"))


def migrations(env: Mapping[str, str]) -> Finding:
    """Ask Django whether the schema is up to date."""
    name = say("表结构", "schema")
    code, text = _django(env, "migrate", "--check")
    if code:
        last = text.strip().splitlines()[-1:] or ["?"]
        words = say(f"有未应用的迁移，或无法检查：{last[0]}", f"not up to date, or not to be told: {last[0]}")
        return _wrong(name, words, say("`tuike up` 会应用它们", "`tuike up` applies them"))
    return _ok(name, say("已是最新", "up to date"))


def deployment(env: Mapping[str, str]) -> Finding:
    """Ask Django for its checks of a production installation."""
    name = say("生产检查", "production checks")
    code, text = _django(env, "check", "--deploy", "--fail-level", "WARNING")
    if code:
        lines = [line.strip() for line in text.splitlines() if line.startswith("?:") or "rror" in line]
        return _wrong(
            name, "; ".join(lines[:6]) or text.strip()[-300:], say("按上面的提示改配置", "change what it names")
        )
    return _ok(name, say("没有警告", "no warnings"))


def _django(env: Mapping[str, str], *words: str) -> tuple[int, str]:
    try:
        done = subprocess.run(  # noqa: S603 our own interpreter, fixed words
            (sys.executable, "-P", "-m", "django", *words),
            env={**env, "DJANGO_SETTINGS_MODULE": "tuike.config.settings"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, say("60 秒没有回答", "no answer in 60 s")
    return done.returncode, done.stdout + done.stderr


def clock(path: Path, *, production: bool) -> Finding:
    """Look at the development clock's offset."""
    name = say("时钟", "clock")
    try:
        seconds = int(path.read_text().strip() or 0)
    except FileNotFoundError:
        seconds = 0
    except ValueError:
        return _wrong(name, say(f"{path} 里不是整数", f"{path} holds no whole number"), "tuike clock reset --back")
    if production and seconds:
        words = say(f"生产环境忽略 {path} 里的 {seconds} 秒", f"production ignores the {seconds} s in {path}")
        return _hint(name, words, f"rm {path}")
    if seconds:
        words = say(
            f"产品时间比真实时间快 {seconds} 秒（{seconds / 86_400:.1f} 天）", f"{seconds} s ahead of the real time"
        )
        return _hint(name, words, "tuike clock show")
    return _ok(name, say("真实时间", "the real time"))
