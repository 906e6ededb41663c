"""All benchmarks one after another: `python -m bench [NAME …]` (`make bench`).

Each runs in a process of its own, as `python -m bench.NAME` would; the lines with a limit are gathered into one table.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ALL = ("confirm_payments", "place_order", "short_link", "mature")
"""Those that need nothing but the repository; further ones are found as files with a `main`."""


def main() -> None:
    """Run what was asked for, print the table; exit 1 when one didn't run to its end."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("names", nargs="*", default=ALL, help=f"which ones (default: {' '.join(ALL)})")
    told = words.parse_args()
    figures, failed = [], []
    for name in told.names:
        place = Path(__file__).parent / name
        if not (place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()):
            raise SystemExit(f"there is no benchmark {name}")
        print(f"── {name} ──", flush=True)
        lines, code = _run(name)
        figures += [line.strip() for line in lines if "limit" in line or "ratio" in line or "goal" in line]
        failed += [name] if code else []
    print("\n── all ──")
    for line in figures:
        print(line)
    if failed:
        raise SystemExit(f"not to the end: {', '.join(failed)}")


def _run(name: str) -> tuple[list[str], int]:
    """Run one, showing its lines as they come; return them and its exit code."""
    running = subprocess.Popen(
        [sys.executable, "-m", f"bench.{name}"],
        cwd=Path(__file__).resolve().parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    lines = []
    for line in running.stdout:
        print(line, end="", flush=True)
        lines.append(line)
    return lines, running.wait()


if __name__ == "__main__":
    main()
