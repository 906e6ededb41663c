"""Categories, products, SKUs, stock; and whether a product may be promoted, with the reason when not.

Knows no rate, no order and no buyer.
"""
