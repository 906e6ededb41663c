"""What people read in the mall, for shops and the operator: pages of blocks, reviews, what waits, words."""
