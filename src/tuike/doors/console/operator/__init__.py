"""Pages of the operator's desk: one file of views a page."""
