"""What nobody needs any more is removed: old keys, ended sessions, old tries to sign in, old news."""

from datetime import datetime

from django.db import transaction

from tuike.alerts import service as alerts
from tuike.apps import service as apps
from tuike.db.retry import retry
from tuike.files import service as files
from tuike.idempotency import service as idempotency
from tuike.inbox import service as inbox
from tuike.messages import service as messages
from tuike.people import service as people
from tuike.scoring import service as scoring
from tuike.webhooks import service as webhooks


@retry
def forget_old(*, now: datetime) -> dict[str, int]:
    """Remove keys that were used, and sessions, challenges and tries that ended, more than 30 days ago; count them.

    Pictures that nothing came to use go after 7 days, logged calls too, deliveries of webhooks after 30, news under the
    bell after 180, what orders left behind for their scores, too.
    """
    with transaction.atomic(durable=True):
        return {
            "keys": idempotency.forget_old(now=now),
            "sessions": people.forget_old(now=now),
            "files": files.forget_unused(now=now),
            "calls": apps.forget_old(now=now),
            "reports": inbox.forget_old(now=now),
            "mails": alerts.forget_old(now=now),
            "news": messages.forget_old(now=now),
            "messages": messages.forget_personal(now=now),
            "webhooks": webhooks.forget_old(now=now),
            "traces": scoring.forget(now=now),
        }
