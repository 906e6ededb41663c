"""Which seats there are to be asked for, in the groups that the rows of the consoles name."""

from tuike.parties.types import Role

ANYBODY: frozenset[str] = frozenset({"anybody"})
"""Signed in or not."""
SIGNED_IN: frozenset[str] = frozenset({"signed_in"})
"""Signed in, whatever the seat: pages that belong to the person, not to a party."""

SUPER = frozenset({Role.SUPER_ADMIN})
ADMINS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
PRODUCTS = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.PRODUCT_MANAGER})
MONEY = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE})
SENDERS = frozenset({Role.SUPER_ADMIN, Role.FINANCE})
"""Seats of a shop that give its money away."""
ANY_SEAT = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.PRODUCT_MANAGER, Role.FINANCE})
"""Every seat of a merchant, promoter or leader."""

OPERATORS = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR})
FINANCE = frozenset({Role.FINANCE})
READERS = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR})
"""Every seat of the operator."""
DESK = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR, Role.FINANCE})
"""Every seat of the operator that does something: auditors only read."""

CERTIFIED = ("promoter", "merchant", "leader")
"""Kinds of party that prove who they are, and have pages for it, for their seats, money and account."""

Row = dict[str, frozenset[Role] | frozenset[str]]
