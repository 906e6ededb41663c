"""Who may do what in the consoles: the one table, cut by console. What has no row here is refused.

Roles are those of docs/rules.md §1. A row is the route's name without `console:` and says for each method which seats
may use it. Foreign objects look absent (404); the own party without the role is a 403 that says which role is needed;
nobody signed in leads to the sign-in.
"""

from tuike.doors.console.access import (
    alerts,
    behaviour,
    boards,
    buyers,
    leader,
    live,
    merchant,
    operator,
    promoter,
    shared,
)
from tuike.doors.console.access.seats import ANYBODY, CERTIFIED, SIGNED_IN, Row

__all__ = ["ACCESS", "ANYBODY", "CERTIFIED", "NOT_LOOKED_AT", "OPEN_UNCERTIFIED", "SIGNED_IN", "Row"]

ACCESS: dict[str, Row] = {
    **alerts.ROWS,
    **behaviour.ROWS,
    **boards.ROWS,
    **buyers.ROWS,
    **shared.ROWS,
    **promoter.ROWS,
    **merchant.ROWS,
    **leader.ROWS,
    **live.ROWS,
    **operator.ROWS,
}

OPEN_UNCERTIFIED: frozenset[str] = frozenset(
    f"{kind}-{name}"
    for kind in CERTIFIED
    for name in (
        *("certification", "certification-documents", "certification-document-remove", "certification-picture"),
        *("bell", "bell-menu", "bell-seen", "help"),
    )
)
"""Routes of a party that are open before its certification has passed: its pages and help (docs/rules.md §1)."""

NOT_LOOKED_AT: frozenset[str] = frozenset(f"{kind}-certification-picture" for kind in CERTIFIED)
"""Routes that an operator who looks at a party read-only doesn't see."""

GRADUAL: frozenset[str] = frozenset(
    f"{kind}-{name}" for kind in ("merchant", "leader") for name in ("activities", "enrolments", "figures", "pool")
)
"""Routes that stand in the navigation only where the operator opened the contract's functions (docs/rules.md §9)."""
