"""Benchmarks of the hot paths: one file each, figures and the ratio to a limit measured in the same run."""
