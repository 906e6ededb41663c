"""How a person likes to see a page in one seat: views that were given a name, and the columns chosen last. A common: it
knows neither pages nor columns, and refuses to say what an address means; whoever keeps one reads it again.
"""
