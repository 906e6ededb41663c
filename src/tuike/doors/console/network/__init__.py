"""Pages of the promoters' network: recruiting links, the form and its applications, deposits, who recruited whom, and
buyers who are bound. They know nothing of how goods are promoted or of leaders' activities."""
