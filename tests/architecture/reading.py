"""What the architecture's tests read: the code as a graph and as trees, and the tables of its documents."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

MODULES = {
    "alerts",
    "apps",
    "attribution",
    "buyers",
    "catalog",
    "commission",
    "content",
    "cooperation",
    "feed",
    "figures",
    "freight",
    "gateways",
    "imports",
    "inbox",
    "ledger",
    "library",
    "marketing",
    "matching",
    "members",
    "network",
    "orders",
    "parties",
    "payments",
    "people",
    "plans",
    "rewards",
    "risk",
    "review",
    "scoring",
    "appeals",
    "settlement",
    "webhooks",
}
COMMONS = {
    "audit",
    "checkups",
    "exports",
    "files",
    "idempotency",
    "messages",
    "open_data",
    "outbox",
    "settings",
    "views",
}
FLOORS = {"config", "db", "doors", "flows", "insight", "kit", "runtime"}


@cache
def graph() -> grimp.ImportGraph:
    """Return the import graph of the product, read anew from its files."""
    return grimp.build_graph("tuike", cache_dir=None)


@cache
def sources(package: str) -> dict[Path, ast.Module]:
    """Return the parsed files of a package of `src`, migrations left out, by path relative to `src`."""
    return {
        file.relative_to(SRC): ast.parse(file.read_text(), str(file))
        for file in sorted((SRC / package).rglob("*.py"))
        if "migrations" not in file.parts
    }


def table(document: str, mark: str) -> list[list[str]]:
    """Return the rows of the table between `<!-- mark: … -->` and `<!-- end of mark -->`, backticks left out."""
    text = (ROOT / document).read_text()
    found = re.search(rf"<!-- {mark}:.*?-->(.*?)<!-- end of {mark} -->", text, re.DOTALL)
    assert found, f"{document} has no table {mark!r}"
    lines = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[2:]]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of every name and attribute that is read, and of everything that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
