"""Arithmetic that journeys ask for while nothing is written: the rules of coupons and points, for who puts a checkout
together (docs/rules.md §10)."""

from tuike.marketing.rules import best_vouchers, lower_all, most_points, points_for, points_worth, taken_before

__all__ = ["best_vouchers", "lower_all", "most_points", "points_for", "points_worth", "taken_before"]
