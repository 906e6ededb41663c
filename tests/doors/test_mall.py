"""The mall's door: what it serves with a build, and what it says without one."""

import gzip
import re
from pathlib import Path

import pytest

from tuike.doors.mall import views
from tuike.doors.web import visitor
from tuike.runtime import mall

pytestmark = pytest.mark.usefixtures("db")
PAGE, SCRIPT = b"<!doctype html><title>mall</title>", b"export const a = 1\n" * 100


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Return a home of the pages that nothing was built into."""
    monkeypatch.setenv("TUIKE_MALL_HOME", str(tmp_path))
    views._read.cache_clear()
    return tmp_path


def _build(home: Path, name: str = "b1", script: str = "index-a1.js") -> Path:
    mall.write(home, mall.State(step=mall.READY, build=name))
    folder = mall.folder(home) / name
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "assets" / script).write_bytes(SCRIPT)
    (folder / "assets" / f"{script}.gz").write_bytes(gzip.compress(SCRIPT))
    return folder


@pytest.mark.parametrize("step", [mall.NEVER, mall.INSTALLING, mall.BUILDING])
@pytest.mark.parametrize(("language", "lang"), [("zh-CN", "zh-Hans"), ("en", "en")])
def test_while_it_is_built_the_page_looks_again(client, home, step, language, lang):
    mall.write(home, mall.State(step=step))
    answer = client.get("/m/", headers={"accept-language": language})
    assert answer.status_code == 503
    assert answer["Refresh"] == answer["Retry-After"] == "3"
    assert f'lang="{lang}"' in answer.content.decode()


def test_a_failure_shows_words_and_the_logs_tail(client, home, settings):
    mall.write(home, mall.State(step=mall.FAILED, zh="构建失败：build", en="build failed", log=["<line> 7"]))
    page = client.get("/m/", headers={"accept-language": "en"})
    assert page.status_code == 503
    assert "build failed" in page.content.decode()
    assert "&lt;line&gt; 7" in page.content.decode()
    assert "Refresh" not in page
    settings.PRODUCTION = True
    assert "line" not in re.sub(r"<style.*?</style>", "", client.get("/m/").content.decode(), flags=re.DOTALL)


def test_without_node_it_says_what_is_missing(client, home):
    mall.write(home, mall.State(step=mall.MISSING, zh="没有找到 Node.js", en="No Node.js"))
    assert "没有找到 Node.js" in client.get("/m/", headers={"accept-language": "zh-CN"}).content.decode()


@pytest.mark.parametrize("address", ["/m/", "/m/pages/product/product?c=abc", "/m/order/list/list"])
def test_every_address_of_the_app_is_its_one_page(client, home, address):
    _build(home)
    answer = client.get(address)
    assert (answer.status_code, answer.content) == (200, PAGE)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_visitor_gets_a_mark_once(client, home):
    _build(home)
    first = client.get("/m/")
    assert visitor.found(first["Set-Cookie"])
    assert first["Cache-Control"] == "no-store"
    again = client.get("/m/", headers={"cookie": first["Set-Cookie"].partition(";")[0]})
    assert "Set-Cookie" not in again
    assert again["Cache-Control"] == "no-cache"
    known = client.get("/m/", headers={"cookie": first["Set-Cookie"].partition(";")[0], "if-none-match": again["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_hashed_files_are_kept_for_ever_and_go_out_packed(client, home):
    _build(home)
    packed = client.get("/m/assets/index-a1.js", headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == SCRIPT
    assert packed["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Accept-Encoding" in packed["Vary"]
    plain = client.get("/m/assets/index-a1.js", headers={"accept-encoding": "identity"})
    assert plain.content == SCRIPT
    assert "Content-Encoding" not in plain
    assert "javascript" in plain["Content-Type"]


@pytest.mark.parametrize(
    "address",
    [
        "/m/assets/none.js",
        "/m/assets/../../../secrets/key",
        "/m/assets/%2e%2e/%2e%2e/state.json",
        "/m/assets/index-a1.js.gz",
    ],
)
def test_what_is_no_file_of_the_build_is_not_there(client, home, address):
    _build(home)
    (home / "secrets").mkdir()
    (home / "secrets" / "key").write_text("secret")
    assert client.get(address).status_code == 404


def test_a_page_that_is_open_finds_the_files_of_the_build_before(client, home):
    _build(home, "b1", "index-old.js")
    _build(home, "b2", "index-new.js")
    assert client.get("/m/assets/index-new.js").status_code == 200
    assert client.get("/m/assets/index-old.js").status_code == 200


@pytest.mark.parametrize("text", ["", "{", '{"step": "ready", "other": 1}', "[]"])
def test_an_unreadable_state_is_as_if_nothing_was_tried(home, text):
    mall.folder(home).mkdir()
    (mall.folder(home) / mall.STATE).write_text(text)
    assert mall.read(home) == mall.State()
    assert mall.built(home) is None
