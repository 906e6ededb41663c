"""A running host: every read answers in the shape that its type says; writes, reports, the feed, refusals."""

import inspect
import time
import typing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shapes import fits

from tuike_client import ApiError, Leader, Merchant, Pages, Promoter
from tuike_client.core import Client


def reads(client: Client) -> list[str]:
    """Return the methods that ask for nothing and change nothing."""
    found = []
    for name, method in inspect.getmembers(client, inspect.ismethod):
        if name.startswith("_") or name in ("close", "changes"):
            continue
        parameters = inspect.signature(method).parameters
        if "key" not in parameters and all(one.default is not inspect.Parameter.empty for one in parameters.values()):
            found.append(name)
    return found


def check(client: Client, name: str, *names: str) -> Any:
    """Call a method and hold the answer against its type; return a list's items, or the answer."""
    method = getattr(client, name)
    shape = typing.get_type_hints(method)["return"]
    answer = method(*names)
    if typing.get_origin(shape) is Pages:
        items = list(answer)
        fits(items, list[typing.get_args(shape)[0]], name)
        return items
    fits(answer, shape, name)
    return answer


@pytest.mark.parametrize(("kind", "least"), [("promoter", 12), ("shop", 14), ("leader", 5)])
def test_every_list_and_page_has_its_shape(request, kind, least):
    client = request.getfixturevalue(kind)
    names = reads(client)
    assert len(names) >= least
    answers = {name: check(client, name) for name in names}
    assert answers["party"]["kind"] == client.kind
    assert any(isinstance(one, list) and one for one in answers.values()) or kind == "leader"


def test_single_objects_have_their_shapes(promoter: Promoter, shop: Merchant):
    for product in promoter.search_library(limit=1):
        check(promoter, "show_library_product", product["no"])
    [line, *_] = promoter.list_promoted_lines()
    check(promoter, "show_promoted_order", line["order_no"])
    check(promoter, "explain_promoted_order", line["order_no"])
    [accrual, *_] = promoter.list_accruals()
    receipt = check(promoter, "explain_accrual", accrual["no"])
    assert receipt["holds"] and receipt["sections"]
    [product, *_] = shop.list_shop_products()
    check(shop, "show_shop_product", product["no"])


def test_a_place_is_made_once_and_named_anew(promoter: Promoter):
    name = f"群 {time.time():.6f}"
    place = promoter.add_place(name=name, key=name[2:])
    assert promoter.add_place(name=name, key=name[2:]) == place
    with pytest.raises(ApiError) as refused:
        promoter.add_place(name=name)
    assert (refused.value.status, refused.value.code) == (409, "place_name_taken")
    with pytest.raises(ApiError) as refused:
        promoter.add_place(name="other", key=name[2:])
    assert refused.value.code == "idempotency_key_reused"
    promoter.rename_place(place["pid"], name=name + "!")
    assert [one["name"] for one in promoter.list_places(pid=place["pid"])] == [name + "!"]
    promoter.delete_place(place["pid"])


def test_material_of_what_the_library_offers(promoter: Promoter):
    place = promoter.add_place(name=f"m{time.time():.6f}")
    promoter.accept_rules("mini_store")
    product = next(iter(promoter.search_library()))
    made = promoter.make_materials(pid=place["pid"], products=[product["no"]])
    fits(made, typing.get_type_hints(promoter.make_materials)["return"])
    assert len(made["items"]) == 1
    promoter.delete_place(place["pid"])


def test_pages_are_the_whole_list_whatever_their_size(promoter: Promoter):
    names = [f"p{n} {time.time():.6f}" for n in range(3)]
    places = [promoter.add_place(name=name) for name in names]
    whole = [one["pid"] for one in promoter.list_places(limit=200)]
    assert [one["pid"] for one in promoter.list_places(limit=1)] == whole
    assert {one["pid"] for one in places} <= set(whole)
    for place in places:
        promoter.delete_place(place["pid"])


def test_the_feed_is_the_same_in_any_bites(promoter: Promoter):
    whole = promoter.changes(limit=1_000)
    seen = [(change["seq"], change["kind"], change["no"]) for change in whole]
    assert seen and seen == sorted(seen)
    bites = promoter.changes(limit=1)
    assert [(change["seq"], change["kind"], change["no"]) for change in bites] == seen
    assert bites.cursor == whole.cursor == seen[-1][0]
    assert list(promoter.changes(after=whole.cursor)) == []


def test_orders_are_reported_once(shop: Merchant):
    at = datetime.fromtimestamp(time.time(), UTC) - timedelta(hours=1)
    product = next(iter(shop.list_shop_products()))
    sku = shop.show_shop_product(product["no"])["skus"][0]
    key = f"live-{at.timestamp():.6f}"
    line: Any = {"sku_id": sku["sku_id"], "quantity": 1, "price_fen": sku["price_fen"]}
    orders: Any = [{"external_no": f"{key}-{n}", "placed_at": at, "lines": [line]} for n in range(5)]
    kept = list(shop.report_orders(orders, key=key, chunk=2))
    assert [(one["reports"], one["fresh"]) for one in kept] == [(2, 2), (2, 2), (1, 1)]
    assert list(shop.report_orders(orders, key=key, chunk=2)) == kept
    assert all(one["fresh"] == 0 for one in shop.report_orders(orders, key=f"{key}-again", chunk=2))
    shown = check(shop, "show_reports", kept[0]["no"])
    assert shown["reports"] == 2 == shown["waiting"] + shown["done"] + shown["refused"]
    assert shop.show_reported_order(external_no=f"{key}-0")["reports"][0]["batch_no"] == kept[0]["no"]


def test_a_wrong_secret_is_refused(promoter: Promoter, leader: Leader):
    with Promoter(promoter._base, appid=promoter._appid, secret="wrong") as other, pytest.raises(ApiError) as refused:
        other.party()
    assert (refused.value.status, refused.value.code) == (401, "signature_wrong")
    with Promoter(promoter._base, appid=leader._appid, secret=leader._secret) as other:
        with pytest.raises(ApiError) as refused:
            other.list_places()._fetch("")
        assert refused.value.code == "wrong_party"


def test_a_clock_that_is_off_is_named(promoter: Promoter):
    off = time.time() - 301
    other = Promoter(promoter._base, appid=promoter._appid, secret=promoter._secret, clock=lambda: off)
    with other, pytest.raises(ApiError) as refused:
        other.party()
    assert refused.value.code == "timestamp_off"
