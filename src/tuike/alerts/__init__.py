"""Thresholds that parties set on figures and what became of them; reports that persons subscribed to; the mails about
both, on their way and gone.

It knows a figure by an opaque name and a party by its id: what a figure is, how it is counted and who may see it, where
somebody's address stands and what a mail says, is for others to know.
"""
