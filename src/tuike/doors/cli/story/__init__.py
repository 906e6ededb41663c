"""The demo alliance: a story told through the product's own journeys at past instants. Writes no row by hand.

Knows every verb that it calls; nothing knows it but the command line's `demo`.
"""
