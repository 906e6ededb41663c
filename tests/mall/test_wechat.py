"""WeChat's package booted as it was built, against the running product: from a code's scene to a paid order."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.mall.conftest import APP
from tests.waiting import until
from tuike.db import rows

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mall")]
WALK = Path(__file__).with_name("wechat.mjs")


def test_from_a_codes_scene_to_a_paid_order(mall_runs, node, package):
    words = [str(package), mall_runs.base, mall_runs.sandbox.base, f"scene={mall_runs.code}", str(APP / "node_modules")]
    run = subprocess.run([node, WALK, *words], capture_output=True, text=True, check=False, timeout=180)
    assert run.returncode == 0, run.stderr[-3000:] + run.stdout[-3000:]
    told = json.loads(run.stdout.strip().splitlines()[-1])
    assert told["failures"] == []
    calls = [" ".join(call.split()[:2]) for call in told["calls"]]
    assert calls.index("POST /api/storefront/touches") < calls.index("POST /api/storefront/sessions")
    assert calls.count("POST /api/storefront/orders") == 1
    assert rows.query("SELECT state, payable_fen FROM orders_order") == [("paid", 5_990)]
    until(lambda: rows.query("SELECT count(*) FROM commission_sale") == [(1,)], what="the sale in the books")
    [(promoter,)] = rows.query("SELECT DISTINCT promoter_id FROM attribution_claim WHERE promoter_id IS NOT NULL")
    assert promoter == mall_runs.one.promoter.id
