"""Promotion places, material, short links, clicks, touches, bindings, and the claim of every order line: who earns it,
or the named reason why nobody does.

Knows neither orders nor money: a claim is made for line ids and products that a flow hands in.
"""
