"""Lists for people: one engine that filters, sorts, pages, counts, sums and writes files, and a file of definitions for
each console area. A definition says where rows come from and whose they are; it knows nothing of HTML."""
