"""House rules that no tool brings along: sizes, paragraphs, whole numbers, refusals, citations, dependencies."""

import ast
import importlib
import json
import re
from collections import Counter
from fnmatch import fnmatch

import pytest
from django.apps import apps

from tests.architecture.reading import COMMONS, FLOORS, MODULES, ROOT, SRC, functions, names, sources, table
from tuike.attribution import types as attribution
from tuike.commission import types as commission
from tuike.kit.errors import Invalid, Refusal
from tuike.orders import types as orders
from tuike.parties import types as parties
from tuike.payments import types as payments
from tuike.settings import registry
from tuike.settlement import types as settlement

LONGEST_FILE = 400
LONGEST_FUNCTION = 60

LONG_FILES: dict[str, int] = {}
"""Files that may be longer, and how long they are. The list may only shrink, and so may the numbers."""

LONG_FUNCTIONS: dict[str, int] = {}
"""Functions that may be longer, as `path:name`."""

BESIDE_FLOWS = {
    "tuike/audit/service.py",  # sealing: a job of its own, over rows that are committed
    "tuike/db/state.py",  # the shape of such a transaction, which flows enter
    "tuike/outbox/service.py",  # a consumer's place moves with its work
    "tuike/people/service/sign_in.py",  # a wrong guess counts although the sign-in is refused
}
"""Files besides flows that say where a transaction ends for good, and why."""

MONEY = sorted({*MODULES, *COMMONS, "flows", "insight", "kit"} - {"gateways"})
"""Packages in which nothing is a float: they hold money, or carry it."""

FRACTIONS: set[str] = {"tuike/kit/clock.py"}
"""Files among them that handle seconds."""


@pytest.mark.parametrize("package", ["tuike", "tuike_sandbox"])
def test_files_are_short(package):
    long = {
        str(path): lines
        for path in sources(package)
        if (lines := len((SRC / path).read_text().splitlines())) > LONGEST_FILE
    }
    allowed = {path: lines for path, lines in LONG_FILES.items() if path.startswith(f"{package}/")}
    assert {path: lines for path, lines in long.items() if lines > allowed.get(path, LONGEST_FILE)} == {}
    assert allowed.keys() <= long.keys(), "no longer long: take it off the list"


@pytest.mark.parametrize("package", ["tuike", "tuike_sandbox"])
def test_functions_are_short(package):
    long = {
        f"{path}:{function.name}": lines
        for path, tree in sources(package).items()
        for function in functions(tree)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    }
    allowed = {name: lines for name, lines in LONG_FUNCTIONS.items() if name.startswith(f"{package}/")}
    assert {name: lines for name, lines in long.items() if lines > allowed.get(name, LONGEST_FUNCTION)} == {}
    assert allowed.keys() <= long.keys(), "no longer long: take it off the list"


@pytest.mark.parametrize("package", ["tuike", "tuike_sandbox"])
def test_each_package_has_its_paragraph(package):
    folders = {path.parent for path in sources(package)}
    assert [str(f) for f in sorted(folders) if f / "__init__.py" not in sources(package)] == []
    silent = [
        str(path)
        for path, tree in sources(package).items()
        if path.name == "__init__.py" and not ast.get_docstring(tree)
    ]
    assert silent == []


@pytest.mark.parametrize("package", ["tuike", "tuike_sandbox"])
def test_nothing_happens_by_signal(package):
    listening = [f"{path}:{line}" for path, tree in sources(package).items() for line in _signals(tree)]
    assert listening == []


def test_money_is_whole():
    broken = [
        f"{path}:{line}"
        for package in MONEY
        for path, tree in sources(f"tuike/{package}").items()
        if str(path) not in FRACTIONS
        for line in _fractions(tree)
    ]
    assert broken == []


@pytest.mark.parametrize(
    "line",
    ["rate = 0.12", "fen = int(float(text) * 100)", "from decimal import Decimal", "import decimal", "a: float = b"],
)
def test_a_fraction_is_seen(line):
    assert _fractions(ast.parse(line)) != []


@pytest.mark.parametrize(
    "line", ["from django.db.models.signals import post_save", "from django.dispatch import receiver"]
)
def test_a_signal_is_seen(line):
    assert _signals(ast.parse(line)) != []


def test_only_flows_own_transactions_for_good():
    """`durable=True` says that nothing is around it: that is a flow's to say, and of what works beside all flows."""
    durable = {
        str(path)
        for path, tree in sources("tuike").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "durable"
    }
    assert {path for path in durable if not path.startswith("tuike/flows/")} == BESIDE_FLOWS


def refusals() -> list[type[Refusal]]:
    """Return every refusal of the product, with all files imported that may define one."""
    for path, tree in sources("tuike").items():
        if any("Refusal" in ast.unparse(base) for node in _classes(tree) for base in node.bases):
            importlib.import_module(".".join(path.with_suffix("").parts))
    found, waiting = [], [Refusal]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        found += [one for one in subclasses if one.__module__.startswith("tuike.")]
    # A base of several (`_BelowFloor`) says nothing itself and is never raised.
    return sorted(
        {one for one in found if not one.__name__.startswith("_")}, key=lambda one: (one.__module__, one.__name__)
    )


def test_each_refusal_says_its_own_no_in_two_languages():
    wrong = [f"{one.__module__}.{one.__name__}" for one in refusals() if not _well_spoken(one)]
    assert len(refusals()) > 80
    assert wrong == []


def test_codes_of_refusals_are_unique():
    counted = Counter(one.code for one in refusals())
    assert [code for code, count in counted.items() if count > 1] == []
    assert [code for code in counted if not re.fullmatch(r"[a-z][a-z0-9_]{2,39}", code)] == []


def test_citations_name_sections_that_exist():
    sections = {int(n) for n in re.findall(r"^## §(\d+)\b", (ROOT / "docs" / "rules.md").read_text(), re.MULTILINE)}
    assert sections == set(range(1, 15))
    cited, unnumbered = {}, []
    for file in [*SRC.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]:
        for match in re.finditer(r"docs/rules\.md\b([^\n]{0,24})", text := file.read_text()):
            numbers = re.match(r" ((?:§\d+(?:–\d+)?(?:, |\b))+)", match[1])
            place = f"{file.relative_to(ROOT)}:{text[: match.start()].count(chr(10)) + 1}"
            if file.suffix == ".py" and SRC in file.parents and not numbers:
                unnumbered.append(place)
            elif numbers:
                cited[place] = {int(n) for n in re.findall(r"\d+", numbers[1])}
    assert len(cited) > 30
    assert {place: wanted - sections for place, wanted in cited.items() if wanted - sections} == {}
    assert unnumbered == [], "say which section"


def test_the_table_of_moves_knows_every_kind_of_transfer():
    said = {row[1] for row in table("docs/rules.md", "moves")} - {"in the same"}
    calls = [node for path, tree in sources("tuike").items() for node in ast.walk(tree) if _makes_draft(node)]
    texts = {n.value for tree in sources("tuike").values() for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    kinds = [([*call.args[1:2], *(k.value for k in call.keywords if k.arg == "kind")] or [None])[0] for call in calls]
    constant = {kind.value for kind in kinds if isinstance(kind, ast.Constant)}
    assert len(constant) > 8
    assert constant - said == set()
    assert said - texts == set(), "no code books this"


def test_the_glossary_knows_the_names_of_the_code():
    text = (ROOT / "GLOSSARY.md").read_text()
    known = set(re.findall(r"`([^`]+)`", text))
    known |= {name.split(".")[-1] for name in known}
    ours = [model for model in apps.get_models() if model.__module__.startswith("tuike.")]
    shared = {name for name, count in Counter(model.__name__ for model in ours).items() if count > 1}
    wanted = {model._meta.label if model.__name__ in shared else model.__name__ for model in ours}
    wanted |= MODULES | COMMONS | FLOORS | set(registry.DEFINED)
    for enum in (parties.Role, parties.Source, parties.Rail, parties.CertificationState, orders.OrderState):
        wanted |= {str(one.value) for one in enum}
    for enum in (orders.AfterSaleState, payments.IntentState, payments.RefundState, settlement.WithdrawalState):
        wanted |= {str(one.value) for one in enum}
    for enum in (commission.Role, commission.AccrualState, commission.Review, commission.Funder, attribution.Kind):
        wanted |= {str(one.value) for one in enum}
    paths = re.findall(r'"([a-z]+)"|f"([a-z]+):', (SRC / "tuike" / "ledger" / "chart.py").read_text())
    wanted |= {one or other for one, other in paths} - {"promoter"}
    assert wanted - known == set()
    terms = [row.split("|")[1].strip() for row in text.splitlines() if row.startswith("| ")]
    assert [term for term, count in Counter(terms).items() if count > 1 and term not in {"English", "---"}] == []


def test_decisions_that_are_named_exist():
    there = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")}
    files = [*SRC.rglob("*.py"), *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {n for file in files for n in re.findall(r"decisions?[ /](\d{4})", file.read_text())}
    assert named - there == set()
    assert len(there) == len(list((ROOT / "docs" / "decisions").glob("*.md"))), "two decisions share a number"


def test_links_between_documents_lead_somewhere():
    dead = [
        f"{file.relative_to(ROOT)}: {target}"
        for file in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text())
        if not (file.parent / target).exists()
    ]
    assert dead == []


def test_each_direct_dependency_has_its_reason():
    wanted = {
        re.match(r"[A-Za-z0-9_.-]+", line)[0].lower()  # type: ignore[index]
        for name in ("run.in", "dev.in")
        for line in (ROOT / "requirements" / name).read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    }
    python, _, app = (ROOT / "docs" / "dependencies.md").read_text().partition("\n## The app")
    assert Counter(re.findall(r"^\| `([^`]+)` \| \S", python, re.MULTILINE)) == Counter(wanted)
    rows = re.findall(r"^\| (`[^|]+) \| \S", app, re.MULTILINE)
    reasons = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    package = json.loads((ROOT / "miniprogram" / "package.json").read_text())
    packages = [*package["dependencies"], *package["devDependencies"]]
    assert {name for name in packages if not any(fnmatch(name, reason) for reason in reasons)} == set()
    assert {reason for reason in reasons if not any(fnmatch(name, reason) for name in packages)} == set()


_ROUNDING = {"float", "Decimal", "decimal"}


def _fractions(tree: ast.Module) -> list[int]:
    """Return the lines that hold a number with a fraction, or a name of something that makes one."""
    literal = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, float)]
    return [*literal, *(line for line, name in names(tree) if name.split(".")[-1] in _ROUNDING)]


def _signals(tree: ast.Module) -> list[int]:
    """Return the lines that listen to or send a Django signal."""
    found = re.compile(r"\bdjango\.(dispatch|\S*signals)|^(post|pre)_(save|delete|init|migrate)$|^receiver$")
    return [line for line, name in names(tree) if found.search(name)]


def _makes_draft(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Draft"


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def _well_spoken(one: type[Refusal]) -> bool:
    own = {"code", "zh", "en"} <= vars(one).keys()
    holes = [set(re.findall(r"\{(\w+?)(?:_zh|_en)?\}", text)) for text in (one.zh, one.en)]
    chinese = (re.search(r"[\u4e00-\u9fff]", one.zh) or one is Invalid) and not re.search(r"[\u4e00-\u9fff]", one.en)
    return bool(own and chinese and one.en.strip() and holes[0] == holes[1] and 400 <= one.status < 500)


def test_an_expected_refusal_is_run():
    """`refused` is a context: called as a plain statement it would look at nothing."""
    unrun = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if "tests.make.refusals import" in (text := path.read_text()) and "def refused" not in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _named(node.value.func) == "refused"
    ]
    assert unrun == []


def _named(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""
