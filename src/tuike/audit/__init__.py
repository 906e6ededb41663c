"""Acts of people on money, rates, seats and settings: one row each in an append-only log, sealed into a hash chain by
a job.

A common: any module may use it; it knows no module.
"""
