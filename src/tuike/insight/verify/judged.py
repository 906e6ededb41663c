"""Checks of review rules: what a rule held is kept with it."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "judged",
        "每笔被规则冻结的佣金恰有一条同额命中记录，且由当时的版本判定",
        "each accrual that a rule held has one hit of the same amount and version",
        "SELECT count(*), sum(amount_fen)::bigint FROM review_hit WHERE subject = 'commission'",
        """
        SELECT 'accrual A' || a.id, 'was held by version ' || v.id || ', its hit is '
            || coalesce('of version ' || h.version_id || ' and ' || h.amount_fen, 'not there')
        FROM commission_accrual a JOIN review_version v ON v.id = a.judged_by AND v.effect <> 'clear'
        LEFT JOIN review_hit h ON h.object_id = a.id AND h.subject = 'commission'
        WHERE h.id IS NULL OR h.version_id <> v.id OR h.amount_fen <> a.first_fen
        UNION ALL
        SELECT 'hit of A' || h.object_id, 'its accrual was judged by ' || coalesce(a.judged_by::text, 'none')
        FROM review_hit h LEFT JOIN commission_accrual a ON a.id = h.object_id
        WHERE h.subject = 'commission' AND a.judged_by IS DISTINCT FROM h.version_id
        UNION ALL
        SELECT 'accrual A' || a.id, 'is clear, though version ' || v.id || ' held it'
        FROM review_hit h JOIN commission_accrual a ON a.id = h.object_id JOIN review_version v ON v.id = h.version_id
        WHERE h.subject = 'commission' AND a.review = 'clear'
        """,
    ),
)
