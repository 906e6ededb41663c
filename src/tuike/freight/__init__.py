"""What shipping costs and who carries it: freight templates of shops, the regions they speak of, carriers.

Knows neither orders nor buyers: a flow hands in what is in a checkout and where it goes.
"""
