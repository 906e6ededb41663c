"""Messages go to phones: take what is due, ask WeChat to show each, record what it said."""

from datetime import datetime

import structlog
from django.db import transaction

from tuike.db.retry import retry
from tuike.flows import outside
from tuike.gateways.types import BadCredentials, MessageDeclined, Refused, TooOften, Unreachable
from tuike.messages import service as messages
from tuike.messages.types import DueSending
from tuike.people import queries as people

log = structlog.get_logger(__name__)


def send_messages(*, now: datetime) -> int:
    """Send what is due, 50 at most, and return how many were taken (docs/rules.md §10).

    A refusal by the person (43101) forgets what they had agreed to; data that don't fit give the grant back; without an
    answer it is tried again after 1, 5 and 30 minutes.

    Raises:
        ConfigError: WeChat isn't configured; what was taken is due again after two minutes.
    """
    taken = _taken(now)
    if not taken:
        return 0
    persons = {one.person_id for one in taken}
    openids, refs = people.openids_of(persons, appid=outside.appid()), people.refs(persons)
    for one in taken:
        language = refs[one.person_id].language if one.person_id in refs else ""
        _send(one, openids.get(one.person_id, ""), english=language == "en", now=now)
    return len(taken)


@retry
def _taken(now: datetime) -> list[DueSending]:
    with transaction.atomic(durable=True):
        return messages.take_due(now=now)


def _send(one: DueSending, openid: str, *, english: bool, now: datetime) -> None:
    if not openid:
        messages.record_unfit(message_id=one.message_id, why="no openid in the mini-program", now=now)
        return
    try:
        outside.wechat().send_message(
            openid=openid,
            template_id=one.template_id,
            data=one.en if english else one.zh,
            page=one.page,
            language="en_US" if english else "zh_CN",
        )
    except MessageDeclined:
        messages.record_refused(message_id=one.message_id, now=now)
    except (Unreachable, TooOften, BadCredentials) as error:
        log.warning("message_not_sent", problem=type(error).__name__, tries=one.tries)
        messages.put_off(message_id=one.message_id, tries=one.tries, why=type(error).__name__, now=now)
    except Refused as error:
        log.warning("message_refused", code=error.provider_code, template=one.template_id)
        messages.record_unfit(message_id=one.message_id, why=error.provider_code, now=now)
    else:
        messages.record_sent(message_id=one.message_id, now=now)
