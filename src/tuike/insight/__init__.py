"""Reads over all modules: verify, explain, why-not, the open data. Writes no row; only doors know it."""
