"""All calls of this door, in the order of the documents."""

from tuike.doors.union import (
    accounts,
    normal_orders,
    orders,
    places,
    products,
    shop_orders,
    shop_rates,
    shop_targets,
    targets,
    tokens,
)

CALLS = (
    *tokens.CALLS,
    *places.CALLS,
    *products.CALLS,
    *orders.CALLS,
    *normal_orders.CALLS,
    *targets.CALLS,
    *accounts.CALLS,
    *shop_rates.CALLS,
    *shop_orders.CALLS,
    *shop_targets.CALLS,
)
"""A family of calls adds its own here."""
