"""Checks of orders against payments, after-sales and stock, in SQL alone."""

from tuike.insight.verify.check import Check

_TAKEN = "('approved', 'refunded')"
_OPEN = "('requested', 'returning', 'sent', 'disputed', 'approved')"

CHECKS = (
    Check(
        "discounts",
        "每个商品行的优惠等于其各项优惠之和",
        "each line's discount is the sum of what lowered it",
        "SELECT count(*), sum(amount_fen)::bigint FROM orders_discount",
        """
        SELECT 'line ' || l.id, 'is lowered by ' || l.discount_fen || ', its discounts give ' || coalesce(d.fen, 0)
        FROM orders_line l
        LEFT JOIN (SELECT line_id, sum(amount_fen) AS fen FROM orders_discount GROUP BY 1) d ON d.line_id = l.id
        WHERE l.discount_fen <> coalesce(d.fen, 0)
        """,
    ),
    Check(
        "order_states",
        "每个订单的状态与其时间相符",
        "each order's state fits its instants",
        "SELECT count(*), NULL::bigint FROM orders_order",
        """
        SELECT 'order ' || no, 'is ' || state || ', paid ' || coalesce(paid_at::text, 'never') || ', received '
            || coalesce(received_at::text, 'never') || ', closed ' || coalesce(closed_at::text, 'never')
        FROM orders_order
        WHERE state NOT IN ('unpaid', 'paid', 'shipped', 'completed', 'closed')
            OR (paid_at IS NULL) <> (state = 'unpaid' OR state = 'closed' AND close_reason <> 'refunded')
            OR (received_at IS NOT NULL) <> (state = 'completed') OR (closed_at IS NOT NULL) <> (state = 'closed')
            OR state = 'shipped' AND shipped_at IS NULL OR state = 'paid' AND shipped_at IS NOT NULL
            OR source = 'mini_store' AND (paid_at < placed_at - interval '5 minutes' OR received_at < shipped_at)
        """,
    ),
    Check(
        "paid",
        "商城订单已支付，当且仅当恰有一笔与余额之外的应付同额的支付；余额付清的无需支付",
        "mall orders are paid exactly when one payment of what the balance left came in; with nothing left, none",
        "SELECT count(*), sum(paid_fen)::bigint FROM payments_intent"
        " WHERE purpose LIKE 'checkout:%' AND state = 'paid'",
        """
        SELECT 'checkout ' || coalesce(c.no, i.purpose), CASE WHEN c.no IS NULL THEN 'was paid for and is not there'
            WHEN c.unpaid > 0 AND c.paid > 0 THEN 'is paid in part'
            WHEN c.paid > 0 THEN 'is paid, ' || c.fen || ', the payment is '
                || coalesce(i.state || ' with ' || i.paid_fen, 'not there')
            ELSE 'was paid for with ' || i.paid_fen || ' and is not paid' END
        FROM (
            SELECT c.no, count(*) FILTER (WHERE o.paid_at IS NOT NULL) AS paid,
                count(*) FILTER (WHERE o.paid_at IS NULL) AS unpaid,
                sum(o.payable_fen) - c.balance_fen AS fen
            FROM orders_checkout c JOIN orders_order o ON o.checkout_id = c.id GROUP BY c.id
        ) c
        FULL JOIN (
            SELECT * FROM payments_intent WHERE purpose LIKE 'checkout:%'
        ) i ON i.purpose = 'checkout:' || c.no
        WHERE c.no IS NULL OR c.unpaid > 0 AND c.paid > 0
            OR (c.paid > 0) <> (coalesce(i.state, '') = 'paid') AND (c.paid = 0 OR c.fen > 0)
            OR c.paid > 0 AND c.fen > 0 AND (i.paid_fen <> c.fen OR i.amount_fen <> c.fen)
        """,
    ),
    Check(
        "payments",
        "每批到账等于其支付之和，每笔完成的退款恰付出一次",
        "each booking of money in is the sum of its payments, and each refund that is done went out once",
        "SELECT count(*), sum(paid_fen)::bigint FROM payments_intent WHERE paid_fen > 0",
        """
        WITH booked AS (
            SELECT t.key, sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0) AS fen
            FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
            WHERE t.kind IN ('payment', 'payment_mismatched', 'payment_late', 'refund_out') GROUP BY t.key
        ), known AS (
            SELECT 'payment:' || clearing_no AS key, sum(paid_fen) AS fen FROM payments_intent
            WHERE paid_fen > 0 GROUP BY 1
            UNION ALL
            SELECT 'refund_out:' || no, amount_fen FROM payments_refund WHERE state = 'done'
        )
        SELECT 'transfer ' || coalesce(b.key, k.key), 'books ' || coalesce(b.fen, 0) || ', payments and refunds give '
            || coalesce(k.fen, 0)
        FROM booked b FULL JOIN known k ON k.key = b.key WHERE coalesce(b.fen, 0) <> coalesce(k.fen, 0)
        """,
    ),
    Check(
        "after_sales",
        "每个商品行的退款等于其已同意的售后之和，未结束的售后都挡住结算",
        "each line's refunds are its approved after-sales, and open ones keep it from settling",
        "SELECT count(*), sum(amount_fen)::bigint FROM orders_after_sale_line",
        f"""
        WITH asked AS (
            SELECT t.line_id, sum(t.amount_fen) FILTER (WHERE a.state IN {_TAKEN}) AS fen,
                sum(t.quantity) FILTER (WHERE a.state IN {_TAKEN}) AS pieces,
                sum(t.unsent_quantity) FILTER (WHERE a.state IN {_TAKEN}) AS unsent,
                count(*) FILTER (WHERE a.state IN {_OPEN}) AS open
            FROM orders_after_sale a JOIN orders_after_sale_line t ON t.after_sale_id = a.id GROUP BY 1
        )
        SELECT 'line ' || l.id, CASE
            WHEN l.refunded_fen <> coalesce(x.fen, 0) OR l.refunded_quantity <> coalesce(x.pieces, 0)
            THEN 'refunded ' || l.refunded_fen || ' (' || l.refunded_quantity || '), after-sales give '
                || coalesce(x.fen, 0) || ' (' || coalesce(x.pieces, 0) || ')'
            WHEN l.unsent_quantity <> coalesce(x.unsent, 0)
            THEN l.unsent_quantity || ' never left, after-sales give ' || coalesce(x.unsent, 0)
            ELSE 'counts ' || s.open_after_sales || ' open after-sales, there are ' || coalesce(x.open, 0) END
        FROM orders_line l
        LEFT JOIN asked x ON x.line_id = l.id LEFT JOIN commission_sale s ON s.id = l.id
        WHERE l.refunded_fen <> coalesce(x.fen, 0) OR l.refunded_quantity <> coalesce(x.pieces, 0)
            OR l.unsent_quantity <> coalesce(x.unsent, 0) OR s.open_after_sales <> coalesce(x.open, 0)
        UNION ALL
        SELECT 'order ' || o.no, 'gave back freight of ' || o.freight_refunded_fen || ', after-sales give '
            || coalesce(f.fen, 0)
        FROM orders_order o
        LEFT JOIN (
            SELECT order_id, sum(freight_fen) AS fen FROM orders_after_sale WHERE state IN {_TAKEN} GROUP BY 1
        ) f ON f.order_id = o.id
        WHERE o.freight_refunded_fen <> coalesce(f.fen, 0)
        UNION ALL
        SELECT 'freight ' || s.id, 'counts ' || s.open_after_sales || ' open after-sales, there are '
            || coalesce(f.open, 0)
        FROM commission_sale s JOIN orders_order o ON o.freight_id = s.id
        LEFT JOIN (
            SELECT order_id, count(*) AS open FROM orders_after_sale
            WHERE state IN {_OPEN} AND freight_fen > 0 GROUP BY 1
        ) f ON f.order_id = o.id
        WHERE s.kind = 'freight' AND s.open_after_sales <> coalesce(f.open, 0)
        UNION ALL
        SELECT 'after-sale ' || a.no, 'is ' || a.state || ', its last step says ' || coalesce(t.state, 'nothing')
        FROM orders_after_sale a
        LEFT JOIN LATERAL (
            SELECT state FROM orders_after_sale_step s WHERE s.after_sale_id = a.id ORDER BY s.id DESC LIMIT 1
        ) t ON true
        WHERE a.state <> coalesce(t.state, '')
        """,
    ),
    Check(
        "stock",
        "每个 SKU 的已售数等于商城订单占用减退回",
        "each SKU's sold count is what mall orders took less what came back",
        "SELECT count(*), NULL::bigint FROM catalog_sku",
        f"""
        SELECT 'sku ' || k.id, 'counts ' || k.sold || ' sold, orders give '
            || coalesce(t.pieces, 0) - coalesce(b.pieces, 0)
        FROM catalog_sku k
        LEFT JOIN (
            SELECT l.sku_id, sum(l.quantity) AS pieces FROM orders_line l JOIN orders_order o ON o.id = l.order_id
            WHERE o.source = 'mini_store' AND NOT (o.state = 'closed' AND o.paid_at IS NULL) GROUP BY 1
        ) t ON t.sku_id = k.id
        LEFT JOIN (
            SELECT l.sku_id, sum(CASE WHEN a.restocked THEN r.quantity ELSE r.unsent_quantity END) AS pieces
            FROM orders_after_sale a
            JOIN orders_after_sale_line r ON r.after_sale_id = a.id JOIN orders_line l ON l.id = r.line_id
            JOIN orders_order o ON o.id = l.order_id
            WHERE a.state IN {_TAKEN} AND o.source = 'mini_store' GROUP BY 1
        ) b ON b.sku_id = k.id
        WHERE k.sold <> coalesce(t.pieces, 0) - coalesce(b.pieces, 0)
        """,
    ),
    Check(
        "parcels",
        "每个商品行的已发件数等于各包裹中的件数之和",
        "each line's shipped pieces are those in its parcels",
        "SELECT count(*), NULL::bigint FROM orders_parcel_line",
        """
        SELECT 'line ' || l.id,
            'counts ' || l.shipped_quantity || ' shipped, its parcels have ' || coalesce(p.pieces, 0)
        FROM orders_line l
        LEFT JOIN (SELECT line_id, sum(quantity) AS pieces FROM orders_parcel_line GROUP BY 1) p ON p.line_id = l.id
        WHERE l.shipped_quantity <> coalesce(p.pieces, 0)
        """,
    ),
    Check(
        "stock_moves",
        "每个 SKU 的可售库存等于其库存变动之和",
        "each SKU's free stock is the sum of its movements",
        "SELECT count(*), NULL::bigint FROM catalog_stock_move",
        """
        SELECT 'sku ' || coalesce(k.id, m.sku_id), 'has ' || coalesce(k.free::text, 'no row')
            || ' free, its movements give ' || coalesce(m.pieces, 0)
        FROM catalog_sku k
        FULL JOIN (SELECT sku_id, sum(change) AS pieces FROM catalog_stock_move GROUP BY 1) m ON m.sku_id = k.id
        WHERE k.free IS DISTINCT FROM coalesce(m.pieces, 0)
        """,
    ),
)
