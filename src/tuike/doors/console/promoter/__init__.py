"""Pages that only promoters have: one file of views a page."""
