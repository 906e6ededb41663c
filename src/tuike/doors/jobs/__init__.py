"""What the product does by itself: each job calls one flow until nothing is left. Knows no rows; reads the clock."""
