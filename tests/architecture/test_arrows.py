"""Every arrow between modules is listed here and in ARCHITECTURE.md; every listed arrow is used. Commons aside."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter

from django.apps import apps

from tests.architecture.reading import COMMONS, FLOORS, MODULES, SRC, graph, sources, table

ARROWS = {
    "alerts": set(),
    "apps": {"parties"},
    "attribution": {"parties"},
    "buyers": {"attribution", "orders"},
    "catalog": {"parties"},
    "commission": {"ledger"},
    "content": {"catalog", "parties", "people"},
    "cooperation": {"catalog", "parties"},
    "feed": set(),
    "figures": {"attribution", "catalog", "commission"},
    "freight": {"catalog", "parties"},
    "gateways": set(),
    "imports": set(),
    "inbox": set(),
    "ledger": set(),
    "marketing": {"catalog", "ledger", "parties"},
    "matching": {"catalog", "figures", "parties", "plans"},
    "members": {"parties", "people"},
    "network": {"ledger", "parties", "people"},
    "library": {"catalog", "parties", "plans"},
    "orders": {"catalog", "parties"},
    "parties": {"people"},
    "payments": {"gateways", "ledger"},
    "people": set(),
    "plans": {"catalog", "parties"},
    "rewards": {"catalog", "ledger", "parties"},
    "risk": set(),
    "review": set(),
    "scoring": set(),
    "appeals": set(),
    "settlement": {"ledger", "parties"},
    "webhooks": {"gateways", "parties"},
}


def arrows_in_code() -> dict[str, set[str]]:
    """Return module → modules it knows: by import or by foreign key."""
    found: dict[str, set[str]] = {name: set() for name in MODULES}
    for importer in graph().modules:
        source = _module(importer)
        for imported in graph().find_modules_directly_imported_by(importer):
            if source in MODULES and _module(imported) in MODULES - {source}:
                found[source].add(_module(imported))
    for model in apps.get_models():
        source = model._meta.app_label
        for field in model._meta.get_fields():
            if source in MODULES and field.is_relation and not field.auto_created:
                target = field.related_model._meta.app_label
                found[source] |= {target} & (MODULES - {source})
    return found


def statements() -> Iterator[tuple[str, str, str, str]]:
    """Yield (place, package, SQL word, module whose table it names) of every table that a text of the code names."""
    table_name = re.compile(rf"\b(FROM|JOIN|INTO|UPDATE)\s+({'|'.join(sorted(MODULES | COMMONS))})_[a-z_]+")
    for path, tree in sources("tuike").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for word, owner in table_name.findall(node.value):
                    yield f"{path}:{node.lineno}", path.parts[1], word, owner


def arrows_in_document() -> dict[str, set[str]]:
    """Return the same from ARCHITECTURE.md."""
    return {
        module: set() if knows == "–" else {name.strip() for name in knows.split(",")}
        for module, _, knows in table("ARCHITECTURE.md", "arrows")
    }


def test_every_package_is_a_module_a_common_or_a_floor():
    packages = {path.name for path in (SRC / "tuike").iterdir() if (path / "__init__.py").exists()}
    assert packages == MODULES | COMMONS | FLOORS


def test_code_has_exactly_the_listed_arrows():
    assert arrows_in_code() == ARROWS


def test_the_document_has_exactly_the_listed_arrows():
    assert arrows_in_document() == ARROWS


def test_arrows_make_no_circle():
    TopologicalSorter(ARROWS).prepare()


def test_commons_know_no_module():
    wrong = [
        (importer, imported)
        for importer in graph().modules
        if _module(importer) in COMMONS
        for imported in graph().find_modules_directly_imported_by(importer)
        if _module(imported) in MODULES
    ]
    assert wrong == []


def test_statements_stay_at_home():
    """SQL that names another module's table is an arrow no import shows: reading along a listed one, and no writing."""
    found = list(statements())
    assert len(found) > 100
    foreign = [(place, source, word, owner) for place, source, word, owner in found if source != owner]
    assert [one for one in foreign if one[2] in {"INTO", "UPDATE"}] == []
    allowed = ARROWS | {"insight": MODULES | COMMONS}
    assert [one for one in foreign if one[3] not in allowed.get(one[1], set())] == []


def _module(name: str) -> str:
    return name.partition(".")[2].partition(".")[0]
