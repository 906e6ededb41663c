"""Checks of parties by themselves: seats and the recruiters' tree, in SQL alone."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "seats",
        "每个主体恰有一名超级管理员，管理员计数与席位一致",
        "each party has exactly one super administrator, and its count of seats is right",
        "SELECT count(*), NULL::bigint FROM parties_party",
        """
        SELECT 'party ' || p.no, CASE WHEN s.supers <> 1 THEN 'has ' || s.supers || ' super administrators'
            ELSE 'counts ' || p.admins || ' seats, there are ' || s.others END
        FROM parties_party p
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE role = 'super_admin') AS supers,
                count(*) FILTER (WHERE role <> 'super_admin') AS others
            FROM parties_seat WHERE party_id = p.id AND removed_at IS NULL
        ) s
        WHERE s.supers <> 1 OR s.others <> p.admins OR p.admins > 100
        """,
    ),
    Check(
        "recruiters",
        "推荐关系无环，每个推客的上级链与推荐关系一致",
        "no promoter is above itself, and each line is the chain of recruiters",
        "SELECT count(*), NULL::bigint FROM parties_promoter",
        """
        WITH RECURSIVE up AS (
            SELECT party_id, recruiter_id AS above, 1 AS level FROM parties_promoter WHERE recruiter_id IS NOT NULL
            UNION ALL
            SELECT up.party_id, p.recruiter_id, up.level + 1 FROM up
            JOIN parties_promoter p ON p.party_id = up.above WHERE p.recruiter_id IS NOT NULL
        ) CYCLE party_id, above SET looped USING path,
        chain AS (
            SELECT party_id, bool_or(looped OR above = party_id) AS looped,
                array_agg(above ORDER BY level) AS line
            FROM up GROUP BY party_id
        )
        SELECT 'promoter ' || p.party_id, CASE WHEN coalesce(c.looped, false) THEN 'is in a circle of recruiters'
            ELSE 'has the line ' || p.line::text || ', the chain is ' || coalesce(c.line, '{}')::text END
        FROM parties_promoter p LEFT JOIN chain c ON c.party_id = p.party_id
        WHERE coalesce(c.looped, false) OR p.line <> coalesce(c.line, '{}')
        """,
    ),
)
