"""Appeals against commission that review held or rejected: what both sides say, and until when it is answered. Beside
them the desk's notes about an accrual, and what was told to be overdue. It knows no accrual: flows hand it facts.
"""
