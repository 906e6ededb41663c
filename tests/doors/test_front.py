"""The first page."""

import pytest
from django.db import connection

from tuike.kit import clock


def test_it_says_what_runs_in_both_languages_and_leads_on(client, monkeypatch):
    monkeypatch.setattr(clock, "offset_seconds", lambda: 27 * 86_400 + 3_600)
    page = client.get("/")
    body = page.content.decode()
    assert page.status_code == 200 and 'lang="zh-Hans"' in body and "推客联盟" in body and "+27 天 01:00" in body
    for link in ("/sign-in", "/api/docs", "/api/openapi.json", "/readyz"):
        assert f'href="{link}"' in body
    english = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert "Tuike Alliance" in english and "推客联盟" not in english
    assert "Tuike Alliance" in client.get("/?lang=en").content.decode()
    assert client.post("/").status_code == 405


def test_it_shows_the_sandbox_only_where_there_is_one(client, settings):
    settings.SANDBOX_BASE = "http://127.0.0.1:9999"
    assert 'href="http://127.0.0.1:9999/"' in client.get("/").content.decode()
    settings.SANDBOX_BASE = ""
    body = client.get("/").content.decode()
    assert "9999" not in body and "微信正式接口" in body


def test_it_needs_no_database(client, monkeypatch):
    def gone() -> None:
        pytest.fail("the first page asked the database")

    monkeypatch.setattr(connection, "cursor", gone)
    assert client.get("/").status_code == 200
