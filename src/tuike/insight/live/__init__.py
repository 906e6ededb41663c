"""What happens today, of one party or of all: figures, orders as they come, provinces, best products, alerts.

It keeps today in memory for whoever looks and follows what the outbox tells; it writes nothing, and refuses to know who
looks, how a page shows it and how it gets there.
"""
