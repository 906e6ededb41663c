"""Private files of parties: pictures of documents, drawn anew, sealed on the disk, listed in the database.

A common: any module may use it; it knows no module. Who may look is for whoever uses it to say.
"""
