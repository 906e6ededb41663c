"""News for the people of a party, shown under the consoles' bell: what happened, since when, who has seen it.

A common: any module or flow tells it, in the transaction of what happened; it knows no module.
"""
