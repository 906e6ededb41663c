"""Decisions about content from values alone, one file a kind."""
