"""The data home: one folder that holds everything an installation keeps, `TUIKE_HOME` or `<checkout>/var`."""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Home:
    """Where an installation keeps its things. Paths only: nothing needs to exist before `make()`."""

    root: Path
    pg: Path
    """The database cluster; a symbolic link where the cluster can't live below `root`."""
    logs: Path
    sandbox: Path
    secrets: Path
    clock_file: Path

    def make(self) -> "Home":
        """Create the folders that are missing: secrets and sandbox for the owner alone, the root passable by others.

        The database's server may run as another account than ours and has to pass through the root.
        """
        # 0711, not 0755: whoever passes through sees no names.
        for folder, mode in ((self.root, 0o711), (self.logs, 0o750), (self.sandbox, 0o700), (self.secrets, 0o700)):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(mode)
                give(folder, like=folder.parent if folder is self.root else self.root)
        return self


def find() -> Home:
    """Return the home that the environment names (`TUIKE_HOME`, `TUIKE_CLOCK_FILE`), else the checkout's `var`."""
    clock_file = os.environ.get("TUIKE_CLOCK_FILE")
    return at(os.environ.get("TUIKE_HOME") or CHECKOUT / "var", clock_file=clock_file)


def at(root: Path | str, *, clock_file: str | None = None) -> Home:
    """Return the home at `root` (made absolute, links resolved: one folder has one name)."""
    root = Path(os.path.realpath(Path(root).expanduser()))
    return Home(
        root=root,
        pg=root / "pg",
        logs=root / "logs",
        sandbox=root / "sandbox",
        secrets=root / "secrets",
        clock_file=Path(clock_file) if clock_file else root / "clock.offset",
    )


def give(path: Path | int, *, like: Path) -> None:
    """Let root leave `path` to whom `like` belongs, so that a run as root doesn't lock an ordinary user out."""
    owner = like.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)
