"""Cases that need a person: a payment whose amount is wrong, a payout whose outcome nobody knows. Pure on facts that
flows hand it.
"""
