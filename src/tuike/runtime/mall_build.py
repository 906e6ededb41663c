"""Builds the mall's pages with Node: `python -m tuike.runtime.mall_build h5` for browsers into the data home, or
`mp-weixin`, WeChat's package, into the checkout.

Packages are fetched when the lock changed, pages built when the sources changed; two at once wait for each other.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tuike.runtime import mall, procs
from tuike.runtime.home import give
from tuike.runtime.words import say

LEAST_NODE = 20
_KEPT_LINES = 40
_KEPT_BUILDS = 2  # the one before is still asked for by pages that are open
_STAMP = ".installed"
_NOT_SOURCES = {"node_modules", "dist", "tests"}
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class NoNode(Exception):
    """Node is missing or too old; the message says what to do, in both languages."""

    def __init__(self, *, zh: str, en: str):
        self.zh, self.en = zh, en
        super().__init__(say(zh, en))


class BuildFailed(Exception):
    """A program ended with an error; `lines` are the last that it said."""

    def __init__(self, *, what: str, code: int, lines: Sequence[str]):
        self.what, self.code, self.lines = what, code, tuple(lines)
        super().__init__(f"{what} ended with exit code {code}")


def main(argv: Sequence[str] | None = None) -> int:
    """Build what is asked for; return the exit code."""
    asked = argparse.ArgumentParser(prog="tuike.runtime.mall_build")
    asked.add_argument("platform", choices=["h5", "mp-weixin"])
    platform = asked.parse_args(argv).platform
    try:
        if platform == "h5":
            build_h5(mall.home())
        else:
            build_package()
    except NoNode as missing:
        _tell(missing)
        return 2
    except BuildFailed as failed:
        _tell(say(f"构建失败：{failed}", f"could not build: {failed}"))
        return 1
    return 0


def build_h5(root: Path) -> None:
    """Build the pages for browsers where the sources changed since, and say in the home how far it is.

    Raises:
        NoNode, BuildFailed: also written to the home, where the pages are served from.
    """
    before = mall.read(root)
    served = before.build if mall.built(root) else ""
    try:
        name = source_mark(mall.SOURCES)
        if served == name:
            mall.write(root, mall.State(step=mall.READY, build=name))
            _tell(say("已是最新", "up to date"))
            return
        node = find_node()
        with _alone(root):
            mall.write(root, mall.State(step=mall.INSTALLING, build=served))
            where = _installed(root, node)
            mall.write(root, mall.State(step=mall.BUILDING, build=served))
            _build(root, where, name, node)
    except NoNode as missing:
        mall.write(root, mall.State(step=mall.MISSING, build=served, zh=missing.zh, en=missing.en))
        raise
    except BuildFailed as failed:
        words = (f"构建失败：{failed.what}，退出码 {failed.code}", f"{failed.what} ended with exit code {failed.code}")
        mall.write(root, mall.State(step=mall.FAILED, build=served, zh=words[0], en=words[1], log=failed.lines))
        raise
    mall.write(root, mall.State(step=mall.READY, build=name))
    _forget(mall.folder(root), keep=name)
    _tell(say("手机页面已就绪：/m/", "the mall's pages stand at /m/"))


def build_package() -> None:
    """Build WeChat's package into `miniprogram/dist/build/mp-weixin`.

    Raises:
        NoNode, BuildFailed: see there.
    """
    node = find_node()
    install(mall.SOURCES, node)
    _run("build", [node, "scripts/build.mjs", "mp-weixin"], cwd=mall.SOURCES, node=node)
    _tell(mall.SOURCES / "dist/build/mp-weixin")


def find_node() -> str:
    """Return Node's program, with npm beside it.

    Raises:
        NoNode: there is none, it is too old, or npm is missing.
    """
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        raise NoNode(
            zh=f"没有找到 Node.js {LEAST_NODE} 或更新版本（含 npm），手机页面未构建。"
            "安装后重新运行即可，其余功能不受影响。",
            en=f"No Node.js {LEAST_NODE} or newer with npm was found, so the mall's pages are not built. Install it and"
            " run again; all else works.",
        )
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    number = re.match(r"v(\d+)\.", said)
    if number is None or int(number.group(1)) < LEAST_NODE:
        raise NoNode(
            zh=f"Node.js {said or '?'} 太旧，手机页面需要 {LEAST_NODE} 或更新版本。其余功能不受影响。",
            en=f"Node.js {said or '?'} is too old: the mall's pages need {LEAST_NODE} or newer. All else works.",
        )
    return found


def source_mark(sources: Path) -> str:
    """Return a name that changes with any file that the pages are made of, or with where the API stands."""
    told = hashlib.sha256()
    for path in _files(sources):
        told.update(str(path.relative_to(sources)).encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()[:16]


def _files(sources: Path) -> Iterator[Path]:
    for entry in sorted(sources.iterdir()):
        if entry.name in _NOT_SOURCES or entry.name.startswith("."):
            continue
        yield from sorted(one for one in entry.rglob("*") if one.is_file()) if entry.is_dir() else [entry]


class _alone:
    """While one builds, another of the same checkout waits: they share the packages."""

    def __init__(self, root: Path):
        self._path = mall.SOURCES / "package.json" if mall.SOURCES.is_dir() else root

    def __enter__(self) -> None:
        self._lock = self._path.open()
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def _installed(root: Path, node: str) -> Path:
    """Return a folder with the sources and their packages: the checkout, or a copy where we may not write there."""
    if _current(mall.SOURCES) or os.access(mall.SOURCES, os.W_OK):
        install(mall.SOURCES, node)
        return mall.SOURCES
    copy = mall.folder(root) / "source"
    shutil.copytree(mall.SOURCES, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules", "dist"))
    install(copy, node)
    return copy


def _lock_mark(where: Path) -> str:
    return hashlib.sha256((where / "package-lock.json").read_bytes()).hexdigest()


def _current(where: Path) -> bool:
    try:
        return (where / "node_modules" / _STAMP).read_text() == _lock_mark(where)
    except OSError:
        return False


def install(where: Path, node: str) -> None:
    """Fetch the packages of the lock where others are installed, or none.

    Raises:
        BuildFailed: npm could not.
    """
    if _current(where):
        return
    _tell(say("安装依赖（npm ci）…", "fetching packages (npm ci) …"))
    _run("npm ci", ["npm", "ci", "--no-audit", "--no-fund"], cwd=where, node=node)
    (where / "node_modules" / _STAMP).write_text(_lock_mark(where))
    _give_all(where / "node_modules", like=where)


def _build(root: Path, where: Path, name: str, node: str) -> None:
    _tell(say("构建手机页面…", "building the mall's pages …"))
    fresh = mall.folder(root) / f"{name}.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        _run("build", [node, "scripts/build.mjs", "h5", str(fresh)], cwd=where, node=node)
        _run("compress", [node, "scripts/compress.mjs", str(fresh)], cwd=where, node=node)
        _give_all(fresh, like=root)
        target = mall.folder(root) / name
        shutil.rmtree(target, ignore_errors=True)
        fresh.replace(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _forget(folder: Path, *, keep: str) -> None:
    """Remove the builds that nobody asks for any more."""
    others = [one for one in folder.iterdir() if one.is_dir() and one.name not in (keep, "source")]
    others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
    for one in others[_KEPT_BUILDS - 1 :]:
        shutil.rmtree(one, ignore_errors=True)


def _give_all(folder: Path, *, like: Path) -> None:
    """Leave what root made to whom the folder around belongs."""
    if os.geteuid() == 0 and like.stat().st_uid != 0:
        for path in [folder, *folder.rglob("*")]:
            if not path.is_symlink():
                give(path, like=like)


def _run(what: str, argv: Sequence[str], *, cwd: Path, node: str) -> None:
    """Run a program to its end, passing its lines on.

    Raises:
        BuildFailed: it ended with another exit code than 0.
    """
    last: deque[str] = deque(maxlen=_KEPT_LINES)
    with subprocess.Popen(  # noqa: S603 our own scripts and npm, no shell
        argv,
        cwd=cwd,
        env=_environment(node),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=procs.leash(),  # noqa: PLW1509 loads nothing after the fork
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            words = _COLOURS.sub("", line).strip()
            if words:
                last.append(words)
    if running.returncode:
        _tell("\n".join(last))
        raise BuildFailed(what=what, code=running.returncode, lines=last)


def _tell(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _environment(node: str) -> Mapping[str, str]:
    """Return what Node's programs are told: nothing of ours, and to say nothing to anybody outside."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DATABASE_"))}
    path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return kept | {"CI": "1", "PATH": path, "npm_config_update_notifier": "false", "NODE_ENV": "development"}


if __name__ == "__main__":
    sys.exit(main())
