"""Leaders' activities and the contract between a shop and a leader: enrolments, what they count, cancelling, extending,
to whom the functions are open, and the curated pool.

Knows who agreed to what and until when; which rate wins and what is earned by it is others' business.
"""
