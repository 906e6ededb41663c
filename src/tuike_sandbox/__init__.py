"""Stands in for WeChat's servers on this machine: same paths, same wire format, no real money.

Owns its keys, its people and its own small database under its home folder. Refuses to know the product: it imports
nothing of it and talks to it only as WeChat would, over HTTP on loopback.
"""
