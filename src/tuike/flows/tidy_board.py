"""Posts that were seen for their time leave the board (docs/rules.md §10)."""

from datetime import datetime

from django.db import transaction

from tuike.content import service as content
from tuike.db.retry import retry


@retry
def tidy_board(*, now: datetime) -> int:
    """Close posts whose 30 days are over, and return how many."""
    with transaction.atomic(durable=True):
        return content.expire_posts(now=now)
