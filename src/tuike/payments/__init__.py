"""Money in: intents with an opaque purpose, the provider's notices as they came, refunds at the provider.

Knows neither orders nor commission: a purpose is a text that only the flow which made it reads.
"""
