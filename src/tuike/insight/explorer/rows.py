"""Where the rows of the explorer come from, and the expressions that dimensions share (docs/rules.md §3, §4, §6).

The rows are accruals (`a`) with the sale they come from (`s`), its order line (`l`), product (`g`), category (`k`),
claim (`c`), place (`p`), campaign (`x`), activity (`v`) and the parties concerned: shop (`m`), seller (`y`), payee
(`e`), leader (`d`).
"""

SELLER = "coalesce(c.promoter_id, CASE WHEN a.payee_kind = 'promoter' THEN a.payee_id END)"
"""Who brought the sale; of a reached target, which has no claim, who reached it."""
CAMPAIGN = "(s.terms->>'campaign_id')::bigint"
LAYER = "s.terms->'why'->>'layer'"
ACCRUALS = "commission_accrual a"
JOINS = {
    "s": "LEFT JOIN commission_sale s ON s.id = a.sale_id",
    "l": "LEFT JOIN orders_line l ON l.id = a.sale_id",
    "c": "LEFT JOIN attribution_claim c ON c.id = a.sale_id",
    "g": "LEFT JOIN catalog_product g ON g.id = s.product_id",
    "k": "LEFT JOIN catalog_category k ON k.id = l.category_id",
    "p": "LEFT JOIN attribution_place p ON p.id = c.place_id",
    "x": f"LEFT JOIN plans_campaign x ON x.id = {CAMPAIGN}",
    "v": "LEFT JOIN cooperation_activity v ON v.no = c.activity_no",
    "m": "LEFT JOIN parties_party m ON m.id = a.merchant_id",
    "y": f"LEFT JOIN parties_party y ON y.id = {SELLER}",
    "e": "LEFT JOIN parties_party e ON e.id = a.payee_id",
    "d": "LEFT JOIN parties_party d ON d.id = c.leader_id",
}
"""By alias. A question takes those that it names: even of a join that is left out the database keeps the key, and
then reads the rows themselves where the index alone would do."""
FROM = " ".join([ACCRUALS, *JOINS.values()])

CLAIMED = "c.promoter_id = %(found_id)s"
SOLD = f"({CLAIMED} OR a.sale_id IN (SELECT r.sale_id FROM rewards_award r WHERE r.promoter_id = %(found_id)s))"
PAID = "a.payee_id = %(found_id)s AND a.payee_kind = %(found_kind)s"
PARTY = "LEFT JOIN parties_party {at} ON {at}.id = {key}"
