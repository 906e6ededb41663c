"""Rules that judge commission before it is paid: their versions, what they say, what they hit. Pure on facts that flows
hand it: it knows no accrual, no promoter and no order.
"""
