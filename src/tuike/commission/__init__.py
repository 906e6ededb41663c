"""The arithmetic of commission: sales facts, accruals, refunds, maturity, debts, adjustments.

Never sees an order row: a flow hands in `SaleFacts`, and they are kept here with the reason of every rate.
"""
