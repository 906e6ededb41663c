"""Checks of reviews and appeals: what is held says since when, what was accepted was released or paid."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "appealed",
        "被冻结的佣金都记有冻结时间，通过的申诉都已放行或由两人审批补发，待答复的申诉仍有其事由",
        "what is held says since when; accepted appeals were released or paid by two people; open ones have a cause",
        "SELECT count(*), sum(amount_fen)::bigint FROM appeals_appeal",
        """
        SELECT 'accrual A' || id, 'is ' || review || ' and doesn''t say since when' FROM commission_accrual
        WHERE review IN ('held', 'rejected') AND held_at IS NULL OR review = 'rejected' AND rejected_at IS NULL
        UNION ALL
        SELECT 'appeal ' || p.no, 'waits about A' || p.accrual_id || ', which is ' || coalesce(a.review, 'not there')
        FROM appeals_appeal p LEFT JOIN commission_accrual a ON a.id = p.accrual_id
        WHERE p.state IN ('open', 'approving') AND a.review IS DISTINCT FROM p.about
        UNION ALL
        SELECT 'appeal ' || p.no, 'is ' || p.state || ' by the adjustment ' || coalesce(d.state, 'that isn''t there')
        FROM appeals_appeal p LEFT JOIN commission_adjustment d ON d.no = p.adjustment_no
        WHERE p.about = 'rejected' AND (p.state = 'accepted' AND d.state IS DISTINCT FROM 'approved'
            OR p.state = 'approving' AND d.state IS DISTINCT FROM 'asked')
        """,
    ),
)
