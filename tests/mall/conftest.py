"""The mall's app in tests: skipped, with the reason, where Node is missing."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tuike.runtime import mall, mall_build

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "miniprogram"


def _without_node() -> str:
    try:
        mall_build.find_node()
    except mall_build.NoNode as missing:
        return missing.en
    return ""


WITHOUT_NODE = _without_node()


@pytest.fixture(scope="session")
def node() -> str:
    """Return Node, the app's packages fetched; skipped without Node."""
    if WITHOUT_NODE:
        pytest.skip(WITHOUT_NODE)
    found = mall_build.find_node()
    mall_build.install(mall.SOURCES, found)
    return found


@pytest.fixture(scope="session")
def package(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return WeChat's package, built from the sources as they stand."""
    folder = tmp_path_factory.mktemp("package")
    subprocess.run([node, "scripts/build.mjs", "mp-weixin", str(folder)], cwd=APP, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def compilers(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of WeChat's compilers, which npm doesn't leave ready to run."""
    folder = tmp_path_factory.mktemp("compilers")
    for name in ("wcc", "wcsc"):
        shutil.copy(APP / "node_modules/miniprogram-compiler/bin/linux" / name, folder)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def h5(node: str) -> Iterator[Path]:
    """Return a home with the pages for browsers; built anew only when the sources changed."""
    home = ROOT / "var" / "test" / "h5"
    home.mkdir(parents=True, exist_ok=True)
    mall_build.build_h5(home)
    yield home


@pytest.fixture
def copied(tmp_path: Path, package: Path) -> Path:
    """Return a copy of the package that a test may spoil."""
    shutil.copytree(package, tmp_path / "package")
    return tmp_path / "package"
