"""The npm package node-easywechat against the running product: its token, its way of writing queries and bodies; only
the address is another one."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.doors.product import product
from tests.doors.union.market import Market
from tests.sandbox_process import sandbox_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
HERE = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def node(tmp_path_factory) -> Path:
    """Return a folder with the package as the lock names it; without node or npm's packages the test is skipped."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed here")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "drive.js"):
        shutil.copy(HERE / name, folder / name)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"npm can't install node-easywechat here: {done.stderr.strip()[-300:]}")
    return folder


@pytest.fixture
def market(committed_db, db_env, tmp_path):
    with (
        sandbox_process(tmp_path / "sandbox", notify_factor=300) as sandbox,
        product(db_env, sandbox, tmp_path) as running,
    ):
        yield Market(running, sandbox)


def test_from_the_token_to_the_order(node, market):
    def drive(step: str) -> Any:
        env = {"BASE": f"{market.base}/", "APPID": market.app.appid, "SECRET": market.app.secret, "TMPDIR": str(node)}
        done = subprocess.run(
            ["node", "drive.js", step],
            cwd=node, env={"PATH": os.environ["PATH"]} | env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2_000:]
        return json.loads(done.stdout)

    shared = drive("share")
    [product_] = shared["listed"]["productList"]
    assert (shared["listed"]["total"], product_["product"]["info"]["minPrice"]) == (1, 3_330)
    [made] = shared["made"]["list"]
    assert (made["productId"], made["pid"]) == (product_["productId"], shared["place"]["pid"])

    order = market.buys(made["shareInfo"]["promotionUrl"], pieces=3)
    assert order["state"] == "paid"
    # 12 % of 9,990 is 1,198.8, the recruiter's 5 % 499.5.
    market.is_(held=8_293, pending=1_198, above_pending=499, outside=-9_990)

    found = drive("orders")
    assert (found["searched"]["totalNum"], found["searched"]["orderList"]) == (1, found["read"]["orderList"])
    [shown] = found["read"]["orderList"]
    assert (shown["orderId"], shown["orderPrice"]) == (order["no"], "¥99.90")
    [line] = shown["productList"]
    assert (line["price"], line["productCnt"], line["ratio"]) == ("¥99.90", 3, 1_200)
    assert (line["commission"], line["estimatedCommission"], line["commissionStatus"]) == (
        "-", 1_198, "SETTLEMENT_PENDING",
    )  # fmt: skip
    assert line["customizeInfo"] == "文章 3"
    assert line["promotionInfo"] == {
        "promotionSourcePid": shared["place"]["pid"], "promotionSourceName": "公众号",
    }  # fmt: skip
