"""Figures by natural day: clicks, orders, what was paid, estimated and settled commission, for each merchant, promoter,
place and product, and summed up for each merchant, each promoter and all.

Owns nothing that can't be counted anew from clicks, claims, sales and accruals. Counted outside the transactions that
move money, by a job that reads what was told; knows no order, and decides nothing.
"""
