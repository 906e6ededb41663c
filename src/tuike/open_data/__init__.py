"""Runs that write the open data: who asked, how far one is, what it wrote or why it couldn't.

A common: it knows neither what is in the files nor where they lie; whoever writes them hands in what came of it.
"""
