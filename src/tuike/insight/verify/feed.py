"""That who follows the update feed gets to know of everything: each object that concerns a party has its place there.

What was told and not yet read is no fault: objects that an unread event may be about are left out. Before the first
run the check looks at nothing and says so by its count.
"""

from tuike.insight.verify.check import Check

_PAYEES = "('promoter', 'leader', 'merchant')"

CHECKS = (
    Check(
        "feed",
        "更新流包含每个主体的全部对象",
        "each object that concerns a party has its place in the update feed",
        "SELECT count(*), NULL::bigint FROM feed_update",
        f"""
        WITH unread AS (
            SELECT e.facts->>'order' AS about, e.key, e.facts FROM outbox_event e
            JOIN outbox_consumer c ON c.name = 'feed' WHERE (e.txid, e.id) > (c.txid, c.event_id)
        ), open AS (
            SELECT coalesce(about, key) AS no FROM unread
            UNION SELECT s.order_no FROM unread u
                CROSS JOIN jsonb_array_elements_text(coalesce(u.facts->'sales', '[]')) AS told (id)
                JOIN commission_sale s ON s.id = told.id::bigint
        ), there AS (
            SELECT s.merchant_id AS party_id, 'order' AS kind, s.order_no AS object, s.order_no AS told_as
            FROM commission_sale s WHERE s.kind <> 'target'
            UNION SELECT o.merchant_id, 'order', o.no, o.no FROM orders_order o
            UNION SELECT a.payee_id, 'order', s.order_no, s.order_no FROM commission_accrual a
                JOIN commission_sale s ON s.id = a.sale_id WHERE a.payee_kind IN {_PAYEES} AND s.kind <> 'target'
            UNION SELECT k.promoter_id, 'order', k.order_no, k.order_no FROM attribution_claim k
                WHERE k.promoter_id IS NOT NULL
            UNION SELECT a.payee_id, 'accrual', a.id::text, s.order_no FROM commission_accrual a
                JOIN commission_sale s ON s.id = a.sale_id WHERE a.payee_kind IN {_PAYEES}
            UNION SELECT w.party_id, 'withdrawal', w.no, w.no FROM settlement_withdrawal w
            UNION SELECT p.payee_id, 'settlement', b.no, b.no FROM settlement_part p
                JOIN settlement_batch b ON b.id = p.batch_id WHERE p.payee_kind IN {_PAYEES}
            UNION SELECT e.merchant_id, 'enrolment', e.no, e.no FROM cooperation_enrolment e
            UNION SELECT v.leader_id, 'enrolment', e.no, e.no FROM cooperation_enrolment e
                JOIN cooperation_activity v ON v.id = e.activity_id
        )
        SELECT there.kind || ' ' || there.object, 'party ' || there.party_id || ' is not told of it'
        FROM there LEFT JOIN feed_update f USING (party_id, kind, object)
        WHERE f.seq IS NULL AND EXISTS (SELECT FROM outbox_consumer WHERE name = 'feed')
            AND NOT EXISTS (SELECT FROM open WHERE open.no = there.told_as)
        """,
    ),
)
