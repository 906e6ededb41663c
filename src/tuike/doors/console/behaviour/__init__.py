"""What promoters do and what comes of it: the same page for the operator, merchants, leaders and promoters."""
