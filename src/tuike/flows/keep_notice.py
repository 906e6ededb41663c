"""A notice of WeChat Pay is verified and kept before anybody works on it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.flows import outside
from tuike.gateways.types import Notice, NoticeKind
from tuike.payments import service as payments


def keep_notice(*, headers: Mapping[str, str], body: bytes, now: datetime) -> NoticeKind:
    """Verify a notice as it came and keep it once; return what it is about. Durable when this returns.

    Its freshness is measured by the real clock. A notice that was kept before is kept: the provider may be answered.

    Raises:
        Forged: not from WeChat Pay, not for this merchant and app, or not fresh; nothing is written.
    """
    notice = outside.wechatpay().verify_notice(headers, body)
    _keep(notice, now)
    return notice.kind


@retry
def _keep(notice: Notice, now: datetime) -> None:
    with transaction.atomic(durable=True):
        payments.keep_notice(channel="wechatpay", notice=notice, now=now)
