"""What people read in the mall: the blocks of its home page and of shops' pages, words that are searched for, buyers'
pictures and reviews, and the board of supply and demand with its talks; what may be seen of it is decided here.

Knows who wrote and which product it is about; what was ordered, and what anything costs, it refuses to know.
"""
