"""The app's sources: types hold, texts are complete, nothing names another host, the client is the product's own."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mall.conftest import APP
from tools import mall, phone_shots

_PAIR = re.compile(r"^\s*(\w+): \[\s*'((?:[^'\\]|\\.)*)',\s*'((?:[^'\\]|\\.)*)',?\s*\],?", re.MULTILINE)
_HOLES = re.compile(r"\{(\w+)\}")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_IN_BOTH = {"me.chinese"}
"""Texts that are the same in both languages: a language's own name."""


def _texts() -> Iterator[tuple[str, str, str]]:
    for file in sorted((APP / "src" / "texts").glob("*.ts")):
        if file.stem != "index":
            for name, zh, en in _PAIR.findall(file.read_text(encoding="utf-8")):
                yield f"{file.stem}.{name}", zh, en


def test_the_description_is_the_products_own():
    kept = mall.FILE.read_text(encoding="utf-8")
    assert kept == mall.written(mall.described()), "run `make mall-api`"


def test_a_picture_is_taken_of_every_page():
    told = json.loads((APP / "src" / "pages.json").read_text(encoding="utf-8"))
    roots = [("", told["pages"]), *((f"{one['root']}/", one["pages"]) for one in told["subPackages"])]
    pages = {root + page["path"] for root, of_root in roots for page in of_root}
    assert {page.partition("?")[0] for _, _, page, _ in phone_shots.PAGES} == pages


@pytest.mark.slow
def test_the_types_follow_from_the_description(node, tmp_path):
    fresh = tmp_path / "schema.d.ts"
    words = [
        "node_modules/.bin/openapi-typescript",
        str(mall.FILE),
        "--default-non-nullable",
        "false",
        "-o",
        str(fresh),
    ]
    subprocess.run(words, cwd=APP, check=True, capture_output=True)
    assert fresh.read_text() == (APP / "src/api/schema.d.ts").read_text(), "run `make mall-api`"


@pytest.mark.slow
def test_types_hold(node):
    run = subprocess.run(
        ["node_modules/.bin/vue-tsc", "--noEmit"], cwd=APP, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:]


def test_texts_stand_in_both_languages_with_the_same_holes():
    texts = list(_texts())
    files = "".join(file.read_text() for file in (APP / "src/texts").glob("*.ts") if file.stem != "index")
    assert len(texts) == len(re.findall(r"^  \w+: \[", files, re.MULTILINE)) > 200
    for key, zh, en in texts:
        assert zh and en, key
        assert set(_HOLES.findall(zh)) == set(_HOLES.findall(en)), key
        assert key in _IN_BOTH or not _CJK.search(en), f"{key}: {en}"


def test_pages_speak_by_texts_alone():
    for file in sorted((APP / "src").rglob("*.vue")):
        assert not _CJK.search(re.sub(r"<!--.*?-->", "", file.read_text(), flags=re.DOTALL)), file


def test_components_name_no_event_like_wechats_own():
    """A tap within a component bubbles to the component itself there, so an event named `tap` would come twice."""
    own = "tap|longpress|longtap|touch[a-z]*|transitionend|animation[a-z]*"
    for file in sorted((APP / "src").rglob("*.vue")):
        assert not re.search(rf"emit\('({own})'|@tap\b", file.read_text()), file


def test_every_text_is_said_somewhere():
    said = "".join(file.read_text() for file in (APP / "src").rglob("*") if file.suffix in (".vue", ".ts"))
    assert [key for key, _, _ in _texts() if f"'{key}'" not in said] == []


def test_pages_are_short_and_are_all_named():
    named = json.loads((APP / "src/pages.json").read_text())
    listed = [one["path"] for one in named["pages"]]
    listed += [f"{sub['root']}/{one['path']}" for sub in named["subPackages"] for one in sub["pages"]]
    assert len(set(listed)) == len(listed)
    for page in listed:
        assert (APP / "src" / f"{page}.vue").is_file(), page
    for file in (APP / "src").rglob("*.vue"):
        assert len(file.read_text().splitlines()) <= 320, file


def test_every_component_of_ours_is_declared():
    declared = (APP / "src/components.d.ts").read_text()
    for file in sorted((APP / "src/components").glob("t-*.vue")):
        assert f"./components/{file.name}" in declared, file.name


def test_ways_between_pages_lead_somewhere():
    named = json.loads((APP / "src/pages.json").read_text())
    listed = {f"/{one['path']}" for one in named["pages"]}
    listed |= {f"/{sub['root']}/{one['path']}" for sub in named["subPackages"] for one in sub["pages"]}
    roots = "|".join(["pages", *(sub["root"] for sub in named["subPackages"])])
    way = re.compile(rf"[`'\"](/(?:{roots})/[a-z-]+/[a-z-]+)")
    sources = (one for one in (APP / "src").rglob("*") if one.suffix in (".vue", ".ts"))
    for file in (one for one in sources if not one.name.endswith(".d.ts")):  # which describe the API, and lead nowhere
        for target in way.findall(file.read_text()):
            assert target in listed, f"{file.name} leads to {target}"


def test_the_lock_and_the_sources_name_no_registry():
    lock = json.loads((APP / "package-lock.json").read_text())
    assert [name for name, one in lock["packages"].items() if "resolved" in one] == []
    for file in (one for one in (APP / "src").rglob("*") if one.suffix in (".vue", ".ts", ".scss")):
        for address in re.findall(r"https?://[a-z][\w.-]+\.[a-z]{2,}", file.read_text()):
            raise AssertionError(f"{file}: {address}")


def test_icons_are_what_the_script_draws():
    import runpy

    drawn = runpy.run_path(str(APP / "scripts/icons.py"), run_name="drawn")
    assert drawn["script"]() == Path(APP / "src/components/icons.ts").read_text()
