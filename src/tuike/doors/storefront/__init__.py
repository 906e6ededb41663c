"""The JSON door of buyers, and of the seats that act from a phone: parse, authorise, make one call, render.

Knows no rows. Every refusal is `{"code", "message"}` in the caller's language; every write has an idempotency key.
"""
