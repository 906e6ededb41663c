"""An import that stops before its n-th piece of work and waits to be killed: `python -m tests.flows.import_killed`."""

import sys
import time
from pathlib import Path


def main() -> None:
    """Run the import; say the step at which it waits, or `end`."""
    step, path, mapping, merchant_no = sys.argv[1:]
    import django

    django.setup()
    from tests.make.imports import NOW
    from tuike.audit.types import OPERATOR_SHELL
    from tuike.flows.import_orders import batches, import_orders, run
    from tuike.imports import service as imports
    from tuike.imports.service import read_mapping

    run.CHUNK, batches.ORDERS, batches.LINES = 40, 10, 60
    left = iter(range(int(step)))

    def wait(name: str, *_: object) -> None:
        if next(left, None) is None:
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()
            time.sleep(60)

    def within(name: str) -> None:
        """Wait inside the transaction, too: what the verb wrote is not committed."""
        verb = getattr(imports, name)

        def watched(**given: object) -> object:
            done = verb(**given)
            wait(f"in {name}")
            return done

        setattr(imports, name, watched)

    for name in ("open_file", "stage", "plan", "mark_ready", "advance", "finish"):
        within(name)
    said = read_mapping(Path(mapping).read_bytes())
    import_orders(path=Path(path), mapping=said, merchant_no=merchant_no, actor=OPERATOR_SHELL, now=NOW, report=wait)
    sys.stdout.write("end\n")


if __name__ == "__main__":
    main()
