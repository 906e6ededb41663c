"""Parties of the alliance: merchants, promoters, leaders, the operator; their certification, seats, credentials, bank
accounts, and who recruited whom.

Knows who may act for a party, not what a party sells, promotes or earns.
"""
