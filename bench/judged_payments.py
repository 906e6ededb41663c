"""What review rules and risk scores cost `confirm_payments`, and how soon an order is scored, in one run, paired.

Each round confirms as many orders of the same alliance three times, in turn: without rules and scores; with rules as an
operator has them, one of which asks for a score; and with these while scores are made beside it, as the worker makes
them: in the same process. Then what is scored last is waited for, and orders that trickle in are timed one by one.

`python -m bench.judged_payments [--orders 5000] [--rounds 3] [--batch 1000] [--trickle 20]`
"""

import argparse
import statistics
import threading
import time
from datetime import timedelta

from bench import ground
from bench.confirm_payments import NOW, _alliance, _confirm, _must_be_booked, _orders

STAGES = ("neither", "rules", "both")


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--trickle", type=int, default=20)
    given = parser.parse_args()
    with ground.database():
        _alliance()
        rules = _rules()
        _warm(given)
        rates: dict[str, list[float]] = {stage: [] for stage in STAGES}
        scored: list[float] = []
        for number in range(given.rounds * len(STAGES)):
            # Each round begins with another stage, so that what grows meanwhile weighs on all alike.
            stage = STAGES[(number + number // len(STAGES)) % len(STAGES)]
            _switch(rules, on=stage != "neither")
            _orders(number, given.orders)
            _share_payers(number)
            feed = _Feed() if stage == "both" else None
            rates[stage].append(given.orders / ground.seconds(lambda: _confirm(given.batch)))
            _must_be_booked(number, given.orders)
            if feed:
                feed.end()
            taken = ground.seconds(_score)
            if stage == "rules":
                scored.append(given.orders / taken)
        for stage, words in (
            ("neither", "confirm_payments, no rules, no scores"),
            ("rules", "with rules"),
            ("both", "with rules, scores made beside it"),
        ):
            ground.told(words, rates[stage], "orders/s")
        for stage in STAGES[1:]:
            ratios = [one / bare for one, bare in zip(rates[stage], rates["neither"], strict=True)]
            ground.told(f"of the rate without, {stage}", ratios, "", limit="limit ≥ 0.87")
        ground.told("scored, judged again and kept", scored, "orders/s")
        ground.told("paid until scored and judged", _trickled(given), "ms", limit="limit ≤ 10,000")
        print(f"held by a score: {_held()} accruals; peak memory {ground.peak_mb()} MB")


class _Feed:
    """The reader of scores, beside the work that is measured."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        from django.db import connection

        while not self._over.is_set():
            _score()
            self._over.wait(0.05)
        connection.close()

    def end(self) -> None:
        """Let it come to the end of what was told."""
        self._over.set()
        self._thread.join()


def _score() -> None:
    from tuike.flows.score_orders import score_orders

    score_orders(now=NOW + timedelta(minutes=2))


def _rules() -> list[str]:
    """Rules as an operator has them: new promoters, sizes, bursts, refunds, a category, and a score."""
    from tuike.audit.types import OPERATOR_SHELL
    from tuike.review import service as review
    from tuike.review.types import Condition, Effect, Feature, NewRule

    conditions = [
        {Feature.COMMISSION: Condition(least=50_000)},
        {Feature.AGE: Condition(most=7), Feature.PAID: Condition(least=100_000)},
        {Feature.LINES_HOUR: Condition(least=500)},
        {Feature.LINES_DAY: Condition(least=100_000), Feature.GRADE: Condition(among=frozenset({"0"}))},
        {Feature.REFUND_RATE: Condition(least=4_000)},
        {Feature.CATEGORY: Condition(among=frozenset({"1"})), Feature.COMMISSION: Condition(least=80_000)},
        {Feature.SCORE: Condition(least=300)},
    ]
    return [
        review.create_rule(
            merchant_id=None, rule=NewRule(f"rule {n}", Effect.HOLD, asked), actor=OPERATOR_SHELL, now=NOW
        )
        for n, asked in enumerate(conditions)
    ]


def _switch(rules: list[str], *, on: bool) -> None:
    from tuike.audit.types import OPERATOR_SHELL
    from tuike.review import service as review

    for no in rules:
        review.turn_rule(merchant_id=None, no=no, on=on, actor=OPERATOR_SHELL, now=NOW)


def _share_payers(run: int) -> None:
    """Let one hand pay all orders of some thirty promoters: a few of each hundred have a score, and are held by it."""
    from tuike.db import rows

    rows.run(
        "UPDATE payments_notice n SET facts = jsonb_set(n.facts, '{payer_openid}', to_jsonb('hand' || c.promoter_id))"
        " FROM payments_intent i JOIN attribution_claim c ON c.id = i.id"
        " WHERE n.object_no = i.no AND c.promoter_id %% 50 = 0 AND i.id > %s AND i.id < %s",
        [run * 10**7, (run + 1) * 10**7],
    )


def _warm(given: argparse.Namespace) -> None:
    """Confirm and score once what isn't measured."""
    _orders(900, given.orders)
    _confirm(given.batch)
    _score()


def _trickled(given: argparse.Namespace) -> list[float]:
    """Return how long after each of some payments its order was scored and judged, in milliseconds."""
    taken = []
    for number in range(given.trickle):
        _orders(1_000 + number, 1)
        began = time.perf_counter()
        _confirm(given.batch)
        _score()
        taken.append((time.perf_counter() - began) * 1_000)
    return [statistics.median(taken), min(taken), max(taken)]


def _held() -> int:
    from tuike.db import rows

    return int(rows.query("SELECT count(*) FROM commission_accrual WHERE review = 'held'")[0][0])


if __name__ == "__main__":
    main()
