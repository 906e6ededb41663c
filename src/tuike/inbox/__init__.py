"""What external shops have reported and nobody has worked off yet: kept durably, in order, and what became of it.

Refuses to know what a report says: it keeps it word for word.
"""
