"""Building the mall's pages: when packages are fetched, when pages are built, what is said when it can't be."""

import os
from pathlib import Path

import pytest

from tuike.runtime import mall, mall_build

_NODE = """#!/bin/sh
echo "$@" >> "{log}"
case "$1" in
  --version) echo "{version}" ;;
  scripts/build.mjs) [ -z "$BROKEN" ] || {{ echo "no such file: a.vue"; exit 3; }}
     mkdir -p "$3/assets" && echo page > "$3/index.html" ;;
esac
"""
_NPM = """#!/bin/sh
echo "npm $@" >> "{log}"
mkdir -p node_modules
"""


@pytest.fixture
def sources(tmp_path, monkeypatch) -> Path:
    """Return sources of an app whose packages were never fetched."""
    folder = tmp_path / "miniprogram"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.ts").write_text("1")
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text("{}")
    monkeypatch.setattr(mall, "SOURCES", folder)
    return folder


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Return `tools(version)`, which puts a Node of that version and an npm before all others."""

    def put(version: str = "v20.1.0") -> Path:
        folder, log = tmp_path / "bin", tmp_path / "log"
        folder.mkdir(exist_ok=True)
        for name, text in (("node", _NODE), ("npm", _NPM)):
            (folder / name).write_text(text.format(log=log, version=version))
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
        return log

    return put


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def _did(log: Path) -> list[str]:
    lines = [line for line in log.read_text().splitlines() if line != "--version"]
    log.write_text("")
    return [line.split()[0] if line.startswith("npm") else line.split()[0].removeprefix("scripts/") for line in lines]


def test_packages_and_pages_are_made_once_and_again_when_something_changed(sources, tools, home):
    log = tools()
    mall_build.build_h5(home)
    assert _did(log) == ["npm", "build.mjs", "compress.mjs"]
    first = mall.built(home)
    assert first is not None
    assert (first / "index.html").read_text() == "page\n"
    mall_build.build_h5(home)
    assert log.read_text() == ""
    (sources / "src" / "main.ts").write_text("2")
    mall_build.build_h5(home)
    assert _did(log) == ["build.mjs", "compress.mjs"]
    assert mall.built(home) != first
    (sources / "package-lock.json").write_text('{"a": 1}')
    mall_build.build_h5(home)
    assert _did(log) == ["npm", "build.mjs", "compress.mjs"]


def test_only_the_build_before_is_kept(sources, tools, home):
    tools()
    for text in "abcd":
        (sources / "src" / "main.ts").write_text(text)
        mall_build.build_h5(home)
    kept = [one for one in mall.folder(home).iterdir() if one.is_dir()]
    assert len(kept) == 2
    assert mall.built(home) in kept


def test_a_failed_build_says_why_and_the_old_pages_stay(sources, tools, home, monkeypatch):
    tools()
    mall_build.build_h5(home)
    served = mall.built(home)
    (sources / "src" / "main.ts").write_text("broken")
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(mall_build.BuildFailed) as raised:
        mall_build.build_h5(home)
    assert (raised.value.what, raised.value.code) == ("build", 3)
    state = mall.read(home)
    assert state.step == mall.FAILED
    assert "no such file: a.vue" in state.log
    assert mall.built(home) == served
    assert not [one for one in mall.folder(home).iterdir() if "." in one.name and one.is_dir()]


@pytest.mark.parametrize("version", ["v18.20.1", "nonsense"])
def test_an_old_node_is_told_by_name(sources, tools, home, version):
    tools(version)
    with pytest.raises(mall_build.NoNode):
        mall_build.build_h5(home)
    state = mall.read(home)
    assert state.step == mall.MISSING
    assert version in state.en
    assert version in state.zh


def test_without_node_it_says_what_is_missing(sources, home, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TUIKE_MALL_HOME", str(home))
    assert mall_build.main(["h5"]) == 2
    assert mall.read(home).step == mall.MISSING
    assert "Node.js 20" in capsys.readouterr().out


def test_tests_and_packages_are_no_sources(sources):
    before = mall_build.source_mark(sources)
    for name in ("node_modules", "dist", "tests"):
        (sources / name).mkdir()
        (sources / name / "a").write_text("1")
    assert mall_build.source_mark(sources) == before
    (sources / "config.json").write_text("{}")
    assert mall_build.source_mark(sources) != before
