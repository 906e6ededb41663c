"""Pages that only merchants have: one file of views a page."""
