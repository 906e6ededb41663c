"""What the mall keeps of its members: addresses, favourites, footprints, growth and levels, shops' tags and segments.

Knows neither orders nor products: a flow hands in what was paid and says what a number stands for.
"""
