"""What makes buying pleasant: coupons and the vouchers that buyers took, points, bargains that friends cut, red packets
and the balance that they bring.

Knows neither orders nor tickets: a flow hands in what is in a checkout and says whether it came by a ticket. Its money
and points stand in the ledger; who paid how is a flow's to know.
"""
