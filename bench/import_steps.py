"""One step of `bench.import_orders`, in a process of its own so that its memory is its own."""

import cProfile
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.import_orders import PAST, usage


def main() -> None:
    """Run the step that the arguments name on the database that the environment names."""
    step, *rest = sys.argv[1:]
    import django

    django.setup()
    {"import": _import, "settle": _settle, "verify": _verify}[step](*rest)
    print(usage(), flush=True)


def _import(file: str, mapping: str, merchant: str, profile: str) -> None:
    from tuike.audit.types import OPERATOR_SHELL
    from tuike.flows.import_orders import import_orders
    from tuike.imports.service import read_mapping

    watch = cProfile.Profile()
    if profile:
        watch.enable()
    done = import_orders(
        path=Path(file),
        mapping=read_mapping(Path(mapping).read_bytes()),
        merchant_no=merchant,
        actor=OPERATOR_SHELL,
        now=datetime.now(UTC),  # noqa: TID251 a benchmark is its own door
    )
    if profile:
        watch.dump_stats(profile)
    print(f"changed {done.changed}, {dict(sorted(done.file.figures.items()))}")
    print(f"rejected {dict(done.planned.rejected)}")


def _settle() -> None:
    from tuike.flows.mature_lines import mature_lines

    now = datetime.now(UTC)  # noqa: TID251 a benchmark is its own door
    print(mature_lines(until=now + PAST, now=now))


def _verify() -> None:
    from tuike.insight import verify

    broken = [one for result in verify.run() for one in result.findings]
    print(f"verify: {len(broken)} findings {broken[:3]}")
    if broken:
        sys.exit(1)


if __name__ == "__main__":
    main()
