"""`tuike doctor`'s findings: each one right when all is well, and wrong when it is not."""

import json
import os
import socket

import pytest

from tuike.runtime import checks
from tuike.runtime import home as homes
from tuike.runtime.checks import Level


@pytest.fixture
def home(tmp_path):
    return homes.at(tmp_path / "home").make()


@pytest.mark.parametrize(("version", "level"), [((3, 11, 0), Level.OK), ((3, 10, 14), Level.WRONG)])
def test_python(version, level):
    assert checks.python(version).level is level


def test_packages_are_compared_with_the_lock(tmp_path):
    lock = tmp_path / "run.txt"
    assert checks.packages(lock).level is Level.HINT
    assert checks.packages().level is Level.OK
    lock.write_text("django==1.0 \\\n    --hash=sha256:00\nno-such-package==2.0\n")
    found = checks.packages(lock)
    assert found.level is Level.WRONG
    assert "django" in found.words
    assert "no-such-package — ≠ 2.0" in found.words


def test_the_home_needs_space(home):
    assert checks.home(home).level is Level.OK
    assert checks.home(home, least_free=10**18).level is Level.WRONG


def test_a_home_that_is_a_file_is_wrong(tmp_path):
    (tmp_path / "file").write_text("")
    assert checks.home(homes.at(tmp_path / "file")).level is Level.WRONG


def test_a_secret_that_others_can_read_is_named(home, tmp_path):
    mine = home.secrets / "key"
    mine.write_text("x")
    mine.chmod(0o600)
    assert checks.secrets(home, {}).level is Level.OK
    mine.chmod(0o644)
    assert checks.secrets(home, {}).level is Level.OK  # nobody else gets through its folder
    home.secrets.chmod(0o755)
    found = checks.secrets(home, {})
    assert found.level is Level.WRONG
    assert f"chmod 600 {mine}" in found.advice
    mine.chmod(0o600)
    elsewhere = tmp_path / "merchant.pem"
    elsewhere.write_text("x")
    elsewhere.chmod(0o640)
    tmp_path.chmod(0o755)
    assert checks.secrets(home, {"WECHATPAY_PRIVATE_KEY_FILE": elsewhere}).level is Level.WRONG


def test_a_port_is_free_ours_or_somebody_elses(home):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        number = held.getsockname()[1]
        held.listen()
        found = checks.port(number, host="127.0.0.1", where=home)
        assert found.level is Level.WRONG
        assert str(os.getpid()) in found.words
        (home.root / "up.json").write_text(json.dumps({"programs": {"web": {"pid": os.getpid()}}}))
        assert checks.port(number, host="127.0.0.1", where=home).level is Level.OK
    (home.root / "up.json").unlink()
    assert checks.port(number, host="127.0.0.1", where=home).level is Level.OK


def test_the_products_role_may_not_change_facts_but_the_owner_may(home, test_database):
    on, name = test_database.server, test_database.name
    product = checks.database(home, url=on.url(name))
    assert [found.level for found in product] == [Level.OK, Level.OK]
    assert "fsync on, synchronous_commit on, full_page_writes on" in product[0].words
    owner = checks.database(home, url=on.url(name, "owner"))
    assert owner[-1].level is Level.WRONG
    assert all(table in owner[-1].words for table in checks.FACTS)


def test_a_right_on_a_single_column_is_found(home, test_database):
    on, name = test_database.server, test_database.name
    test_database.sql("GRANT UPDATE (amount_fen) ON ledger_entry TO tuike_app; SELECT 1")
    try:
        found = checks.database(home, url=on.url(name))[-1]
    finally:
        test_database.sql("REVOKE UPDATE (amount_fen) ON ledger_entry FROM tuike_app; SELECT 1")
    assert found.level is Level.WRONG
    assert "ledger_entry" in found.words
    assert checks.database(home, url=on.url(name))[-1].level is Level.OK


def test_a_database_that_is_away(home):
    assert checks.database(home, url=None)[0].level is Level.HINT
    [found] = checks.database(home, url="postgresql://somebody:canary-password@127.0.0.1:1/tuike")
    assert found.level is Level.WRONG
    assert "canary" not in found.words


@pytest.mark.parametrize(
    ("content", "production", "level"),
    [
        (None, False, Level.OK),
        ("0\n", False, Level.OK),
        ("86400\n", False, Level.HINT),
        ("86400\n", True, Level.HINT),
        ("soon", False, Level.WRONG),
    ],
)
def test_the_clock(tmp_path, content, production, level):
    path = tmp_path / "clock.offset"
    if content is not None:
        path.write_text(content)
    assert checks.clock(path, production=production).level is level


def test_django_is_asked_in_a_process_of_its_own(db_env):
    assert checks.migrations({**os.environ, **db_env}).level is Level.OK
    found = checks.migrations({**os.environ, "DATABASE_URL": "postgresql://a@127.0.0.1:1/b"})
    assert found.level is Level.WRONG
