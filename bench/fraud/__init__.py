"""How well the scores tell abuse from honest business: a seeded alliance of some weeks with known abuse in it, scored by
the product's own rules. What is labelled is known to the report alone; the rules never see it.
"""
