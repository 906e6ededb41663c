"""A category's picture is handed in at the desk, kept, changed and removed; the mall's tree shows what stands."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.console.conftest import toast_of
from tests.make import catalog as make_catalog
from tests.make import content as make_content
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.parties.types import Role

GIVEN = {"name": "茶具", "name_en": "Tea ware"}


@pytest.fixture
def who(sit, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return sit(make_parties.operator())


def _shown(who, name: str = "茶具") -> str:
    tree = who.client.get("/api/storefront/categories").json()["items"]
    return next(one["picture"] for one in tree if one["name"] == name)


def _file(raw: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("图.jpg", raw, "image/jpeg")


def test_a_category_gets_changes_and_loses_its_picture(who):
    category = make_catalog.category(name="茶具")

    def change(**more):
        return who.post("category-change", GIVEN | more, category_id=category)

    assert _shown(who) == ""
    assert change(picture=_file(b"no picture at all")).status_code == 422
    assert _shown(who) == ""
    assert toast_of(change(picture=_file(make_content.picture_bytes(colour="red", kind="PNG")))) == "类目已修改"
    red = _shown(who)
    assert red.startswith("/media/categories/")
    assert red in who.get("categories").content.decode()
    assert red in who.get("category-change", category_id=category, htmx=True).content.decode()
    assert toast_of(change()) == "类目已修改"
    assert _shown(who) == red, "nothing handed in leaves it"
    change(picture=_file(make_content.picture_bytes(colour="blue")))
    assert _shown(who).startswith("/media/categories/") and _shown(who) != red
    change(no_picture="1")
    assert _shown(who) == "" and "/media/categories/" not in who.get("categories").content.decode()
    acts = rows.query("SELECT facts->'picture'->>'to' FROM audit_act WHERE facts ? 'picture' ORDER BY id")
    assert [bool(to) for (to,) in acts] == [True, True, False]


def test_a_new_category_comes_with_its_picture(who):
    who.post("category-add", {"name": "紫砂壶", "picture": _file(make_content.picture_bytes())})
    assert _shown(who, "紫砂壶").startswith("/media/categories/")
    before = rows.query("SELECT count(*) FROM catalog_category")
    assert who.post("category-add", {"name": "盖碗", "picture": _file(b"x")}).status_code == 422
    assert rows.query("SELECT count(*) FROM catalog_category") == before


def test_a_picture_is_for_those_who_decide(who, sit):
    category = make_catalog.category(name="茶具")
    reader = sit(make_parties.operator(), Role.AUDITOR)
    given = GIVEN | {"picture": _file(make_content.picture_bytes())}
    assert reader.post("category-change", given, category_id=category).status_code == 403
    assert _shown(who) == ""
