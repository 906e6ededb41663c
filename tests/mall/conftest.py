"""The mall's app in tests: skipped, with the reason, where Node is missing."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from tests.browser.watched import Watched
from tests.doors.product import Product, product
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.alliance import Alliance
from tests.mall import phones
from tests.sandbox_process import Sandbox, sandbox_process
from tuike.flows.refresh_library import refresh_library
from tuike.kit import clock
from tuike.people import queries
from tuike.people import service as people
from tuike.people.types import SessionKind
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


@contextmanager
def _alone() -> Iterator[None]:
    """Let one worker of a run fetch and build at a time: they share the packages and the built pages."""
    folder = ROOT / "var" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "mall.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def node() -> str:
    """Return Node, the app's packages fetched; skipped without Node."""
    if WITHOUT_NODE:
        pytest.skip(WITHOUT_NODE)
    found = mall_build.find_node()
    with _alone():
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
    with _alone():
        mall_build.build_h5(home)
    yield home


@pytest.fixture
def copied(tmp_path: Path, package: Path) -> Path:
    """Return a copy of the package that a test may spoil."""
    shutil.copytree(package, tmp_path / "package")
    return tmp_path / "package"


@dataclass
class Mall:
    """The product as it runs with the built pages, and what is in it."""

    product: Product
    sandbox: Sandbox
    one: Alliance
    code: str

    @property
    def base(self) -> str:
        """The web's address."""
        return self.product.base

    def session(self, person_id: int) -> dict[str, object]:
        """Return what the app keeps of a session of this person."""
        now = clock.now()
        token = people.open_session(person_id=person_id, kind=SessionKind.STOREFRONT, device="test", now=now)
        who = queries.refs([person_id])[person_id]
        return {"token": token, "person": {"no": who.no, "nickname": who.nickname, "language": "zh-hans"}}


@pytest.fixture
def mall_runs(committed_db: None, db_env: dict[str, str], h5: Path, tmp_path: Path) -> Iterator[Mall]:
    """Yield the product with web, worker and the built pages, a shop's product in it and a promoter's link to it."""
    Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (640, 400), "teal").save(Path(settings.MEDIA_ROOT) / "a.jpg")  # the makers' products show it
    one = make.alliance(price_fen=5_990)
    code = make.link(one, now=clock.now()).code
    env = dict(db_env) | {"TUIKE_MALL_HOME": str(h5)}
    with (
        sandbox_process(tmp_path / "sandbox", notify_factor=300) as sandbox,
        product(env, sandbox, tmp_path, worker=True) as running,
    ):
        yield Mall(running, sandbox, one, code)


@pytest.fixture(params=[False, True], ids=["zh", "en"])
def phone(request: pytest.FixtureRequest, browser: Any, mall_runs: Mall) -> Iterator[Watched]:
    """Yield a phone's browser in each language; what goes wrong in it and wasn't expected fails the test."""
    with phones.phone_of(browser, mall_runs, english=request.param) as watched:
        yield watched


@pytest.fixture
def promoter(phone: Watched, mall_runs: Mall) -> Watched:
    """Return the phone of the alliance's second promoter, signed in; the library stands."""
    refresh_library(now=clock.now())
    phones.held_by(phone, mall_runs, make_parties.super_admin_of(mall_runs.one.promoter).person_id)
    return phone
