"""News for the people of a party, shown under the consoles' bell: what happened, since when, who has seen it; and
messages to a person, shown in the mall's app and, where they agreed to it, by WeChat on their phone.

A common: any module or flow tells it, in the transaction of what happened; it knows no module.
"""
