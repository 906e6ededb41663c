"""Maturity batches with their digest, monthly statements, withdrawals, payout attempts.

Knows what a party has available, not how it was earned.
"""
