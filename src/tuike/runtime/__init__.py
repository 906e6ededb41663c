"""Owns what runs on the machine: the data home, the embedded database, the processes. Knows no table and no Django."""
