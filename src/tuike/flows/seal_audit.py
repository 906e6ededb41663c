"""The audit log's newest acts go into its chain."""

from tuike.audit import service
from tuike.db.retry import retry

STEP = 10_000
"""Acts a transaction."""


def seal_audit() -> int:
    """Chain every act that isn't sealed yet, in bounded steps, and return how many (docs/rules.md §11)."""
    sealed = 0
    while True:
        done = _seal()
        sealed += done
        if done < STEP:
            return sealed


@retry
def _seal() -> int:
    return service.seal(limit=STEP)
