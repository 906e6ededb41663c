"""Pages about a shop as part of the mall: its functions, what it gives away, its members, how it ships."""
