"""`tuike verify`: recomputes what must hold of the books and names the first rows that don't (docs/rules.md §7)."""

from tuike.insight.verify.run import NAMES, Finding, Result, run

__all__ = ["NAMES", "Finding", "Result", "run"]
