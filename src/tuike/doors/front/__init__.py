"""The first page: what runs here, and where to go on. Asks nobody for anything that may hang."""
