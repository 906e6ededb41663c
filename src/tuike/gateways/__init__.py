"""The outside, as typed calls: WeChat's server API, WeChat Pay and the payout rails.

Owns the wire: addresses, signatures, time-outs, which answer can be trusted and what an error means. Refuses to know
any module of the product, any table and any transaction: a flow marks first, calls a gateway, then records what came.
"""
