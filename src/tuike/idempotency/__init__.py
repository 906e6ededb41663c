"""Keys of write verbs: the second call with a key and the same content gets the answer of the first;
other content is refused.

A common: any module may use it; it knows no module.
"""
