"""The repository's own import contract says no where it should. The others are import-linter's."""

import grimp
import pytest

from tools.contracts import Entrances


def check(importer: str, imported: str) -> bool:
    """Return whether one import is allowed."""
    graph = grimp.ImportGraph()
    for name in {importer, imported}:
        graph.add_module(name)
    graph.add_import(importer=importer, imported=imported)
    contract = Entrances(
        name="entrances",
        session_options={"root_packages": ["shop"]},
        contract_options={
            "package": "shop",
            "public": ["service", "queries", "types"],
            "also_public": ["ledger.chart"],
            "open_packages": ["kit"],
        },
    )
    return contract.check(graph, verbose=False).kept


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("shop.orders.service", "shop.catalog.service"),
        ("shop.orders.rules", "shop.catalog.types"),
        ("shop.orders.service.placing", "shop.catalog.queries"),
        ("shop.orders.rules", "shop.ledger.chart"),
        ("shop.orders.models", "shop.catalog.models"),
        ("shop.orders.service", "shop.orders.models"),
        ("shop.orders.service.placing", "shop.orders.rules.prices"),
        ("shop.doors.web", "shop.kit.money"),
        ("shop.orders.service", "elsewhere.models"),
    ],
)
def test_an_entrance_is_open(importer, imported):
    assert check(importer, imported)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("shop.orders.service", "shop.catalog.models"),
        ("shop.doors.web", "shop.catalog.models"),
        ("shop.orders.service", "shop.catalog.rules"),
        ("shop.orders.rules", "shop.orders2.chart"),
        ("shop.flows.place_order", "shop.catalog.service.stock"),
        ("shop.insight.verify", "shop.ledger.models"),
    ],
)
def test_anything_else_is_not(importer, imported):
    assert not check(importer, imported)
