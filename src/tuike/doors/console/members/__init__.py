"""Members in the consoles: a shop's, with tags, segments and sendings; goods for points; the operator's ladder."""
