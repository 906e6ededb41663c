"""Checkups: runs of `verify` that people or the clock asked for, and what each of them found. Append and finish only.

A common: it knows no module, and nothing of what is checked: whoever runs one hands in the results.
"""
