"""What a shop's buyers are like, as groups: new and returning, segments, baskets, prices, regions, times, coupons and
points, what they are worth over time, how they came to their first order.

Owns counts that can be made anew from orders and touches at any time. Knows no name, phone or address and hands out
nothing about fewer than ten people; which person is in which group it doesn't keep.
"""
