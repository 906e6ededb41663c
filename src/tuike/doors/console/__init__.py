"""The consoles: a browser for promoters, merchants and the operator. Every page passes the guard and its one table of
who may do what; a view parses, makes one call, renders. How to add a page: docs/consoles.md."""
