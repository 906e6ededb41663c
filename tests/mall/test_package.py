"""WeChat's package as it is built: what its tools would refuse, and that the validator sees each of it."""

import json
from pathlib import Path

import pytest

from tests.mall import validator
from tests.mall.conftest import APP

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mall")]


def test_wechat_would_take_it(package, compilers):
    assert validator.problems(package, compilers) == []


def test_pages_that_the_server_names_are_there(package):
    from tuike.doors.storefront.sessions import SCAN_PAGE
    from tuike.flows.make_material import PRODUCT_PAGE, SHOP_PAGE

    app = json.loads((package / "app.json").read_text())
    assert {PRODUCT_PAGE, SHOP_PAGE, SCAN_PAGE} <= set(app["pages"])


def test_the_appid_is_the_configured_one(package):
    told = json.loads((APP / "config.json").read_text())
    assert json.loads((package / "project.config.json").read_text())["appid"] == told["appid"]


def _spoil(root: Path, how: str) -> None:
    app = json.loads((root / "app.json").read_text())
    match how:
        case "page":
            app["pages"].append("pages/nowhere/nowhere")
        case "tab":
            app["tabBar"]["list"][0]["pagePath"] = "order/list/list"
        case "icon":
            (root / app["tabBar"]["list"][0]["iconPath"]).write_bytes(b"0" * (validator.MOST_ICON_BYTES + 1))
        case "component":
            file = root / f"{app['pages'][0]}.json"
            facts = json.loads(file.read_text())
            facts["usingComponents"]["t-none"] = "../../components/t-none"
            file.write_text(json.dumps(facts))
        case "size":
            (root / "big.js").write_bytes(b" " * validator.MOST_PACKAGE_BYTES)
        case "foreign":
            (root / "app.wxss").write_text("page{background:url(https://cdn.example.com/a.png)}")
        case "undeclared":
            del app["requiredPrivateInfos"]
        case "template":
            (root / f"{app['pages'][0]}.wxml").write_text("<view><text></view>")
    (root / "app.json").write_text(json.dumps(app))


@pytest.mark.parametrize("how", ["page", "tab", "icon", "component", "size", "foreign", "undeclared", "template"])
def test_the_validator_sees(copied, compilers, how):
    _spoil(copied, how)
    assert len(validator.problems(copied, compilers)) >= 1
