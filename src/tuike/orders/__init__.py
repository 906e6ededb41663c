"""Carts, checkouts, orders, lines, shipments, after-sales.

Knows what was bought and what happened to it; neither who earns from it nor how it was paid.
"""
