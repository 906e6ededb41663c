"""Tuike (推客): a self-hosted affiliate alliance for mini-program shops."""
