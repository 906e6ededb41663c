"""Alliance coupons: what a shop gives to buyers whom a promoter brought, and the vouchers that buyers took.

Knows neither orders nor tickets: a flow hands in what is in a checkout and says whether it came by a ticket.
"""
