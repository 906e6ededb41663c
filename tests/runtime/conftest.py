"""Homes for real clusters, and a way to act as another account of the machine."""

import os
import pickle
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tuike.runtime import home as homes
from tuike.runtime import postgres
from tuike.runtime.home import Home

ORDINARY = "daemon"
"""An ordinary account that every Debian has; the embedded server never runs as it of its own accord."""


@pytest.fixture
def make_home() -> Iterator[Callable[..., Home]]:
    """Return `make(*below, mode=0o755, owner=None)`: a home in a short folder; its cluster is removed afterwards."""
    made: list[Home] = []
    root = Path(tempfile.mkdtemp(prefix="tk-", dir="/tmp"))
    root.chmod(0o755)

    def make(*below: str, mode: int = 0o755, owner: str | None = None) -> Home:
        parent = root / f"{len(made)}"
        parent.mkdir()
        parent.chmod(mode)
        if owner:
            shutil.chown(parent, owner, pwd.getpwnam(owner).pw_gid)
        made.append(homes.at(parent.joinpath(*below, "var")))
        return made[-1]

    yield make
    for home in made:
        if not home.pg.is_symlink() or home.pg.exists():
            postgres.remove(home)
    shutil.rmtree(root)


@pytest.fixture
def as_account() -> Callable[..., Any]:
    """Return `run(name, function)`: what `function` returns or raises in a forked process of that account."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another account")
    return _as_account


def _as_account(name: str, function: Callable[[], Any]) -> Any:
    # Forked, not started: the interpreter may lie where that account can't execute it.
    account = pwd.getpwnam(name)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            os.environ["HOME"] = "/"
            try:
                answer = (True, function())
            except Exception as error:
                answer = (False, (type(error).__name__, str(error)))
            os.write(writer, pickle.dumps(answer))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    fine, answer = pickle.loads(said)
    if not fine:
        raise AsAccountError(*answer)
    return answer


class AsAccountError(Exception):
    """What went wrong in the other account's process: name of the exception and its words."""

    @property
    def kind(self) -> str:
        return self.args[0]

    @property
    def words(self) -> str:
        return self.args[1]
