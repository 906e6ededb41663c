"""That the product library says what its sources say, in SQL alone, as of the instant it was last brought up to date.

What was told and not yet read is no fault. While wide work waits (a mark, a rate, a shop's standing) the check looks at
nothing and says so by its count; products of orders that were not yet read are left out.
"""

from tuike.insight.verify.check import Check

_CAUGHT_UP = """
    NOT EXISTS (SELECT 1 FROM library_mark) AND NOT EXISTS (
        SELECT 1 FROM outbox_event e JOIN outbox_consumer c ON c.name = 'library'
        WHERE (e.txid, e.id) > (c.txid, c.event_id) AND e.topic IN ('product.changed', 'category.changed',
            'rates.written', 'alliance.open', 'alliance.close', 'certification.decided', 'merchant.prepaid',
            'party.suspend', 'party.restore')
    )
"""

CHECKS = (
    Check(
        "library",
        "选品库与商品、商家、佣金率一致",
        "the product library stands as products, shops and rates say",
        f"""
        SELECT count(*), NULL::bigint FROM library_item i JOIN library_sweep s ON i.begins <= s.coupons_until
            AND i.ends > s.coupons_until WHERE {_CAUGHT_UP}
        """,
        f"""
        WITH at AS (SELECT coupons_until AS at, price_floor_fen FROM library_sweep WHERE {_CAUGHT_UP}),
        unread AS (
            SELECT DISTINCT l.product_id FROM outbox_event e JOIN outbox_consumer c ON c.name = 'library'
            JOIN orders_order o ON o.no = CASE e.topic WHEN 'after_sale.approved' THEN e.facts->>'order' ELSE e.key END
            JOIN orders_line l ON l.order_id = o.id
            WHERE (e.txid, e.id) > (c.txid, c.event_id)
                AND e.topic IN ('order.placed', 'order.closed', 'after_sale.approved')
        ), wanted AS (
            SELECT p.id, p.no, p.min_price_fen, r.rate_bps, c.path, p.merchant_id, p.listed_from
            FROM at JOIN catalog_product p ON p.state = 'on_sale' AND NOT p.excluded AND p.listed_from <= at.at
                AND p.min_price_fen >= at.price_floor_fen AND cardinality(p.pictures) > 0
            JOIN catalog_category c ON c.id = p.category_id
            JOIN parties_merchant m ON m.party_id = p.merchant_id AND m.opened_from <= at.at
                AND (m.closed_from IS NULL OR m.closed_from > at.at)
                AND NOT (m.source = 'mini_program' AND m.prepaid_short_since IS NOT NULL)
            JOIN parties_party y ON y.id = m.party_id AND y.certified_at IS NOT NULL AND y.suspended_at IS NULL
            LEFT JOIN LATERAL (
                SELECT r.rate_bps FROM plans_rate r
                WHERE r.layer IN ('main', 'category', 'default', 'benchmark') AND r.valid @> at.at
                    AND r.lookup = ANY(ARRAY['product:' || p.id, 'default:' || p.merchant_id]
                        || ARRAY(SELECT 'category:' || p.merchant_id || ':' || n FROM unnest(c.path) n)
                        || ARRAY(SELECT 'benchmark:' || n || ':' || CASE m.subject_kind WHEN 'individual'
                            THEN 'individual' ELSE 'other' END FROM unnest(0 || c.path) n))
                ORDER BY array_position(ARRAY['main', 'category', 'default', 'benchmark'], r.layer::text),
                    array_position(c.path, r.category_id) DESC NULLS LAST LIMIT 1
            ) r ON true
            WHERE NOT EXISTS (SELECT 1 FROM catalog_category a WHERE a.id = ANY(c.path) AND a.restricted)
                AND EXISTS (SELECT 1 FROM catalog_sku k WHERE k.product_id = p.id AND k.on_sale AND k.free > 0)
        ), has AS (
            SELECT i.* FROM library_item i JOIN at ON i.begins <= at.at AND i.ends > at.at
        )
        SELECT 'product ' || coalesce(w.id, h.product_id), CASE
            WHEN h.id IS NULL THEN 'can be promoted and is not in the library'
            WHEN w.id IS NULL THEN 'can''t be promoted and is in the library'
            ELSE concat_ws(', ', 'stands with ' || h.price_fen || ' at ' || h.rate_bps || ' giving '
                || h.commission_fen, 'has ' || w.min_price_fen || ' at ' || coalesce(w.rate_bps, 0)) END
        FROM wanted w FULL JOIN has h ON h.product_id = w.id
        WHERE (SELECT count(*) FROM at) = 1 AND coalesce(w.id, h.product_id) NOT IN (SELECT product_id FROM unread)
            AND (h.id IS NULL OR w.id IS NULL OR h.price_fen <> w.min_price_fen OR h.rate_bps <> coalesce(w.rate_bps, 0)
                OR h.commission_fen <> w.min_price_fen * coalesce(w.rate_bps, 0) / 10000 OR h.path <> w.path
                OR h.merchant_id <> w.merchant_id OR h.listed_at <> w.listed_from)
        """,
    ),
    Check(
        "selection_sets",
        "每个选品车的件数等于其中的商品数",
        "each selection set counts what it holds",
        "SELECT count(*), NULL::bigint FROM library_chosen",
        """
        SELECT 'promoter ' || promoter_id, 'counts ' || coalesce(n.products, 0) || ', holds ' || coalesce(c.held, 0)
        FROM library_chosen_count n
        FULL JOIN (SELECT promoter_id, count(*) AS held FROM library_chosen GROUP BY 1) c USING (promoter_id)
        WHERE coalesce(n.products, 0) <> coalesce(c.held, 0)
        """,
    ),
)
