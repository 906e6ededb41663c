"""What a merchant's pages ask of the database: a page, however long its list, takes at most fifteen questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.make import alliance, catalog
from tuike.catalog.queries import product_facts

MOST = 15
PAGES = (
    "alliance",
    "prepaid",
    "products",
    "product-new",
    "rates",
    "rate-history",
    "mains",
    "main-set",
    "main-search",
    "campaigns",
    "campaign-new",
    "policy",
    "orders",
    "promoted",
    "refunds",
    "promoters",
    "dues",
)


@pytest.fixture
def one(db) -> alliance.Alliance:
    made = alliance.alliance()
    for n in range(25):
        catalog.product(merchant_id=made.shop.id, category_id=made.category_id, title=f"商品{n}")
    alliance.touch(made)
    for _ in range(3):
        alliance.bought(made)
    return made


def _asked(owner, name: str, query: dict | None = None, **where: object) -> int:
    owner.get(name, query, **where)  # what is read once a process is read
    with CaptureQueriesContext(connection) as asked:
        assert owner.get(name, query, **where).status_code == 200
    return len(asked)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_little(sit, one, name):
    assert _asked(sit(one.shop), name) <= MOST


@pytest.mark.parametrize("name", ["products", "mains", "campaigns", "orders", "promoted", "refunds", "promoters"])
def test_what_comes_after_the_rows_asks_little(sit, one, name):
    assert _asked(sit(one.shop), name, {"part": "totals"}) <= MOST


def test_drawers_ask_little(sit, one):
    owner = sit(one.shop)
    no = product_facts([one.product_id])[one.product_id].product_no
    order = alliance.bought(one)
    assert _asked(owner, "product", no=no) <= MOST
    assert _asked(owner, "product-edit", no=no) <= MOST
    assert _asked(owner, "order", no=order.no) <= MOST
    assert _asked(owner, "promoter", no=one.promoter.no) <= MOST
    assert _asked(owner, "dues", {"part": "days"}) <= MOST
