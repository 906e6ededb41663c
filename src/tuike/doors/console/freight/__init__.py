"""Pages of sending: freight templates, parcels of orders one by one and many at once, and what moved the stock."""
