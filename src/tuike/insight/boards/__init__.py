"""Boards: what a period came to, tile by tile, for a promoter, a merchant, a leader and the operator, and which rows
stand behind each tile.

It reads counted figures and writes nothing; it refuses to know how a page looks.
"""
