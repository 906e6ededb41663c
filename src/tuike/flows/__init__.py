"""Journeys over two or more modules: one file each, one transaction each, no call to the outside inside it.

A journey that talks to the outside is cut in three: mark, call, record.
"""
