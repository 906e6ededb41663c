"""Where parties want to be told what happened: endpoints, the events written for them, and how each delivery went.

Knows parties, whose endpoints they are, and the gateways' rule of what may be called. Refuses to know what an event is
about: a flow says which party is told what, and another one sends.
"""
