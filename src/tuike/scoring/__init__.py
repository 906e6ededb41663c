"""Owns what paid orders that earn commission left behind (their marks as keyed digests), and each one's risk score with
the features and thresholds that made it. Pure on facts that flows hand it; knows no order, buyer or promoter beyond
their numbers, and decides nothing: a score is advice to rules and to people.
"""
