"""The door of the short link: raw WSGI beside Django in the same server, with a writer of its own.

A click is on disk before its redirect is answered; where the database can't be reached the answer is 503, soon.
"""
