"""Where the rows of the explorer come from, and the expressions that dimensions share (docs/rules.md §3, §4, §6).

The rows are accruals (`a`) with the sale they come from (`s`), its order line (`l`), product (`g`), category (`k`),
claim (`c`), place (`p`), campaign (`x`), activity (`v`) and the parties concerned: shop (`m`), seller (`y`), payee
(`e`), leader (`d`). Whatever a question doesn't name, the database leaves out.
"""

SELLER = "coalesce(c.promoter_id, CASE WHEN a.payee_kind = 'promoter' THEN a.payee_id END)"
"""Who brought the sale; of a reached target, which has no claim, who reached it."""
CAMPAIGN = "(s.terms->>'campaign_id')::bigint"
LAYER = "s.terms->'why'->>'layer'"
FROM = f"""commission_accrual a
    LEFT JOIN commission_sale s ON s.id = a.sale_id
    LEFT JOIN orders_line l ON l.id = a.sale_id
    LEFT JOIN attribution_claim c ON c.id = a.sale_id
    LEFT JOIN catalog_product g ON g.id = s.product_id
    LEFT JOIN catalog_category k ON k.id = l.category_id
    LEFT JOIN attribution_place p ON p.id = c.place_id
    LEFT JOIN plans_campaign x ON x.id = {CAMPAIGN}
    LEFT JOIN cooperation_activity v ON v.no = c.activity_no
    LEFT JOIN parties_party m ON m.id = a.merchant_id
    LEFT JOIN parties_party y ON y.id = {SELLER}
    LEFT JOIN parties_party e ON e.id = a.payee_id
    LEFT JOIN parties_party d ON d.id = c.leader_id"""

NO = "SELECT t.{} FROM parties_party t WHERE t.no = %(value)s"
SOLD = f"""a.sale_id = ANY(ARRAY(
    SELECT q.id FROM attribution_claim q WHERE q.promoter_id = ({NO.format("id")})
    UNION ALL SELECT r.sale_id FROM rewards_award r WHERE r.promoter_id = ({NO.format("id")})))"""
PAID = f"(a.payee_id = ({NO.format('id')}) AND a.payee_kind = ({NO.format('kind')}))"
PARTY = "LEFT JOIN parties_party {at} ON {at}.id = {key}"
