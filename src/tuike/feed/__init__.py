"""In which order a party's objects changed: one row per object, moved to the end whenever it changes.

Refuses to know what the objects are: a kind and a name are all that it keeps of them.
"""
