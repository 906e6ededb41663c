"""Where a cluster's files and its socket lie: below the home, or where the server's account can reach them."""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tuike.runtime.account import Account
from tuike.runtime.errors import Unusable
from tuike.runtime.home import Home

ELSEWHERE = Path("/var/lib/tuike")
"""Where root puts clusters whose home can't be entered by an unprivileged account."""
PORT = 5432
"""Only names the socket's file; nothing listens on TCP."""
_LONGEST = 107 - len(f"/.s.PGSQL.{PORT}.lock")
"""The kernel takes 107 bytes for a socket's path; the folder gets what the file's name leaves."""


@dataclass(frozen=True)
class Place:
    """The folders of a cluster. `base` is ours, `data` and `sockets` belong to the server's account alone."""

    base: Path
    data: Path
    sockets: Path

    @property
    def version(self) -> int | None:
        """The major version that made the data, None when there is no cluster yet."""
        # Not `exists()`: a folder that we can't read must not look like one that is missing.
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None


def look(home: Home) -> Place:
    """Return where the cluster of `home` lies, or will lie; touches nothing.

    Raises:
        Unusable: the home points to a cluster elsewhere that is gone.
    """
    base = home.pg
    if base.is_symlink():
        base = Path(os.path.realpath(base))
        if not base.is_dir():
            raise Unusable(
                zh=f"{home.pg} 指向 {base}，但那里没有数据库。若数据确实不再需要，请删除这个链接后重来。",
                en=f"{home.pg} points to {base}, but there is no database. "
                "If the data is really no longer wanted, remove the link and start again.",
            )
    return Place(base, base / "data", _sockets(base))


def settle(home: Home, account: Account) -> Place:
    """Make the folders of the cluster of `home` for the server's `account` and return them.

    Parents are never opened up: where `account` can't enter the home, the cluster goes to `/var/lib/tuike/…` and
    the home keeps a link to it.

    Raises:
        Unusable: no place is open to `account`.
    """
    home.make()
    if not home.pg.is_symlink() and not home.pg.exists() and account.dropped and not account.can("x", home.root):
        home.pg.symlink_to(_elsewhere(home))
    place = look(home)
    _own(place.base, None if account.dropped else account, mode=0o711 if account.dropped else 0o700)
    if not account.can("x", place.base):
        raise Unusable(
            zh=f"用户 {account.name} 无法进入 {place.base}（上级文件夹的权限不允许）。",
            en=f"The user {account.name} can't enter {place.base} (a parent folder doesn't let it pass).",
        )
    sockets = place.sockets
    if sockets.parent == place.base:
        _own(sockets, account, mode=0o700)
    else:
        sockets = _short(place.base, sockets, account)
    return Place(place.base, place.data, sockets)


def private(folder: Path, account: Account) -> None:
    """Make `folder` if it is missing, for `account` alone."""
    _own(folder, account, mode=0o700)


def _elsewhere(home: Home) -> Path:
    """Make a new folder for this home. One that is there is never taken: it may hold another home's data."""
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(home.root)).hexdigest()[:12]
    for attempt in range(1, 1000):
        folder = ELSEWHERE / (name if attempt == 1 else f"{name}-{attempt}")
        try:
            folder.mkdir(mode=0o711)
        except FileExistsError:
            continue
        (folder / "home").write_text(f"{home.root}\n")
        return folder
    raise Unusable(
        zh=f"{ELSEWHERE} 中有太多同名的旧文件夹，请清理。",
        en=f"Too many old folders of one name in {ELSEWHERE}: clean up.",
    )


def _own(folder: Path, account: Account | None, *, mode: int) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        if folder.is_dir():
            return
        raise
    folder.chmod(mode)
    if account and account.dropped:
        os.chown(folder, account.uid, account.gid)


def _sockets(base: Path) -> Path:
    """Return the recorded or planned folder of the socket: short, and free of commas (libpq splits hosts there)."""
    run = base / "run"
    if run.is_symlink():
        return run.readlink()
    if len(os.fsencode(run)) <= _LONGEST and "," not in str(run):
        return run
    name = hashlib.sha256(os.fsencode(base)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"tuike-{name}"


def _short(base: Path, planned: Path, account: Account) -> Path:
    """Make the short folder for the socket and record it as the link `run`; a squatted name is not used."""
    _try_own(planned, account)
    if not _is_private(planned, account):
        planned = Path(tempfile.mkdtemp(prefix="tuike-"))
        if account.dropped:
            os.chown(planned, account.uid, account.gid)
    run = base / "run"
    if not run.is_symlink() or run.readlink() != planned:
        run.unlink(missing_ok=True)
        run.symlink_to(planned)
    return planned


def _try_own(folder: Path, account: Account) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if account.dropped:
        os.chown(folder, account.uid, account.gid)


def _is_private(folder: Path, account: Account) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and stat.S_IMODE(found.st_mode) == 0o700
