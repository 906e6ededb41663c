"""Pieces of pages opened as pages of their own, and addresses that nothing answers."""

import pytest

from tests.make import parties as make_parties

BROWSER = {"accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("english", [False, True])
def test_a_dialog_opened_in_a_tab_stands_in_a_page(sit, english):
    person = sit(make_parties.promoter(), english=english)
    piece = person.get("place-add", htmx=True).content.decode()
    assert piece.lstrip().startswith('<div class="dhead">')
    page = person.get("place-add").content.decode()
    assert page.startswith("<!doctype html>")
    assert page.count("<h1>") == 1
    assert 'id="side"' in page
    assert 'name="key"' in page


def test_an_address_that_nothing_answers_is_a_page_to_a_browser(sit):
    person = sit(make_parties.promoter(), english=False)
    answer = person.client.get("/promoter/nothing-there/", headers=BROWSER)
    assert answer.status_code == 404
    assert "没有找到" in answer.content.decode()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_program_gets_the_bare_line(sit):
    answer = sit(make_parties.promoter()).client.get("/nothing-there/", headers={"accept": "application/json"})
    assert answer.status_code == 404
    assert b"console.css" not in answer.content
