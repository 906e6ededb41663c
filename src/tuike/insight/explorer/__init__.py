"""One explorer of accruals: its dimensions are defined once, for a promoter, a merchant, a leader and the operator.

It reads and writes nothing; it refuses to know how a page looks. Which dimensions somebody has, and whose rows, follows
from who asks.
"""
