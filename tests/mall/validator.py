"""What WeChat's tools (and, of undeclared calls, WeChat itself) refuse in a package, checked without them."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MOST_PACKAGE_BYTES, MOST_BYTES, MOST_ICON_BYTES = 2 << 20, 30 << 20, 40 << 10
TABS = range(2, 6)
_FOREIGN = re.compile(rb"https?://(?!www\.w3\.org|127\.0\.0\.1)[A-Za-z0-9.-]+\.[a-z]{2,}")
_ALLOWED = re.compile(rb"https?://(vuejs\.org|v3\.cn\.vuejs\.org|uniapp\.dcloud\.(net\.cn|io))")
"""Pages of manuals that a library's error messages name; nothing is fetched from them."""
_PLACES = re.compile(
    rb"\bindex\.(getFuzzyLocation|getLocation|onLocationChange|startLocationUpdate(?:Background)?|chooseLocation"
    rb"|choosePoi|chooseAddress)\("
)
"""A page's call by uni-app's one name for all of WeChat (`index`)."""


def problems(root: Path, compilers: Path) -> list[str]:
    """Return what is wrong with a built package, empty when nothing is."""
    app = json.loads((root / "app.json").read_text(encoding="utf-8"))
    found = [*_units(root, app), *_tabs(root, app), *_sizes(root, app), *_foreign(root), *_undeclared(root, app)]
    return found + list(_compiled(root, compilers))


def pages(app: dict) -> list[str]:
    """Return the paths of all pages."""
    inside = [f"{sub['root'].rstrip('/')}/{page}" for sub in _subs(app) for page in sub["pages"]]
    return [*app["pages"], *inside]


def _subs(app: dict) -> list[dict]:
    return app.get("subPackages") or app.get("subpackages") or []


def _units(root: Path, app: dict) -> Iterator[str]:
    """Yield pages and components that are named and not there."""
    asked = [(page, "app.json") for page in pages(app)]
    seen: set[str] = set()
    while asked:
        path, owner = asked.pop()
        if path in seen:
            continue
        seen.add(path)
        for ending in ("js", "json", "wxml"):
            if not (root / f"{path}.{ending}").is_file():
                yield f"{owner}: {path}.{ending} is missing"
        facts = root / f"{path}.json"
        named = json.loads(facts.read_text(encoding="utf-8")).get("usingComponents", {}) if facts.is_file() else {}
        for name, target in named.items():
            at = PurePosixPath(target.lstrip("/")) if target.startswith("/") else PurePosixPath(path).parent / target
            whole = (root / at).resolve()
            if not whole.is_relative_to(root.resolve()):
                yield f"{path}: <{name}> lies outside of the package"
            else:
                asked.append((str(PurePosixPath(whole.relative_to(root.resolve()))), f"{path} <{name}>"))


def _tabs(root: Path, app: dict) -> Iterator[str]:
    tabs = app.get("tabBar", {}).get("list", [])
    if tabs and len(tabs) not in TABS:
        yield f"the tab bar has {len(tabs)} tabs; 2 to 5 are allowed"
    for tab in tabs:
        if tab["pagePath"] not in app["pages"]:
            yield f"tab {tab['pagePath']} is no page of the main package"
        for icon in (tab.get("iconPath"), tab.get("selectedIconPath")):
            file = root / icon if icon else root / "?"
            if not file.is_file() or file.stat().st_size > MOST_ICON_BYTES or file.suffix not in (".png", ".jpg"):
                yield f"tab {tab['pagePath']}: {icon} is missing, above 40 KB, or neither PNG nor JPEG"


def _sizes(root: Path, app: dict) -> Iterator[str]:
    inside = {sub["root"]: _bytes(root / sub["root"]) for sub in _subs(app)}
    whole = _bytes(root)
    sizes = {"the main package": whole - sum(inside.values())} | inside
    for name, size in sizes.items():
        if size > MOST_PACKAGE_BYTES:
            yield f"{name} has {size} bytes; 2 MB are allowed"
    if whole > MOST_BYTES:
        yield f"the whole has {whole} bytes; 30 MB are allowed"


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _foreign(root: Path) -> Iterator[str]:
    """Yield addresses of other hosts, from which a picture, a font or a script could come."""
    for file in sorted(root.rglob("*")):
        if file.suffix in (".js", ".wxml", ".wxss"):
            for address in set(_FOREIGN.findall(file.read_bytes())):
                if not _ALLOWED.match(address):
                    yield f"{file.relative_to(root)} names {address.decode()}"


def _undeclared(root: Path, app: dict) -> Iterator[str]:
    """Yield calls that have to do with places and fail unless app.json's requiredPrivateInfos names them."""
    called = {name.decode() for file in root.rglob("*.js") for name in _PLACES.findall(file.read_bytes())}
    for name in sorted(called - set(app.get("requiredPrivateInfos", []))):
        yield f"app.json: requiredPrivateInfos doesn't name {name}"


def _compiled(root: Path, compilers: Path) -> Iterator[str]:
    """Yield what WeChat's own compilers say of templates and styles."""
    for tool, ending, word in (("wcc", "wxml", "-d"), ("wcsc", "wxss", "-js")):
        files = sorted(str(file.relative_to(root)) for file in root.rglob(f"*.{ending}"))
        run = subprocess.run([compilers / tool, word, *files], cwd=root, capture_output=True, text=True, check=False)
        if run.returncode or "ERR" in run.stderr:
            yield f"{tool}: {run.stderr.strip()[:300]}"
