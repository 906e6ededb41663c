"""A running product for other people's clients: a shop whose product stands in the library, a promoter's software with
its AppID and AppSecret, a buyer who follows links and pays at the sandbox's cashier."""

import urllib.parse
from typing import Any

from tests.doors.product import Product, call
from tests.doors.test_story import Stage
from tests.make import apps as make_apps
from tests.make import library as make_library
from tests.sandbox_process import Sandbox
from tuike.audit.types import OPERATOR_SHELL
from tuike.kit import clock
from tuike.library import service as library
from tuike.parties.types import Source


class Market(Stage):
    """The story's stage (¥33.30 a piece at 12 %), its product in the library, the rules accepted."""

    def __init__(self, running: Product, sandbox: Sandbox) -> None:
        super().__init__(running, sandbox)
        self.base = running.base
        self.app = make_apps.secret(self.party, now=clock.now())
        self.shop_app = make_apps.secret(self.shop, now=clock.now())
        library.accept_rules(promoter_id=self.party.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=clock.now())
        make_library.stand([self.product_id])

    def buys(self, url: str, pieces: int) -> Any:
        """Let the buyer click a promotion's address, buy and pay; return the order as its buyer sees it."""
        click = call("GET", url)
        assert click.status == 302, click.body.decode()
        [ticket] = urllib.parse.parse_qs(urllib.parse.urlsplit(click.headers["Location"]).query)["t"]
        assert self.buyer.done("POST", "/touches", {"ticket": ticket})["good"]
        wish = {"items": [{"sku_id": self.sku_id, "quantity": pieces}]}
        placed = self.buyer.done("POST", "/orders", wish)
        self.pay(placed["checkout_no"], 3_330 * pieces)
        return self.buyer.done("GET", f"/orders/{placed['orders'][0]['no']}")
