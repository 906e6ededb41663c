"""What can wait: events written in the same transaction as the change they tell of, read in order by every consumer,
each exactly once.

A common: any module may use it; it knows no module.
"""
