"""Files that a person asked for and that take a while: what is to be made, how far it is, what came of it, until when
it is kept. A common: it knows neither what is in a file nor how it is made; whoever makes one says so by its kind.
"""
