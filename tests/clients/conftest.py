"""A running host, and what an engineer who integrates with it has in the environment."""

import os

import pytest

from tests.doors.product import product
from tests.make import alliance as make
from tests.make import apps as make_apps
from tests.make import catalog as make_catalog
from tests.make import cooperation as make_cooperation
from tests.make import feed as make_feed
from tests.make import library as make_library
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.sandbox_process import sandbox_process
from tuike.apps import service as apps
from tuike.apps.types import SCOPES
from tuike.kit import clock
from tuike.parties.types import PartyKind, Source


@pytest.fixture
def host(committed_db, db_env, tmp_path):
    """Yield the environment of an engineer: a running host with a promoter's, a shop's and a leader's software."""
    make_cooperation.open_to_all()
    one = make.alliance(price_fen=10_000)
    make.touch(one, leader=True)
    make.bought(one, now=NOON)
    make_feed.follow()
    external = make.alliance(source=Source.MINI_PROGRAM, price_fen=3_000, beside=one)
    make_library.stand([one.product_id])
    now = clock.now()
    software = {
        "TUIKE_PROMOTER": make_apps.secret(one.promoter, now=now),
        "TUIKE_SHOP": make_apps.secret(external.shop, now=now),
        "TUIKE_LEADER": make_apps.secret(one.leader, now=now),
    }
    token = apps.make_token(
        party_id=one.promoter.id, name="quick start", scopes=SCOPES[PartyKind.PROMOTER], days=1,
        actor=make_parties.super_admin_of(one.promoter), now=now,
    )  # fmt: skip
    with (
        sandbox_process(tmp_path / "sandbox") as sandbox,
        product(db_env, sandbox, tmp_path, worker=False) as running,
    ):
        pairs = {name: f"{app.appid}:{app.secret}" for name, app in software.items()}
        shop = software["TUIKE_SHOP"]
        quick = {"TUIKE_TOKEN": token.token, "TUIKE_SHOP_APPID": shop.appid, "TUIKE_SHOP_SECRET": shop.secret}
        mine = software["TUIKE_PROMOTER"]
        by_hand = {
            "TUIKE_APPID": mine.appid,
            "TUIKE_SECRET": mine.secret,
            "TUIKE_SHOP_TOKEN": make_apps.token(shop, now=now),
            "TUIKE_SKU": str(make_catalog.sku_of(external.product_id)),
        }
        plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        yield {**plain, **pairs, **quick, **by_hand, "TUIKE_BASE": running.base, "PYTHONDONTWRITEBYTECODE": "1"}
