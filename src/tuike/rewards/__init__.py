"""Owns offers that pay promoters for reaching a target, whose budget stands on an account of its own, and what became
of them: who has how much, who was awarded, what was taken back. Knows no orders, sales or accruals: flows bring the
counts and book the awards.
"""
