"""The product library: an index of what may be promoted, at which public rate, found by words, filters and sorts; the
operator's curated list; promoters' selection sets, and the rules of a source that a promoter accepted.

Owns nothing that can't be computed anew from catalog, parties and plans, but for the choices that people made here.
Knows no order and no claim.
"""
