"""Rates of every layer as effective-dated rows, campaigns with their budgets, policies and grades; which rate is in
force at an instant, and why.

Knows what a rate is, not what it is paid on: amounts are computed in `commission`.
"""
