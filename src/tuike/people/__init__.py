"""Persons: WeChat identities, phones, passwords and second factors, sessions, scan challenges.

Knows humans only: which party somebody acts for, and what a person buys or earns, is none of its business.
"""
