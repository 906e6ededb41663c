"""Which account of the operating system runs the database server: ourselves, or as root an unprivileged one."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuike.runtime.errors import Unusable

UNPRIVILEGED = ("tuike", "postgres", "nobody")
"""Accounts that root's server may run as, best first. They are used where they exist, never made."""


@dataclass(frozen=True)
class Account:
    """An account with an entry in passwd (initdb and peer authentication both need one)."""

    name: str
    uid: int
    gid: int

    @property
    def dropped(self) -> bool:
        """Whether this is another account than the one we run as."""
        return self.uid != os.geteuid()

    def spawn(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess` run a program as this account, and nothing of ours with it."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": os.getgrouplist(self.name, self.gid)}

    def run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command of ours as this account and return what it said; its exit code isn't checked here."""
        everyday: dict[str, Any] = {"cwd": "/", "capture_output": True, "text": True}
        return subprocess.run(command, check=False, **(everyday | options), **self.spawn())  # noqa: S603 our programs

    def can(self, test: str, path: Path) -> bool:
        """Return whether `test -<test> path` holds for this account (asked by becoming it: modes alone can lie)."""
        command = ["/bin/sh", "-c", f'test -{test} "$1"', "sh", str(path)]
        return self.run(command).returncode == 0


def me() -> Account:
    """Return the account that we run as.

    Raises:
        Unusable: our user id has no entry in passwd.
    """
    return _by_uid(os.geteuid())


def choose(data: Path) -> Account:
    """Return who runs the server over `data`: its owner where it exists, else ourselves, as root an unprivileged one.

    Raises:
        Unusable: the data belongs to somebody else, or root finds no unprivileged account.
    """
    try:
        owner = data.stat().st_uid if data.exists() else None
    except PermissionError:
        raise _foreign(data) from None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise _foreign(data)
        return me()
    if owner:
        return _by_uid(owner)
    if owner == 0:
        raise Unusable(
            zh=f"数据库文件夹 {data} 属于 root，而 PostgreSQL 拒绝以 root 运行。",
            en=f"The database folder {data} belongs to root, and PostgreSQL refuses to run as root.",
        )
    for name in UNPRIVILEGED:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_name, found.pw_uid, found.pw_gid)
    raise Unusable(
        zh="PostgreSQL 不能以 root 运行，而本机没有 tuike、postgres 或 nobody 用户。",
        en="PostgreSQL can't run as root, and this machine has no user tuike, postgres or nobody.",
    )


def _foreign(data: Path) -> Unusable:
    return Unusable(
        zh=f"数据库文件夹 {data} 属于另一个用户。请以该用户或 root 运行，或用 TUIKE_HOME 指定别的文件夹。",
        en=f"The database folder {data} belongs to another user. "
        "Run as that user or as root, or choose another folder with TUIKE_HOME.",
    )


def _by_uid(uid: int) -> Account:
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        raise Unusable(
            zh=f"uid {uid} 在 /etc/passwd 中没有条目；PostgreSQL 需要它。",
            en=f"User id {uid} has no entry in /etc/passwd; PostgreSQL needs one.",
        ) from None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)
