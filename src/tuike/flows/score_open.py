"""Each night: what is usual is counted anew, and every order that hasn't settled is scored with all that is known."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuike.db.retry import retry
from tuike.flows import scored
from tuike.flows.score_orders import count_landings
from tuike.library import queries as library
from tuike.library.types import RateCut
from tuike.parties import queries as parties
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind
from tuike.scoring import queries as scores
from tuike.scoring import service as scoring
from tuike.scoring.types import Found

STEP = 1_000
"""Orders whose standing is looked up together."""
PROMOTERS = 50
"""Promoters who are scored in one transaction."""
DAY = timedelta(days=1)


def score_open(*, now: datetime) -> dict[str, int]:
    """Count yesterday's and today's landings and what is usual, score all that is open, look at rates that were
    lowered; return how many promoters were scored, cases are new and accruals are held by rules that ask for a score
    (docs/rules.md §6, §11).

    Run again it opens none twice, also where one was closed meanwhile.
    """
    count_landings(now=now, days=2)
    _renew(now)
    promoters: set[int] = set()
    after = ""
    while page := scores.open_orders(since=now - scores.WINDOW, after=after, limit=STEP):
        _stand([no for no, _ in page], now)
        promoters |= {promoter_id for _, promoter_id in page}
        after = page[-1][0]
    ordered = sorted(promoters)
    came = [_score(ordered[n : n + PROMOTERS], now) for n in range(0, len(ordered), PROMOTERS)]
    cases = sum(one.cases for one in came) + _look_at_cuts(now)
    return {"promoters": len(promoters), "cases": cases, "held": sum(one.held for one in came)}


@retry
def _renew(now: datetime) -> None:
    with transaction.atomic(durable=True):
        scoring.renew_limits(now=now)


@retry
def _stand(order_nos: Sequence[str], now: datetime) -> None:
    with transaction.atomic(durable=True):
        scored.stand(order_nos, refunded={}, now=now)


@retry
def _score(promoter_ids: Sequence[int], now: datetime) -> scored.Came:
    with transaction.atomic(durable=True):
        return scored.score(promoter_ids, now=now, every=True)


@retry
def _look_at_cuts(now: datetime) -> int:
    """Look at rates that were lowered a day to three days ago: by then the day after is over."""
    cuts = library.rate_cuts(since=now - 3 * DAY, until=now - DAY)
    odd = {one: found for one in cuts if (found := _odd(one)) is not None}
    if not odd:
        return 0
    refs = parties.refs({one.merchant_id for one in odd})
    cases = {
        f"{refs[one.merchant_id].no}/{one.at.isoformat(timespec='seconds')}": CaseFacts(
            CaseKind.RATE_CUT,
            f"{refs[one.merchant_id].no}/{one.at.isoformat(timespec='seconds')}",
            0,
            {"from_bps": one.from_bps, "to_bps": one.to_bps, "orders": found.value, "expected_orders": found.threshold},
        )
        for one, found in sorted(odd.items(), key=lambda pair: (pair[0].at, pair[0].merchant_id))
    }
    with transaction.atomic(durable=True):
        return risk.open_once(cases=list(cases.values()), now=now)


def _odd(one: RateCut) -> Found | None:
    return scores.odd_cut(merchant_id=one.merchant_id, at=one.at, from_bps=one.from_bps, to_bps=one.to_bps)
