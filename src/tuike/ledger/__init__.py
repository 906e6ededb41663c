"""The books: accounts, transfers, entries. Append-only, double entry, balanced in every statement.

Knows no owner and no event: an account is a path built in `chart.py`, a transfer says where it came from in words.
"""
