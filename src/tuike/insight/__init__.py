"""Reads over all modules: verify, explain, why-not. Writes nothing; only doors know it."""
