"""The client's package: its calls and shapes follow from the description; its own tests pass against the product; its
quick start does what it says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import client as written

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "clients" / "python"


def test_the_calls_and_shapes_are_those_of_the_description(client):
    schema = client.get("/api/v1/openapi.json").json()
    for name, text in written.written(schema).items():
        kept = (written.FOLDER / name).read_text(encoding="utf-8")
        assert kept == text, f"{name} is another: write it anew with python -m tools.client"


def test_every_operation_has_a_method(client):
    sys.path.insert(0, str(PACKAGE / "src"))
    try:
        from tuike_client import Leader, Merchant, Promoter
    finally:
        sys.path.remove(str(PACKAGE / "src"))
    methods = {"promoter": Promoter, "merchant": Merchant, "leader": Leader}
    for item in client.get("/api/v1/openapi.json").json()["paths"].values():
        for operation in item.values():
            for kind in operation.get("x-parties", ()):
                name = operation["operationId"].removesuffix(f"_of_{kind}")
                assert callable(getattr(methods[kind], name)), operation["operationId"]


def test_its_own_tests_pass_against_the_product_and_its_quick_start_runs(host):
    own = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:django", "-rs", "tests"],
        cwd=PACKAGE, env=host, check=False, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert own.returncode == 0, own.stdout[-6000:] + own.stderr[-2000:]
    passed = re.search(r"(\d+) passed", own.stdout)
    assert passed and int(passed[1]) >= 40 and "skipped" not in own.stdout, own.stdout[-2000:]
    quick_start(host)


def quick_start(env, python=sys.executable, path=str(PACKAGE / "src")):
    """Run what the README shows in Python, top to bottom, and look at what it prints."""
    blocks = re.findall(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 7
    marked = "\n".join(f"print('--- {number}')\n{block}" for number, block in enumerate(blocks))
    done = subprocess.run(
        [python, "-W", "error", "-c", marked], env={**env, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    parts = re.split(r"--- \d\n", done.stdout)[1:]
    assert parts[0].startswith("推客小李 ['funds:read', ")
    assert "手绘青瓷盖碗 1200 1200" in parts[1] and "'short_link'" in parts[1]
    assert "手绘青瓷盖碗" in parts[2]
    assert re.search(r"\d+ order O\d+\n", parts[3]) and re.search(r"go on from [1-9]\d*\n$", parts[3])
    assert re.fullmatch(r"\S+ 2 2\n0\n\S+ 1 1\n0\n", parts[4]), parts[4]
    assert parts[5].startswith("409 place_name_taken ")
    assert parts[6] == "refused: Webhook-Id or Webhook-Timestamp is missing\n"


@pytest.mark.slow
def test_the_quick_start_in_a_fresh_environment(host, tmp_path):
    """As an engineer begins: an environment of its own, the package installed by pip, the README run."""
    shutil.copytree(PACKAGE, tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", fresh], check=True, capture_output=True, timeout=120)
    pip = [fresh / "bin" / "python", "-m", "pip", "install", "--quiet", tmp_path / "package"]
    installed = subprocess.run(pip, capture_output=True, text=True, timeout=240, check=False)
    if installed.returncode and "No matching distribution" in installed.stderr:
        pytest.skip("no package index is reachable")
    assert installed.returncode == 0, installed.stderr
    quick_start(host, python=str(fresh / "bin" / "python"), path="")


@pytest.mark.slow
def test_its_types_hold(tmp_path):
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\nmypy_path = src\n", encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, "--cache-dir", tmp_path / "cache", "src"],
        cwd=PACKAGE, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout
