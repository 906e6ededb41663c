"""Both languages side by side: nothing Chinese in a template but what `{% t %}` says, nothing half said in Python."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from tuike.doors import console

HERE = Path(console.__file__).parent
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
SOURCES = sorted(path for path in HERE.rglob("*.py"))
HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
TAG = re.compile(r"\{%\s*t\s+(?P<words>.*?)%\}", re.DOTALL)
QUOTED = r'(?:"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\')'
PAIR = re.compile(rf"\s*{QUOTED}\s+{QUOTED}")
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}", re.DOTALL)
OWN_NAMES = {"简体中文", "中"}
"""How a language is called in itself, on the switch that leads to it."""
DATA = {
    "freight/parcels.py": {"PARCELS"},
    "live/provinces.py": {"_DRAWN"},
    "merchant/product_files.py": {"ON", "EXAMPLE"},
}
"""Constants whose Chinese is data: carriers' names, words that files may bring, provinces beside their English."""
HOLE = re.compile(r"\{(\w+?)(?:_zh|_en)?\}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(HERE / "templates")))
def test_a_template_speaks_by_the_tag_alone(path):
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    for found in TAG.finditer(text):
        if not found["words"].lstrip().startswith(('"', "'")):
            continue  # two values: whoever made them said both
        pair = PAIR.match(found["words"])
        assert pair, f"not two texts: {found[0]}"
        zh, en = (pair[1] or pair[2] or ""), (pair[3] or pair[4] or "")
        assert zh.strip() and en.strip(), found[0]
        assert not HAN.search(en), f"Chinese in the English: {found[0]}"
        assert set(HOLE.findall(zh)) == set(HOLE.findall(en)), found[0]
    left = TAG.sub("", text)
    for name in sorted(OWN_NAMES, key=len, reverse=True):
        left = left.replace(name, "")
    stray = [line.strip()[:120] for line in left.splitlines() if IDEOGRAPH.search(line)]
    assert stray == [], "Chinese outside {% t %}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(HERE)))
def test_a_text_in_python_is_said_in_both_languages(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    said = {id(node) for node in [*_docstrings(tree), *_zh_by_name(tree), *_pairs(tree), *_data(tree, path)]}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "T"):
            continue
        texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        said |= {id(arg) for arg in ast.walk(call)}
        if len(texts) == 2:
            zh, en = texts
            where = f"{path.name}:{call.lineno}"
            assert zh.strip() and en.strip(), where
            assert not HAN.search(en), where
            assert set(HOLE.findall(zh)) == set(HOLE.findall(en)), where
    stray = [
        f"{path.name}:{node.lineno} {node.value[:60]}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if IDEOGRAPH.search(node.value) and id(node) not in said
    ]
    assert stray == [], "Chinese without its English"


def test_the_tests_see_what_they_are_for():
    assert len(TEMPLATES) > 20 and len(SOURCES) > 20
    assert HAN.search("订单") and HAN.search("，") and not HAN.search("Orders — ¥1 · “x”")
    assert PAIR.match(r'"还剩 {n} 个" "{n} \"left\"" n=left ')


def _docstrings(tree: ast.Module) -> list[ast.Constant]:
    """Return texts that stand alone: docstrings, and the comments beneath constants."""
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]


def _pairs(tree: ast.Module) -> list[ast.expr]:
    """Return Chinese texts that are followed by their English, and those of which one is chosen by an if."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        parts = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
        if isinstance(node, ast.IfExp):
            parts = [node.body, node.orelse]
        found += [one for one, after in pairwise(parts) if _english(after)]
    return [text for one in found for text in ast.walk(one) if isinstance(text, ast.expr)]


def _english(node: ast.expr) -> bool:
    texts = [one for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return bool(texts) and not any(IDEOGRAPH.search(one.value) for one in texts)


def _data(tree: ast.Module, path: Path) -> list[ast.expr]:
    names = DATA.get(str(path.relative_to(HERE)), set())
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    data = [one.value for one in assigned if any(isinstance(t, ast.Name) and t.id in names for t in one.targets)]
    return [one for value in data for one in ast.walk(value) if isinstance(one, ast.expr)]


def _zh_by_name(tree: ast.Module) -> list[ast.expr]:
    """Return the Chinese sentences of refusals, and what is handed to them by a name that ends in `zh`."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "zh" for t in node.targets):
            found += [one for one in ast.walk(node.value) if isinstance(one, ast.expr)]
        if isinstance(node, ast.keyword) and (node.arg or "").endswith("zh"):
            found += [one for one in ast.walk(node.value) if isinstance(one, ast.expr)]
    return found
